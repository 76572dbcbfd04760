// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_DISTINCT_FILES_HPP
#define BINARLY_TOOLS_DISTINCT_FILES_HPP

#include <string>
#include <vector>

namespace binarly::tools {

/// A file as the command line names it.
struct named_file {
  std::string name;  ///< for messages, such as `--report`
  std::string path;  ///< empty for none; `-` is standard output, or input where it is read
};

/// Throws `command_error` (`exit_code::usage`) when one of the files to be written is another one
/// of them, or one of those to be read: it would be lost, or the two would mix. Links of both kinds
/// are seen through, and so is what a descriptor has open. Devices may be shared.
void require_distinct(const std::vector<named_file>& written, const std::vector<named_file>& read);

}  // namespace binarly::tools

#endif
