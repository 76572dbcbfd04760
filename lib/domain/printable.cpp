// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/printable.hpp"

#include <array>
#include <cstdint>

namespace binarly::domain {

namespace {

struct character {
  std::uint32_t point = 0;
  std::size_t size = 0;  // 0: no UTF-8
};

/// The first character of `text`, which is not empty, by table 3-7 of the Unicode standard: neither
/// overlong forms nor surrogates.
character first_character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc0 || lead > 0xf7 || text.size() < size) return {};
  std::uint32_t point = lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0u) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return {};
  return {point, size};
}

bool is_unsafe(std::uint32_t point) noexcept {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x061c || point == 0x200e ||
         point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
         (point >= 0x2066 && point <= 0x2069);
}

std::string hexadecimal(std::uint32_t value, int digits) {
  std::string text;
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    text += "0123456789abcdef"[value >> shift & 0xfu];
  }
  return text;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string line;
  while (!text.empty()) {
    const character next = first_character(text);
    const std::size_t size = next.size == 0 ? 1 : next.size;
    std::string escape;
    if (next.size == 0) {
      escape = "\\x" + hexadecimal(static_cast<unsigned char>(text.front()), 2);
    } else if (is_unsafe(next.point)) {
      escape = next.point < 0x80 ? "\\x" + hexadecimal(next.point, 2)
                                 : "\\u{" + hexadecimal(next.point, 4) + "}";
    }
    const std::string_view shown = escape.empty() ? text.substr(0, size) : escape;
    if (shown.size() > limit - line.size()) return line += "\u2026";
    line += shown;
    text.remove_prefix(size);
  }
  return line;
}

std::string without_secret(std::string_view text, std::string_view secret) {
  if (secret.size() < shortest_secret) return std::string(text);
  std::string clean;
  for (auto at = text.find(secret); at != text.npos; at = text.find(secret)) {
    clean += text.substr(0, at);
    clean += "[secret]";
    text.remove_prefix(at + secret.size());
  }
  return clean += text;
}

}  // namespace binarly::domain
