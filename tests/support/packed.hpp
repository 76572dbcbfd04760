// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_PACKED_HPP
#define BINARLY_TESTS_SUPPORT_PACKED_HPP

#include <string>
#include <zlib.h>

namespace binarly::testing {

/// The text in gzip's coding; other window bits than its own are zlib's (15) or none (-15).
inline std::string packed(const std::string& text, int window_bits = MAX_WBITS + 16) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace binarly::testing

#endif
