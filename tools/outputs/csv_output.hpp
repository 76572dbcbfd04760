// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_CSV_OUTPUT_HPP
#define BINARLY_TOOLS_OUTPUTS_CSV_OUTPUT_HPP

#include "tools/outputs/output.hpp"

#include <ostream>

namespace binarly::tools {

/// `--format csv`: RFC 4180 with a header line, and one record for each row of the manifest.
///
/// The names in the header are quoted: readers that find out about quotes by the first lines would
/// take none for certain where these have none, and tear later records apart.
///
/// Texts are made printable, so that each record is one line of the file. A spreadsheet takes a
/// cell that begins with `=`, `+`, `-` or `@` for a formula, and a manifest or the service could
/// plant one: such a text gets an apostrophe before it. Whoever needs texts letter for letter
/// finds them in the journal.
///
/// The stream must outlive it; whoever owns the stream looks whether all was written.
class csv_output final : public output {
 public:
  explicit csv_output(std::ostream& out) : out_(out) {}
  void begin(const tally& whole) override;
  void add(const journal_entry& row) override;
  void end() override;

 private:
  std::ostream& out_;
};

}  // namespace binarly::tools

#endif
