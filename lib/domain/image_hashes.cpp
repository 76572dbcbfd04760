// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/image_hashes.hpp>

#include <algorithm>

namespace binarly {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool same_checksum(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool same_algorithm(std::string_view left, std::string_view right) noexcept {
  const auto next = [](std::string_view& text) {
    while (text.starts_with('-'))
      text.remove_prefix(1);
    const char c = text.empty() ? '\0' : lower(text.front());
    if (!text.empty()) text.remove_prefix(1);
    return c;
  };
  for (;;) {
    const char c = next(left);
    if (c != next(right)) return false;
    if (c == '\0') return left.empty() && right.empty();
  }
}

const std::string* image_hashes::find(std::string_view algorithm) const noexcept {
  const auto found = std::find_if(own.begin(), own.end(), [algorithm](const checksum& one) {
    return same_algorithm(one.algorithm, algorithm);
  });
  return found == own.end() ? nullptr : &found->value;
}

}  // namespace binarly
