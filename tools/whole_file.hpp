// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_WHOLE_FILE_HPP
#define BINARLY_TOOLS_WHOLE_FILE_HPP

#include <functional>
#include <ostream>
#include <string>

namespace binarly::tools {

struct output_place;

/// An output that is written at the end of a run, at once. It is tried at the beginning, by the
/// same operations that will write it, and nothing of that is left.
///
/// - A file is written beside its place and moved there, so that whoever looks finds a whole one,
///   the old or the new. Owner and mode stay, and so does a link.
/// - A file that cannot be replaced is written in place: something is mounted on it, its directory
///   takes no other file, or another user's sticky directory has it.
/// - Pipes and devices are written to. What is open already, such as `/dev/stdout` and
///   `/dev/fd/3`, is written to where it stands; `-` is standard output. A named pipe is opened
///   when there is something to write, since its reader may be waiting for another one before.
class whole_file {
 public:
  /// `what` names it in errors, such as "the metrics"; `option` is what to check. An empty path is
  /// no output. Throws `command_error` (`exit_code::usage`) where it cannot be written.
  whole_file(std::string path, std::string what, std::string option);

  [[nodiscard]] bool wanted() const noexcept { return !path_.empty(); }
  /// Writes it, if it is wanted. Throws `command_error` (`exit_code::unavailable`) when it cannot;
  /// what the content throws goes to the caller, and the file stays as it was if it is replaced.
  void write(const std::function<void(std::ostream&)>& content) const;

 private:
  [[nodiscard]] int trial() const;
  [[nodiscard]] int write_new(const output_place& place,
                              const std::function<void(std::ostream&)>& content) const;

  std::string path_;
  std::string what_;
  std::string option_;
};

}  // namespace binarly::tools

#endif
