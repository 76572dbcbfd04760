// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_SUMMARY_HPP
#define BINARLY_TOOLS_SUMMARY_HPP

#include "tools/tally.hpp"

#include <chrono>
#include <string>

namespace binarly::tools {

/// The run as a person likes to read it, in a few lines. `kept`: of the uploads, those that had
/// their verdict before the run began.
[[nodiscard]] std::string summary(const tally& run, std::chrono::nanoseconds duration, bool colour,
                                  std::uint64_t kept = 0);

/// The run in one line, without its line feed: what is said when nothing else is to be.
[[nodiscard]] std::string one_line_summary(const tally& run);

}  // namespace binarly::tools

#endif
