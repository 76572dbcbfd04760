// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_JSON_OUTPUT_HPP
#define BINARLY_TOOLS_OUTPUTS_JSON_OUTPUT_HPP

#include "tools/outputs/output.hpp"

#include <ostream>

namespace binarly::tools {

/// `--format json`: what the whole came to as one JSON object, indented by two spaces, its keys
/// always in the same order. It shows no rows but the examples of each kind of problem.
///
/// The stream must outlive it; whoever owns the stream looks whether all was written.
class json_output final : public output {
 public:
  explicit json_output(std::ostream& out) : out_(out) {}
  void begin(const tally& whole) override;
  void add(const journal_entry& row) override;
  void end() override;

 private:
  std::ostream& out_;
};

}  // namespace binarly::tools

#endif
