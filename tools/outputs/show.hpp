// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_SHOW_HPP
#define BINARLY_TOOLS_OUTPUTS_SHOW_HPP

#include "tools/commands.hpp"
#include "tools/every_step.hpp"
#include "tools/journal/journal_set.hpp"
#include "tools/whole_file.hpp"

#include <string>

namespace binarly::tools {

/// What was asked for, but for the table. The files are tried when it is made.
class wanted_outputs {
 public:
  /// Throws `command_error` (`exit_code::usage`) where a file cannot be written.
  explicit wanted_outputs(const output_arguments& wanted);

  /// Writes it all; each is a step of its own. `journal` is what the page says of where all rows
  /// are; empty for nowhere.
  void show(journal_set& rows, const std::string& journal, every_step& steps) const;
  /// `--format json` alone, if it is wanted: it needs no rows.
  void show_json(const tally& whole, every_step& steps) const;

 private:
  output_format format_;
  whole_file junit_;
  whole_file report_;
};

}  // namespace binarly::tools

#endif
