// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_STATUS_LINE_HPP
#define BINARLY_CONNECT_STATUS_LINE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace binarly::connect {

/// A status line without a reason, and without the blank that RFC 9112, section 4 wants before it
/// all the same: "HTTP/1.1 200" and CRLF. Servers send it and curl takes it; Beast does not.
enum class bare_status_line {
  no,         ///< it is another line, or none
  need_more,  ///< so far it looks like one
  yes,        ///< it is one, of `bare_status_size` bytes
};

inline constexpr std::size_t bare_status_size = 14;

/// Looks at the first bytes of an answer.
[[nodiscard]] inline bare_status_line look_for_bare_status(std::string_view begin) noexcept {
  constexpr std::string_view pattern = "HTTP/1.d ddd\r\n";
  static_assert(pattern.size() == bare_status_size);
  const auto fits = [](char seen, char wanted) {
    return wanted == 'd' ? seen >= '0' && seen <= '9' : seen == wanted;
  };
  const auto size = std::min(begin.size(), pattern.size());
  if (!std::equal(begin.begin(), begin.begin() + static_cast<std::ptrdiff_t>(size), pattern.begin(),
                  fits)) {
    return bare_status_line::no;
  }
  return size < pattern.size() ? bare_status_line::need_more : bare_status_line::yes;
}

/// The same line with its blank.
[[nodiscard]] inline std::array<char, bare_status_size + 1> with_blank(
    std::string_view bare_line) noexcept {
  std::array<char, bare_status_size + 1> line{};
  const auto rest = std::copy_n(bare_line.begin(), bare_status_size - 2, line.begin());
  constexpr std::string_view end = " \r\n";
  std::copy(end.begin(), end.end(), rest);
  return line;
}

}  // namespace binarly::connect

#endif
