// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_UNFINISHED_FILE_HPP
#define BINARLY_TOOLS_UNFINISHED_FILE_HPP

#include "tools/output_place.hpp"

#include <array>
#include <csignal>
#include <string>

namespace binarly::tools {

/// A new file beside the one whose place it is to take. It is removed when it has not got there,
/// and also where SIGINT, SIGTERM or SIGHUP ends the process meanwhile. One at a time, on one
/// thread.
class unfinished_file {
 public:
  /// Its name is hidden, short and its own. It has the owner, as far as that is allowed, and the
  /// mode of the file that it replaces.
  explicit unfinished_file(const output_place& place);
  ~unfinished_file();
  unfinished_file(const unfinished_file&) = delete;
  unfinished_file& operator=(const unfinished_file&) = delete;

  /// Why it could not be made; zero when it was.
  [[nodiscard]] int error() const noexcept { return error_; }
  /// To be read and written.
  [[nodiscard]] int descriptor() const noexcept { return file_; }
  /// Gives it the place's name. Zero or the `errno`.
  [[nodiscard]] int take_place();
  /// Copies it into the file that is there. Zero or the `errno`.
  [[nodiscard]] int copy_to_place() const;

 private:
  void adopt(const struct stat& before) const;

  std::string place_;
  std::string path_;
  int file_ = -1;
  int error_ = 0;
  std::array<struct sigaction, 3> before_{};
};

}  // namespace binarly::tools

#endif
