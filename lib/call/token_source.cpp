// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/token_source.hpp"

#include <binarly/credentials.hpp>
#include <binarly/failure.hpp>

#include <cstddef>
#include <utility>

namespace binarly {
namespace {

constexpr std::size_t longest_token = 16 * 1024;

/// The characters of RFC 6750's b64token, its closing `=` signs included.
bool token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

void wipe(std::string& secret) noexcept {
  volatile char* const bytes = secret.data();
  // Up to the capacity: a longer secret may have stood there before.
  for (std::size_t i = 0; i < secret.capacity(); ++i)
    bytes[i] = '\0';
}

[[noreturn]] void refuse(std::string& secret, const char* reason) {
  wipe(secret);
  throw failure_error(failure(errc::invalid_argument, std::string("the token ") + reason));
}

}  // namespace

namespace detail {

token_source::token_source(std::string token) noexcept : token_(std::move(token)) {}

token_source::~token_source() { wipe(token_); }

}  // namespace detail

credentials::credentials() noexcept = default;

credentials credentials::bearer(std::string token) {
  constexpr std::string_view space = " \t\r\n";
  token.erase(token.find_last_not_of(space) + 1);
  token.erase(0, token.find_first_not_of(space));
  if (token.empty()) refuse(token, "is empty");
  if (token.size() > longest_token) refuse(token, "is longer than 16 KiB");
  for (const char c : token) {
    if (!token_character(c)) refuse(token, "holds a character that no bearer token has");
  }
  credentials made;
  made.source_ = std::make_shared<const detail::token_source>(std::move(token));
  return made;
}

}  // namespace binarly
