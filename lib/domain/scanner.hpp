// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SCANNER_HPP
#define BINARLY_DOMAIN_SCANNER_HPP

#include <optional>
#include <string_view>

namespace binarly::domain {

/// Takes a text apart from its front. What does not match is left where it is.
class scanner {
 public:
  explicit scanner(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  /// Skips `text`, if it comes next.
  [[nodiscard]] bool literal(std::string_view text) noexcept {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  /// Skips one character, if it is one of `choices`, and returns it.
  [[nodiscard]] std::optional<char> one_of(std::string_view choices) noexcept {
    if (rest_.empty() || choices.find(rest_.front()) == choices.npos) return std::nullopt;
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }

  /// Reads exactly `count` decimal digits; at most 9.
  [[nodiscard]] std::optional<int> digits(std::size_t count) noexcept {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view rest_;
};

}  // namespace binarly::domain

#endif
