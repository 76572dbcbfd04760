// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_NAMES_HPP
#define BINARLY_LIB_TESTING_NAMES_HPP

#include <binarly/failure.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::testing {

/// For a message: bounded, and without what could disturb a terminal.
inline std::string quoted(std::string_view word) {
  std::string text = "\"";
  for (const char c : word.substr(0, 40))
    text += c >= ' ' && c < 0x7f ? c : '?';
  text += word.size() > 40 ? "…\"" : "\"";
  return text;
}

/// The value's name, where the names stand in the order of the enumerators.
template <class Enum, std::size_t N>
std::string_view name_in(const std::array<std::string_view, N>& names, Enum value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? names[index] : "?";
}

/// The value of that name; the failure says what is named so, and which names there are.
template <class Enum, std::size_t N>
result<Enum> value_in(const std::array<std::string_view, N>& names, std::string_view what,
                      std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found != names.end()) return static_cast<Enum>(std::distance(names.begin(), found));
  std::string reason(what);
  reason += ": " + quoted(text) + " is none of ";
  for (const std::string_view name : names) {
    reason += name;
    if (name.data() != names.back().data()) reason += ", ";
  }
  return failure(errc::invalid_argument, std::move(reason));
}

}  // namespace binarly::testing

#endif
