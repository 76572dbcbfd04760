// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_LENIENT_FRAMING_HPP
#define BINARLY_HTTPS_LENIENT_FRAMING_HPP

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace binarly::https {

/// The line with the next chunk's size (RFC 9112, section 7.1), at the front of what was received.
struct chunk_size_line {
  bool whole = false;   ///< its end has come
  bool broken = false;  ///< it ends with LF alone
  /// Before the blanks between the size and the line's end, which some servers pad it with. Beast
  /// does not take them, and curl does.
  std::size_t padded_from = 0;
  std::size_t padding = 0;
};

/// Blanks anywhere else are left for Beast to refuse.
[[nodiscard]] inline chunk_size_line look_at_chunk_size(std::string_view received) noexcept {
  chunk_size_line seen;
  // The end of the chunk before.
  const std::size_t begin = received.starts_with("\r\n") ? 2 : 0;
  const std::size_t end = received.find('\n', begin);
  if (end == received.npos) return seen;
  seen.whole = true;
  seen.broken = end == begin || received[end - 1] != '\r';
  if (seen.broken) return seen;
  const std::string_view line = received.substr(begin, end - 1 - begin);
  const std::string_view size = line.substr(0, line.find_last_not_of(" \t") + 1);
  const bool hexadecimal = std::all_of(size.begin(), size.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
  if (!hexadecimal || size.empty()) return seen;
  seen.padded_from = begin + size.size();
  seen.padding = line.size() - size.size();
  return seen;
}

/// What is wrong with the lines of a head; empty where nothing is. Lines that end with LF alone,
/// and fields that go on in the next line (obs-fold, RFC 9112, section 5.2), which curl takes, are
/// refused: what stands between us and the server may read them otherwise. `received` begins at the
/// start of a line, and may hold more than the head.
[[nodiscard]] inline std::string_view complaint_about_head(std::string_view received) noexcept {
  if (received.starts_with("\r\n")) return {};  // the head's end
  for (auto at = received.find('\n'); at != received.npos; at = received.find('\n', at + 1)) {
    if (at == 0 || received[at - 1] != '\r') return "a line of its head ends without CR";
    const std::string_view next = received.substr(at + 1, 2);
    if (next.starts_with(' ') || next.starts_with('\t')) {
      return "a field of its head goes on in the next line";
    }
    if (next == "\r\n") break;
  }
  return {};
}

}  // namespace binarly::https

#endif
