// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OTHER_FILE_HPP
#define BINARLY_TOOLS_OTHER_FILE_HPP

#include <string>
#include <string_view>

namespace binarly::tools {

/// What a file that begins so is, where it is one that people give in the place of a manifest, and
/// what to give instead; empty where it may be a manifest.
[[nodiscard]] std::string what_else(std::string_view start);

}  // namespace binarly::tools

#endif
