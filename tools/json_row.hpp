// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JSON_ROW_HPP
#define BINARLY_TOOLS_JSON_ROW_HPP

#include "tools/manifest_row.hpp"
#include "tools/quoted_names.hpp"

#include <string_view>

namespace binarly::tools {

/// Reads a JSON object with the keys of a manifest, each once, or with the platform's own names for
/// the ids; it begins at `begin` of the manifest. Further keys are added to `ignored` if that is
/// wanted, whatever their values are, and refused otherwise, all in one message. Throws
/// `manifest_error`; the row then has what could be read.
void read_json_row(manifest_row& row, std::string_view text, text_position begin, bool ignore,
                   quoted_names& ignored);

}  // namespace binarly::tools

#endif
