// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_MARKUP_HPP
#define BINARLY_TOOLS_OUTPUTS_MARKUP_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace binarly::tools {

/// Text from outside, fit for the text and the quoted attributes of XML 1.0 and HTML: what they
/// give a meaning to is escaped, controls and malformed bytes become `\xHH`, characters that XML
/// forbids U+FFFD. It is cut off behind an ellipsis beyond `limit` bytes, escapes not counted.
[[nodiscard]] std::string markup(std::string_view text, std::size_t limit = 1000);

}  // namespace binarly::tools

#endif
