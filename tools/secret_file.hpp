// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_SECRET_FILE_HPP
#define BINARLY_TOOLS_SECRET_FILE_HPP

#include <binarly/secret.hpp>

#include <string>
#include <string_view>

namespace binarly::tools {

/// Without the blanks and line ends at both ends, which files and variables often have around what
/// is meant.
[[nodiscard]] std::string_view without_outer_space(std::string_view text) noexcept;

/// The text of a file or a pipe that holds a token, a password or another secret, trimmed; no other
/// copy of it is left. At most 64 KiB, and what is no file must have ended within 30 seconds.
/// Throws `command_error`: `what` is what it holds, such as "client secret", and `option` named it.
[[nodiscard]] secret read_secret_file(const std::string& path, const std::string& what,
                                      const std::string& option);

}  // namespace binarly::tools

#endif
