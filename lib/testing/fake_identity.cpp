// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_identity.hpp"

#include "testing/fake_catalogue.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

namespace binarly::testing {
namespace {

constexpr std::string_view token_start = "fake-token-";
// What an RS256 JWT of about 1 kB has: claims, and a signature of 256 bytes.
constexpr std::size_t claims_size = 640;
constexpr std::size_t signature_size = 342;

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// `lower` is in lower case.
bool same_word(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, lowered);
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

std::optional<unsigned> hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lowered(c) >= 'a' && lowered(c) <= 'f') return lowered(c) - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> form_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c <= ' ' || c >= 0x7f) return std::nullopt;
    if (c == '%') {
      if (text.size() - at < 3) return std::nullopt;
      const auto high = hex_value(text[at + 1]);
      const auto low = hex_value(text[at + 2]);
      if (!high || !low) return std::nullopt;
      plain += static_cast<char>(*high << 4U | *low);
      at += 2;
    } else {
      plain += c == '+' ? ' ' : c;
    }
  }
  return plain;
}

std::optional<std::uint32_t> base64_value(char c) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t at = alphabet.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(at);
}

/// Padded, and without bits that say nothing (RFC 4648, section 3.5).
std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
    text.remove_suffix(1);
  std::string plain;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto value = base64_value(c);
    if (!value) return std::nullopt;
    bits = bits << 6U | *value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    plain += static_cast<char>(bits >> held);
    bits &= (1U << held) - 1;
  }
  if (bits != 0) return std::nullopt;
  return plain;
}

void append_letters(std::string& out, std::uint64_t seed, std::size_t count) {
  constexpr std::string_view base64url =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::size_t letters_of_64_bits = 10;
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at < count; ++at, bits >>= 6U) {
    if (at % letters_of_64_bits == 0) bits = mixed(seed + at);
    out += base64url[bits & 63U];
  }
}

std::string token_of(std::uint64_t seed, std::uint64_t number) {
  std::string token(token_start);
  token += std::to_string(number);
  const std::uint64_t base = mixed(mixed(seed ^ 0x70ce'f4ceU) + number);
  token += '.';
  append_letters(token, base, claims_size);
  token += '.';
  append_letters(token, mixed(base), signature_size);
  return token;
}

/// 0, which none has, when that cannot be seen.
std::uint64_t number_of(std::string_view token) {
  if (!token.starts_with(token_start)) return 0;
  token.remove_prefix(token_start.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  return error == std::errc() ? number : 0;
}

}  // namespace

std::optional<form_fields> parse_form(std::string_view text) {
  form_fields fields;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    if (item.empty()) continue;
    const std::size_t name_size = std::min(item.find('='), item.size());
    auto name = form_decoded(item.substr(0, name_size));
    auto value = form_decoded(item.substr(std::min(name_size + 1, item.size())));
    if (!name || !value) return std::nullopt;
    if (!fields.emplace(*std::move(name), *std::move(value)).second) return std::nullopt;
  }
  std::erase_if(fields, [](const auto& field) { return field.second.empty(); });
  return fields;
}

bool is_form(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return same_word(trimmed(type), "application/x-www-form-urlencoded");
}

std::optional<basic_credentials> parse_basic(std::string_view authorization, basic_coding coding) {
  constexpr std::string_view scheme = "basic ";
  if (!same_word(authorization.substr(0, scheme.size()), scheme)) return std::nullopt;
  const auto pair = base64_decoded(trimmed(authorization.substr(scheme.size())));
  if (!pair) return std::nullopt;
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  if (coding == basic_coding::none) {
    return basic_credentials{pair->substr(0, colon), pair->substr(colon + 1)};
  }
  auto id = form_decoded(std::string_view(*pair).substr(0, colon));
  auto secret = form_decoded(std::string_view(*pair).substr(colon + 1));
  if (!id || !secret) return std::nullopt;
  return basic_credentials{*std::move(id), *std::move(secret)};
}

std::string token_register::issue(time_point now) { return issue(now, false); }

std::string token_register::issue_useless(time_point now) { return issue(now, true); }

std::string token_register::issue(time_point now, bool useless) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    // All live equally long, so the oldest expire first.
    while (!lives_.empty() && lives_.front().end <= now)
      lives_.pop_front();
    const bool expires = lifetime_ > std::chrono::seconds::zero();
    lives_.push_back({expires ? now + lifetime_ : time_point::max(), 0, useless});
    number = ++issued_;
  }
  return token_of(seed_, number);
}

std::optional<std::size_t> token_register::find(std::string_view token) const {
  const std::uint64_t number = number_of(token);
  if (number == 0 || number > issued_ || issued_ - number >= lives_.size()) return std::nullopt;
  if (token != token_of(seed_, number)) return std::nullopt;
  return lives_.size() - 1 - static_cast<std::size_t>(issued_ - number);
}

bool token_register::accept(std::string_view token, time_point now) {
  const std::lock_guard lock(mutex_);
  const auto at = find(token);
  life* const one = at ? &lives_[*at] : nullptr;
  if (one == nullptr || one->useless || one->end <= now ||
      (uses_per_token_ != 0 && one->uses == uses_per_token_)) {
    return false;
  }
  ++one->uses;
  return true;
}

bool token_register::is_useless(std::string_view token) const {
  const std::lock_guard lock(mutex_);
  const auto at = find(token);
  return at && lives_[*at].useless;
}

void token_register::revoke_all() {
  const std::lock_guard lock(mutex_);
  lives_.clear();
}

std::uint64_t token_register::issued() const {
  const std::lock_guard lock(mutex_);
  return issued_;
}

}  // namespace binarly::testing
