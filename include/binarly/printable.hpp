// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_PRINTABLE_HPP
#define BINARLY_PRINTABLE_HPP

#include <binarly/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace binarly {

/// Text from outside, such as an image's name, as one line that a terminal can show and a person
/// can tell from others that look alike.
///
/// What cannot be seen becomes `\xHH` for each of its bytes: control characters; marks that change
/// the direction of writing; characters without a width, such as the zero width space and a byte
/// order mark; blanks other than the space, such as the no-break space; line and paragraph
/// separators; bytes that are not UTF-8 (RFC 3629). So the escape of a text is found in a hexdump
/// of it. All else stays as it is, a backslash included.
///
/// What would exceed `limit` bytes is cut off at the boundary of a character or an escape, and an
/// ellipsis is put in its place. The work is bounded by `limit`, whatever the text's size. Safe to
/// call from any thread.
[[nodiscard]] BINARLY_IMAGES_DECL std::string printable(std::string_view text,
                                                        std::size_t limit = 200);

}  // namespace binarly

#endif
