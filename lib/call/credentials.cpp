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
  constexpr const char* some_text = "must be from 1 to 1024 bytes without control characters";
  constexpr const char* less_text = "must be at most 1024 bytes without control characters";
  require(!options.client_id.empty() && plain(options.client_id), "client_id", some_text);
  require(!options.client_secret.empty() && plain(options.client_secret.reveal()), "client_secret",
          some_text);
  require(plain(options.scope), "scope", less_text);
  require(plain(options.audience), "audience", less_text);
  return credentials(std::make_shared<const detail::token_origin>(std::move(options)));
}

credentials credentials::provided_by(token_provider provider) {
  require(static_cast<bool>(provider), "provided_by", "needs a function");
  return credentials(std::make_shared<const detail::token_origin>(std::move(provider)));
}

}  // namespace binarly
