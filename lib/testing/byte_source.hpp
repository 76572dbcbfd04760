// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_BYTE_SOURCE_HPP
#define BINARLY_LIB_TESTING_BYTE_SOURCE_HPP

#include <memory>
#include <string>
#include <string_view>

namespace binarly::testing {

/// Bytes that are made when they are sent.
class byte_source {
 public:
  virtual ~byte_source() = default;
  /// Appends the next ones, at least one; false, and none, when there are no more.
  virtual bool next(std::string& out) = 0;
};

/// UTF-8's.
inline constexpr std::string_view utf8_mark = "\xef\xbb\xbf";

/// The mark, then the bytes of another source.
[[nodiscard]] std::unique_ptr<byte_source> after_mark(std::unique_ptr<byte_source> plain);

/// The bytes of another source in gzip's coding.
[[nodiscard]] std::unique_ptr<byte_source> in_gzip(std::unique_ptr<byte_source> plain);

/// The text in gzip's coding.
[[nodiscard]] std::string gzipped(std::string text);

/// All of it.
[[nodiscard]] std::string read_all(byte_source& from);

}  // namespace binarly::testing

#endif
