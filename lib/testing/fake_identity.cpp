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

constexpr std::string_view no_store = "Cache-Control: no-store\r\nPragma: no-cache\r\n";

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

fake_answer refusal(unsigned status, std::string_view error, std::string_view description) {
  fake_answer answer;
  answer.status = status;
  answer.headers = no_store;
  answer.body = oauth_error(error, description);
  return answer;
}

std::string_view value_of(const form_fields& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string_view() : found->second;
}

bool is_form(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return same_word(trimmed(type), "application/x-www-form-urlencoded");
}

/// Nothing when the client is who it says.
std::optional<fake_answer> refused_client(const fake_identity& identity, const form_fields& form,
                                          std::string_view authorization) {
  std::string_view id = value_of(form, "client_id");
  std::string_view secret = value_of(form, "client_secret");
  const bool in_head = !authorization.empty();
  const auto basic = parse_basic(authorization);
  if (basic) {
    // One way at a time (RFC 6749, section 2.3); the id alone may stand in the form, too.
    if (!secret.empty() || (!id.empty() && id != basic->id)) {
      return refusal(400, "invalid_request", "the client authenticates in two ways");
    }
    id = basic->id;
    secret = basic->secret;
  }
  const bool readable = basic || !in_head;
  if (readable && id == identity.client_id && secret == identity.client_secret) {
    return std::nullopt;
  }
  fake_answer answer =
      refusal(401, "invalid_client", "Invalid client or Invalid client credentials");
  if (in_head) answer.headers += "WWW-Authenticate: Basic realm=\"BinarlyRealm\"\r\n";
  return answer;
}

}  // namespace

const char* trouble_with(const fake_identity& identity) noexcept {
  using namespace std::chrono_literals;
  if (identity.client_id.empty() != identity.client_secret.empty()) {
    return "identity: client_id and client_secret go together";
  }
  if (identity.token_lifetime < 0s || identity.token_lifetime > std::chrono::years(1)) {
    return "identity: token_lifetime is from 0 to a year";
  }
  return nullptr;
}

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

std::optional<basic_credentials> parse_basic(std::string_view authorization) {
  constexpr std::string_view scheme = "basic ";
  if (!same_word(authorization.substr(0, scheme.size()), scheme)) return std::nullopt;
  const auto pair = base64_decoded(trimmed(authorization.substr(scheme.size())));
  if (!pair) return std::nullopt;
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  auto id = form_decoded(std::string_view(*pair).substr(0, colon));
  auto secret = form_decoded(std::string_view(*pair).substr(colon + 1));
  if (!id || !secret) return std::nullopt;
  return basic_credentials{*std::move(id), *std::move(secret)};
}

std::string token_register::issue(time_point now) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    // All live equally long, so the oldest expire first.
    while (!lives_.empty() && lives_.front().end <= now)
      lives_.pop_front();
    const bool expires = lifetime_ > std::chrono::seconds::zero();
    lives_.push_back({expires ? now + lifetime_ : time_point::max(), 0});
    number = ++issued_;
  }
  return token_of(seed_, number);
}

bool token_register::accept(std::string_view token, time_point now) {
  const std::uint64_t number = number_of(token);
  if (number == 0 || token != token_of(seed_, number)) return false;
  const std::lock_guard lock(mutex_);
  if (number > issued_ || issued_ - number >= lives_.size()) return false;
  life& one = lives_[lives_.size() - 1 - static_cast<std::size_t>(issued_ - number)];
  if (one.end <= now || (uses_per_token_ != 0 && one.uses == uses_per_token_)) return false;
  ++one.uses;
  return true;
}

void token_register::revoke_all() {
  const std::lock_guard lock(mutex_);
  lives_.clear();
}

std::uint64_t token_register::issued() const {
  const std::lock_guard lock(mutex_);
  return issued_;
}

std::string oauth_error(std::string_view error, std::string_view description) {
  std::string body = R"({"error":")";
  body += error;
  body += R"(","error_description":")";
  body += description;
  body += R"("})";
  return body;
}

fake_answer answer_token_request(const fake_identity& identity, const fake_request& request,
                                 token_register& tokens) {
  if (request.method != fake_method::post) {
    fake_answer answer = refusal(405, "invalid_request", "only POST is understood here");
    answer.headers += "Allow: POST\r\n";
    return answer;
  }
  if (!is_form(request.content_type)) {
    return refusal(415, "invalid_request", "the request is no form");
  }
  const auto form = parse_form(request.body);
  if (!form) {
    return refusal(400, "invalid_request", "the form is malformed or has a parameter twice");
  }
  const std::string_view grant = value_of(*form, "grant_type");
  if (grant.empty()) return refusal(400, "invalid_request", "grant_type is missing");
  if (grant != "client_credentials") {
    return refusal(400, "unsupported_grant_type", "only client_credentials is known here");
  }
  if (auto refused = refused_client(identity, *form, request.authorization)) {
    return *std::move(refused);
  }
  if (!identity.scope.empty() && value_of(*form, "scope") != identity.scope) {
    return refusal(400, "invalid_scope", "not the scope to ask for");
  }
  if (!identity.audience.empty() && value_of(*form, "audience") != identity.audience) {
    return refusal(400, "invalid_request", "not the audience to ask for");
  }
  fake_answer answer;
  answer.headers = no_store;
  answer.body = R"({"access_token":")" + tokens.issue() + R"(","token_type":"Bearer")";
  if (identity.token_lifetime > std::chrono::seconds::zero()) {
    answer.body += R"(,"expires_in":)" + std::to_string(identity.token_lifetime.count());
  }
  answer.body += '}';
  return answer;
}

}  // namespace binarly::testing
