// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_JUNIT_OUTPUT_HPP
#define BINARLY_TOOLS_OUTPUTS_JUNIT_OUTPUT_HPP

#include "tools/outputs/output.hpp"

#include <ostream>

namespace binarly::tools {

/// `--junit`: one test case for each row, as Jenkins, GitLab and many others read it. Mismatched,
/// missing and forbidden uploads are failures, those without an answer errors, and those that were
/// cancelled are skipped.
///
/// The stream must outlive it; whoever owns the stream looks whether all was written.
class junit_output final : public output {
 public:
  explicit junit_output(std::ostream& out) : out_(out) {}
  void begin(const tally& whole) override;
  void add(const journal_entry& row) override;
  void end() override;

 private:
  std::ostream& out_;
};

}  // namespace binarly::tools

#endif
