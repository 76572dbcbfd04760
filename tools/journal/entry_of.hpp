// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOURNAL_ENTRY_OF_HPP
#define BINARLY_TOOLS_JOURNAL_ENTRY_OF_HPP

#include "tools/journal/entry.hpp"

namespace binarly::tools {

/// What the journal keeps of a verification that has just finished; the row's digest is left to
/// whoever knows it. The verification gives up its mismatches.
[[nodiscard]] journal_entry entry_of(verification& outcome);

}  // namespace binarly::tools

#endif
