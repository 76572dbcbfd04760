// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_STANDARD_STREAMS_HPP
#define BINARLY_TOOLS_STANDARD_STREAMS_HPP

#include "tools/descriptor_buffer.hpp"

#include <string>

namespace binarly::tools {

/// Makes the process's standard streams safe to use, for as long as it lives. One of them at a
/// time, before anything else is opened.
///
/// A standard descriptor that is closed is taken by something that can neither be read nor written:
/// otherwise a file or a socket would get its number, and with it what is meant for the terminal.
/// Standard output says why it failed. What standard error does not take is dropped: it may be a
/// terminal that is gone, and whoever would hear of it is gone, too.
class standard_streams {
 public:
  standard_streams();
  /// Writes what is left; whoever cares for it calls `lost_output` before.
  ~standard_streams();
  standard_streams(const standard_streams&) = delete;
  standard_streams& operator=(const standard_streams&) = delete;

 private:
  descriptor_buffer out_;
  descriptor_buffer err_;
  std::streambuf* out_before_;
  std::streambuf* err_before_;
};

/// Has standard output take all that was written to `std::cout`. Zero, or the `errno` of what was
/// lost since the last time.
[[nodiscard]] int lost_output();

/// Throws `command_error` (`exit_code::unavailable`) where something was lost; `what` names it.
void require_written(const std::string& what);

/// Throws `command_error` (`exit_code::usage`) where standard output, which `what` needs, is closed
/// or open for reading only. Before anything is sent.
void require_standard_output(const std::string& what);

}  // namespace binarly::tools

#endif
