// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_PRINTABLE_HPP
#define BINARLY_DOMAIN_PRINTABLE_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace binarly::domain {

/// Hostile text as one line that a terminal can show.
///
/// Control characters (C0, DEL, C1), bidirectional controls, line and paragraph separators and
/// bytes that are not UTF-8 are escaped, as `\xNN` or `\u{NNNN}`. What would exceed `limit` bytes
/// is cut off at the boundary of a character or an escape, and an ellipsis is put in its place. The
/// work is bounded by `limit`, whatever the text's size.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit);

/// A shorter token guards nothing, and is found in ordinary words.
inline constexpr std::size_t shortest_secret = 6;

/// The text with each occurrence of `secret` struck out: servers have been seen to echo requests.
/// To be called before the text is cut, or a part of the secret might stay. A secret shorter than
/// `shortest_secret` is left alone.
[[nodiscard]] std::string without_secret(std::string_view text, std::string_view secret);

}  // namespace binarly::domain

#endif
