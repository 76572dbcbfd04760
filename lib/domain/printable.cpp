// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

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

struct range {
  std::uint32_t first;
  std::uint32_t last;
};

/// What is not seen, or seen as a space: the general categories Cc, Zl, Zp and Zs without the
/// space, and what is Default_Ignorable_Code_Point or else has no shape of its own (Unicode 15).
constexpr std::array<range, 24> unseen{
    range{0x0000, 0x001f},   range{0x007f, 0x00a0},   range{0x00ad, 0x00ad},
    range{0x034f, 0x034f},   range{0x061c, 0x061c},   range{0x115f, 0x1160},
    range{0x1680, 0x1680},   range{0x17b4, 0x17b5},   range{0x180b, 0x180f},
    range{0x2000, 0x200f},   range{0x2028, 0x202f},   range{0x205f, 0x206f},
    range{0x2800, 0x2800},   range{0x3000, 0x3000},   range{0x3164, 0x3164},
    range{0xfe00, 0xfe0f},   range{0xfeff, 0xfeff},   range{0xffa0, 0xffa0},
    range{0xfff0, 0xfffb},   range{0x13430, 0x1345f}, range{0x16fe4, 0x16fe4},
    range{0x1bca0, 0x1bca3}, range{0x1d173, 0x1d17a}, range{0xe0000, 0xe0fff}};

bool is_unseen(std::uint32_t point) noexcept {
  if (point >= 0x20 && point < 0x7f) return false;
  const auto* const found =
      std::upper_bound(unseen.begin(), unseen.end(), point,
                       [](std::uint32_t value, const range& each) { return value < each.first; });
  return found != unseen.begin() && point <= std::prev(found)->last;
}

std::string escaped(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
  }
  return text;
}

}  // namespace

std::string without_cut_secret(std::string_view text, std::string_view secret) {
  std::string clean = without_secret(text, secret);
  constexpr std::string_view mark = "\u2026";
  if (!clean.ends_with(mark)) return clean;
  const std::size_t end = clean.size() - mark.size();
  const std::string_view kept(clean.data(), end);
  for (std::size_t size = std::min(secret.size(), end); size >= shortest_secret; --size) {
    if (!kept.ends_with(secret.substr(0, size))) continue;
    clean.replace(end - size, size, "[secret]");
    break;
  }
  return clean;
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

namespace binarly {

std::string printable(std::string_view text, std::size_t limit) {
  std::string line;
  while (!text.empty()) {
    const auto next = domain::first_character(text);
    const auto piece = text.substr(0, next.size == 0 ? 1 : next.size);
    const bool hidden = next.size == 0 || domain::is_unseen(next.point);
    const std::string escape = hidden ? domain::escaped(piece) : std::string();
    const std::string_view shown = hidden ? escape : piece;
    if (shown.size() > limit - line.size()) return line += "\u2026";
    line += shown;
    text.remove_prefix(piece.size());
  }
  return line;
}

}  // namespace binarly
