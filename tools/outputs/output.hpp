// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_OUTPUT_HPP
#define BINARLY_TOOLS_OUTPUTS_OUTPUT_HPP

#include "tools/journal/entry.hpp"
#include "tools/tally.hpp"

namespace binarly::tools {

/// One way to show what a run came to. Journals are read twice: once for the whole, and once more
/// to hand each row to whoever shows rows; so none of them must be held.
class output {
 public:
  virtual ~output() = default;
  /// Once, before all else, with what the whole came to.
  virtual void begin(const tally& whole) = 0;
  /// Each row once, with its latest verdict.
  virtual void add(const journal_entry& row) = 0;
  /// Once, after the last row.
  virtual void end() = 0;
};

}  // namespace binarly::tools

#endif
