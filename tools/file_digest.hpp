// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_FILE_DIGEST_HPP
#define BINARLY_TOOLS_FILE_DIGEST_HPP

#include <atomic>
#include <string>

namespace binarly::tools {

/// Of a file's contents.
struct file_digest {
  std::string sha256;   ///< in hexadecimal digits
  std::string trouble;  ///< why there is none, in words; empty when there is one
};

/// Reads the file piece by piece, and gives up soon after it is told to. What is no regular file is
/// refused, since it may have no end.
[[nodiscard]] file_digest digest_file(const std::string& path, const std::atomic<bool>& give_up);

}  // namespace binarly::tools

#endif
