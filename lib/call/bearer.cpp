// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/bearer.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace binarly::call {
namespace {

constexpr std::size_t longest_token = 16 * 1024;

/// The characters of RFC 6750's b64token, its closing `=` signs included.
bool token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

failure refuse(const char* reason) {
  return failure(errc::invalid_argument, std::string("the token ") + reason);
}

}  // namespace

result<secret> usable_bearer(const secret& token) {
  constexpr std::string_view space = " \t\r\n";
  std::string_view text = token.reveal();
  text.remove_suffix(text.size() - (text.find_last_not_of(space) + 1));
  text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  if (text.empty()) return refuse("is empty");
  if (text.size() > longest_token) return refuse("is longer than 16 KiB");
  if (!std::all_of(text.begin(), text.end(), token_character)) {
    return refuse("holds a character that no bearer token has");
  }
  return secret(std::string(text));
}

}  // namespace binarly::call
