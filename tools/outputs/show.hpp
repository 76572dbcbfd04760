// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_SHOW_HPP
#define BINARLY_TOOLS_OUTPUTS_SHOW_HPP

#include "tools/commands.hpp"
#include "tools/journal/journal_set.hpp"

#include <string>

namespace binarly::tools {

/// Writes what was asked for, but for the table. `journal` is what the page says of where all rows
/// are; empty for nowhere. Throws `command_error` (`exit_code::unavailable`) when something cannot
/// be written.
void show(const output_arguments& wanted, journal_set& rows, const std::string& journal);

/// `--format json` alone, which needs no rows; likewise.
void show_json(const tally& whole);

}  // namespace binarly::tools

#endif
