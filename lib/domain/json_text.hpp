// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_JSON_TEXT_HPP
#define BINARLY_DOMAIN_JSON_TEXT_HPP

#include <string>
#include <string_view>

namespace binarly::domain {

/// May stand before a JSON text, and says nothing (RFC 8259, section 8.1).
inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// The text behind its byte order mark, if it has one.
[[nodiscard]] constexpr std::string_view without_byte_order_mark(std::string_view text) noexcept {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

/// Appends what must stand between what `json` ends with and a further key or value: a comma or
/// nothing.
void append_json_separator(std::string& json);

/// Appends `text` as a JSON string, escaping no more than JSON demands.
void append_json_string(std::string& json, std::string_view text);

}  // namespace binarly::domain

#endif
