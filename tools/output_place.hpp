// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUT_PLACE_HPP
#define BINARLY_TOOLS_OUTPUT_PLACE_HPP

#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>

namespace binarly::tools {

/// How a file comes to its contents.
enum class writing {
  descriptor,  ///< an open one of this process: `-`, `/dev/stdout`, `/dev/fd/3`
  device,      ///< a pipe or a device: opened and written to
  in_place,    ///< a file that cannot be replaced: emptied and written to
  replaced     ///< a file that is there or not: a new one takes its place when it is whole
};

/// Where an output goes.
struct output_place {
  writing how = writing::replaced;
  int descriptor = -1;  ///< where there is one; it may be closed
  std::string path;     ///< otherwise; symbolic links at its end are followed, so that they stay
  int error = 0;        ///< why nothing can stand there, if that is known: the `errno`
  bool exists = false;
  struct stat there {};  ///< what stands there, if it exists
};

/// Looks where the path leads. Nothing is opened.
[[nodiscard]] output_place find_place(const std::string& path);

/// The descriptor of this process that an output's path stands for, through links if need be: 1 for
/// `-` and `/dev/stdout`, N for `/dev/fd/N` and `/proc/self/fd/N`. It may be closed.
[[nodiscard]] std::optional<int> descriptor_named(const std::string& path);

/// Zero when the descriptor was handed to this process and can be written; otherwise the `errno`.
[[nodiscard]] int why_not_writable(int descriptor);

/// What decides whether one may give a file's name to another one.
struct replacement {
  uid_t user = 0;
  uid_t owner = 0;            ///< of the file
  uid_t directory_owner = 0;  ///< of the directory that it is in
  bool sticky = false;        ///< that directory is like /tmp
  bool mounted = false;       ///< something is mounted on the file itself
  bool fixed = false;         ///< it is marked as immutable or append-only
};

/// Whether the name can be given away. That the directory can be written is another question, which
/// is tried.
[[nodiscard]] bool can_be_replaced(const replacement& file) noexcept;

/// Whether an attempt to make a file beside another one failed for a reason that does not keep
/// one from writing to the other.
[[nodiscard]] bool may_write_in_place(int error) noexcept;

}  // namespace binarly::tools

#endif
