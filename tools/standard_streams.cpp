// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/standard_streams.hpp"

#include "tools/exit_code.hpp"

#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <system_error>
#include <unistd.h>

namespace binarly::tools {

namespace {

void hold_closed_ones() noexcept {
  for (const int each : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(each, F_GETFD) >= 0 || errno != EBADF) continue;
    // It gets the lowest free number, which is this one. A path is there where /dev/null may not
    // be, and whatever reads or writes it fails: nothing is lost in silence.
    [[maybe_unused]] const int held = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  }
}

}  // namespace

standard_streams::standard_streams()
    : out_(STDOUT_FILENO, descriptor_buffer::loss::fails),
      err_(STDERR_FILENO, descriptor_buffer::loss::ignored) {
  hold_closed_ones();
  out_before_ = std::cout.rdbuf(&out_);
  err_before_ = std::cerr.rdbuf(&err_);
}

standard_streams::~standard_streams() {
  std::cout.flush();
  std::cerr.flush();
  std::cout.rdbuf(out_before_);
  std::cerr.rdbuf(err_before_);
}

int lost_output() {
  errno = 0;
  if (std::cout.flush()) return 0;
  int why = errno;
  if (auto* const known = dynamic_cast<descriptor_buffer*>(std::cout.rdbuf())) {
    why = known->error();
    known->forget();
    std::cout.clear();
  }
  return why != 0 ? why : EIO;
}

void require_written(const std::string& what) {
  const int why = lost_output();
  if (why == 0) return;
  throw command_error(exit_code::unavailable, what + " could not be written to standard output: " +
                                                  std::generic_category().message(why));
}

void require_standard_output(const std::string& what) {
  const int flags = ::fcntl(STDOUT_FILENO, F_GETFL);
  if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY) return;
  throw command_error(exit_code::usage, what +
                                            " cannot be written: standard output is closed, or "
                                            "open for reading alone; nothing was begun");
}

}  // namespace binarly::tools
