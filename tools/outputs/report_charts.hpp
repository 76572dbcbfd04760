// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_REPORT_CHARTS_HPP
#define BINARLY_TOOLS_OUTPUTS_REPORT_CHARTS_HPP

#include "tools/tally.hpp"
#include "tools/timeline.hpp"

#include <string>

namespace binarly::tools {

/// The parts of a report that are drawn: each is HTML with SVG in it. They hold no text from
/// outside but codes, need no script, and carry their figures in titles and labels.

/// The verdicts' shares as one bar.
[[nodiscard]] std::string verdict_bar(const tally& whole);

[[nodiscard]] std::string latency_chart(const tally& whole);
[[nodiscard]] std::string throughput_chart(const timeline::picture& times);
[[nodiscard]] std::string limit_chart(const timeline::picture& times);
[[nodiscard]] std::string retries_chart(const tally& whole);

/// Where an axis from zero to `highest` has its marks: a step of 1, 2 or 5 times a power of ten, so
/// that about four fit; never below one.
[[nodiscard]] double axis_step(double highest);

/// The same for an axis of time: a step that a clock has.
[[nodiscard]] std::chrono::milliseconds time_step(std::chrono::milliseconds whole);

}  // namespace binarly::tools

#endif
