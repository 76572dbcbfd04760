// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/bearer.hpp"
#include "call/token_origin.hpp"

#include <binarly/credentials.hpp>
#include <binarly/failure.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace binarly {
namespace {

constexpr std::size_t longest_field = 1024;

void require(bool good, const char* option, const char* bounds) {
  if (!good) {
    throw failure_error(
        failure(errc::invalid_argument, std::string("auth.") + option + ' ' + bounds));
  }
}

bool plain(std::string_view text) {
  return text.size() <= longest_field && std::none_of(text.begin(), text.end(), [](char c) {
           return (c >= '\0' && c < ' ') || c == '\x7f';
         });
}

void require_some(std::string_view text, const char* option) {
  require(!text.empty() && plain(text), option,
          "must be from 1 to 1024 bytes without control characters");
}

/// What all grants have in common.
void check(const identity_options& options) {
  constexpr const char* less_text = "must be at most 1024 bytes without control characters";
  require_some(options.client_id, "client_id");
  require(plain(options.client_secret.reveal()), "client_secret", less_text);
  require(plain(options.scope), "scope", less_text);
  require(plain(options.audience), "audience", less_text);
}

}  // namespace

credentials::credentials() noexcept = default;

credentials::credentials(std::shared_ptr<const detail::token_origin> origin) noexcept
    : origin_(std::move(origin)) {}

credentials credentials::bearer(secret token) {
  auto usable = call::usable_bearer(token);
  if (!usable) throw failure_error(usable.error());
  return credentials(std::make_shared<const detail::token_origin>(std::move(*usable)));
}

credentials credentials::token_file(std::string path) {
  require(!path.empty(), "token_file", "needs a path");
  return credentials(
      std::make_shared<const detail::token_origin>(detail::token_origin::file{std::move(path)}));
}

credentials credentials::client_credentials(client_credentials_options options) {
  check(options);
  require_some(options.client_secret.reveal(), "client_secret");
  return credentials(std::make_shared<const detail::token_origin>(std::move(options)));
}

credentials credentials::password(password_options options) {
  check(options);
  require_some(options.username, "username");
  require_some(options.password.reveal(), "password");
  return credentials(std::make_shared<const detail::token_origin>(std::move(options)));
}

credentials credentials::provided_by(token_provider provider) {
  require(static_cast<bool>(provider), "provided_by", "needs a function");
  return credentials(std::make_shared<const detail::token_origin>(std::move(provider)));
}

}  // namespace binarly
