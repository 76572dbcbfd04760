// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JSON_ROW_HPP
#define BINARLY_TOOLS_JSON_ROW_HPP

#include "tools/manifest.hpp"

#include <cstdint>
#include <string_view>

namespace binarly::tools {

/// Reads one line of JSON Lines: an object with the keys of a manifest, each once. Throws
/// `manifest_error`; the row then has what could be read.
void read_json_row(manifest_row& row, std::string_view text, std::uint64_t line);

}  // namespace binarly::tools

#endif
