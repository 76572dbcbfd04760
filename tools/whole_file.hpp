// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_WHOLE_FILE_HPP
#define BINARLY_TOOLS_WHOLE_FILE_HPP

#include "tools/exit_code.hpp"

#include <functional>
#include <ostream>
#include <string>

namespace binarly::tools {

/// Writes a file beside its place and moves it there, so that whoever looks finds a whole one, the
/// old or the new. `what` names it in the error, such as "the metrics"; `option` is what to check.
/// Throws `command_error` with the code when it cannot.
void write_whole_file(const std::string& path, const std::string& what, const std::string& option,
                      exit_code code, const std::function<void(std::ostream&)>& content);

}  // namespace binarly::tools

#endif
