// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_identity.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <random>
#include <utility>

namespace binarly::testing {
namespace {

constexpr std::size_t most_tokens = 1000;

std::string random_part(std::mt19937_64& generator, std::size_t size) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text(size, '\0');
  for (char& c : text)
    c = digits[generator() % digits.size()];
  return text;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      plain += ' ';
    } else if (text[i] != '%') {
      plain += text[i];
    } else {
      if (text.size() - i < 3) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return plain;
}

fake_answer refusal(unsigned status, std::string_view error, std::string_view description) {
  fake_answer answer;
  answer.status = status;
  answer.headers = "Cache-Control: no-store\r\n";
  answer.body = R"({"error":")" + std::string(error) + R"(","error_description":")" +
                std::string(description) + R"("})";
  return answer;
}

struct claimed_client {
  std::string id;
  std::string secret;
};

/// Out of basic credentials, whose halves are encoded as in a form (RFC 6749, section 2.3.1).
std::optional<claimed_client> from_basic(std::string_view authorization) {
  constexpr std::string_view scheme = "Basic ";
  if (!authorization.starts_with(scheme)) return std::nullopt;
  const std::string_view text = authorization.substr(scheme.size());
  if (text.empty() || text.size() % 4 != 0 || text.size() > 16 * 1024) return std::nullopt;
  std::string pair(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(pair.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  pair.resize(static_cast<std::size_t>(size) - (text.ends_with("==") ? 2 : text.ends_with('=')));
  const auto colon = pair.find(':');
  if (colon == std::string::npos) return std::nullopt;
  auto id = decoded(std::string_view(pair).substr(0, colon));
  auto secret = decoded(std::string_view(pair).substr(colon + 1));
  if (!id || !secret) return std::nullopt;
  return claimed_client{std::move(*id), std::move(*secret)};
}

}  // namespace

std::string token_register::issue() {
  const std::lock_guard lock(mutex_);
  std::mt19937_64 generator(seed_ ^ (0x9e3779b97f4a7c15U * ++issued_));
  entry fresh;
  // As long as the platform's own, and of the same letters.
  fresh.token = "fake" + std::to_string(issued_) + random_part(generator, 32) + '.' +
                random_part(generator, 600) + '.' + random_part(generator, 342);
  fresh.until = std::chrono::steady_clock::now() + lifetime_;
  if (entries_.size() == most_tokens) entries_.pop_front();
  entries_.push_back(fresh);
  return fresh.token;
}

bool token_register::accept(std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(entries_, [&](const entry& each) { return each.token == token; });
  if (found == entries_.end() || std::chrono::steady_clock::now() >= found->until) return false;
  return uses_ == 0 || found->used++ < uses_;
}

void token_register::revoke_all() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

std::uint64_t token_register::issued() const {
  const std::lock_guard lock(mutex_);
  return issued_;
}

std::optional<std::map<std::string, std::string, std::less<>>> parse_form(std::string_view text) {
  std::map<std::string, std::string, std::less<>> fields;
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    const auto equals = field.find('=');
    auto name = decoded(field.substr(0, equals));
    auto value = decoded(equals == std::string_view::npos ? "" : field.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    if (!fields.emplace(std::move(*name), std::move(*value)).second) return std::nullopt;
  }
  return fields;
}

fake_answer answer_token_request(const fake_identity& identity, const fake_request& request,
                                 token_register& tokens) {
  if (request.method != fake_method::post) {
    auto answer = refusal(405, "invalid_request", "only POST is understood here");
    answer.headers += "Allow: POST\r\n";
    return answer;
  }
  constexpr std::string_view form_type = "application/x-www-form-urlencoded";
  if (!request.content_type.starts_with(form_type)) {
    return refusal(415, "invalid_request", "the request is no form");
  }
  const auto form = parse_form(request.body);
  if (!form) return refusal(400, "invalid_request", "the form is malformed");
  const auto field = [&form](std::string_view name) -> std::string {
    const auto found = form->find(name);
    return found == form->end() ? "" : found->second;
  };
  const bool basic = !request.authorization.empty();
  claimed_client who{field("client_id"), field("client_secret")};
  if (basic) who = from_basic(request.authorization).value_or(claimed_client());
  if (who.id != identity.client_id || who.secret != identity.client_secret) {
    auto answer = refusal(401, "invalid_client", "Invalid client or Invalid client credentials");
    if (basic) answer.headers += "WWW-Authenticate: Basic realm=\"fake\"\r\n";
    return answer;
  }
  if (field("grant_type") != "client_credentials") {
    return refusal(400, "unsupported_grant_type", "only client_credentials are known here");
  }
  if (field("scope") != identity.scope) return refusal(400, "invalid_scope", "another scope");
  if (field("audience") != identity.audience) {
    return refusal(400, "invalid_request", "another audience");
  }
  fake_answer answer;
  answer.headers = "Cache-Control: no-store\r\n";
  answer.body = R"({"access_token":")" + tokens.issue() + R"(","token_type":"Bearer")";
  if (identity.token_lifetime.count() > 0) {
    answer.body += R"(,"expires_in":)" + std::to_string(identity.token_lifetime.count());
  }
  answer.body += '}';
  return answer;
}

}  // namespace binarly::testing
