// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/image_hashes.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

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

checksum_check image_hashes::check(std::string_view algorithm, std::string_view expected) const {
  checksum_check made;
  std::size_t values = 0;
  bool agrees = false;
  for (const auto& one : own) {
    if (!same_algorithm(one.algorithm, algorithm)) continue;
    if (values++ != 0) made.found += ", ";
    made.found += one.value;
    agrees = agrees || same_checksum(one.value, expected);
  }
  if (values != 0) {
    made.outcome = agrees ? checksum_agreement::agrees : checksum_agreement::differs;
    if (agrees && values > 1) {
      made.note =
          "the report states " + std::to_string(values) + " values, and this is one of them";
    }
    return made;
  }
  for (const auto& flaw : own_flaws) {
    if (!flaw.algorithm.empty() && !same_algorithm(flaw.algorithm, algorithm)) continue;
    made.outcome = checksum_agreement::untold;
    if (!made.note.empty()) made.note += "; ";
    made.note += flaw.reason;
  }
  return made;
}

}  // namespace binarly
