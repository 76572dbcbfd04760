// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/ulid_note.hpp"

#include <binarly/image.hpp>

#include <algorithm>
#include <cstddef>

namespace binarly::tools {

namespace {

constexpr std::size_t ulid_size = 26;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Of Crockford's base 32, which leaves out four letters.
constexpr std::string_view left_out = "ILOUilou";

}  // namespace

std::string ulid_note(std::string_view id) {
  if (!std::ranges::all_of(id, is_letter_or_digit) || is_ulid(id)) return {};
  const auto odd = id.find_first_of(left_out);
  if (id.size() + 1 == ulid_size || id.size() == ulid_size + 1) {
    // With such a letter in it, it is more likely an id of another kind.
    if (odd != id.npos) return {};
    return "has " + std::to_string(id.size()) + " characters, where a ULID has 26";
  }
  if (id.size() != ulid_size) return {};
  if (odd != id.npos) {
    return std::string("has the letter ") + id[odd] + " as character " + std::to_string(odd + 1) +
           ", which no ULID has";
  }
  return std::string("begins with ") + id.front() + ", where a ULID begins with 0 to 7";
}

}  // namespace binarly::tools
