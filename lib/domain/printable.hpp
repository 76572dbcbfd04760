// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_PRINTABLE_HPP
#define BINARLY_DOMAIN_PRINTABLE_HPP

#include <binarly/printable.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace binarly::domain {

using binarly::printable;

/// A shorter token guards nothing, and is found in ordinary words.
inline constexpr std::size_t shortest_secret = 6;

/// The text with each occurrence of `secret` struck out: servers have been seen to echo requests.
/// To be called before the text is cut, or a part of the secret might stay. A secret shorter than
/// `shortest_secret` is left alone.
[[nodiscard]] std::string without_secret(std::string_view text, std::string_view secret);

/// The same for a text that was cut already: what it ends with may be the beginning of `secret`.
[[nodiscard]] std::string without_cut_secret(std::string_view text, std::string_view secret);

}  // namespace binarly::domain

#endif
