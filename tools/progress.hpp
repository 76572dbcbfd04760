// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_PROGRESS_HPP
#define BINARLY_TOOLS_PROGRESS_HPP

#include "tools/tally.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace binarly::tools {

/// What a run is doing at this moment, beside what it has come to.
struct progress_figures {
  std::optional<std::uint64_t> expected;  ///< uploads in all, if that is known
  std::optional<double> done;             ///< the part of the work that has been begun, likewise
  std::uint64_t kept = 0;                 ///< uploads in the tally that are an earlier run's
  std::size_t in_flight = 0;
  std::size_t limit = 0;  ///< the adaptive limit; 0 for unknown
};

/// Says how a run is getting on: on a terminal in one line that is redrawn at most ten times a
/// second, elsewhere in a new line every ten seconds. It knows no clock and no stream: it is told
/// the time, and hands back what is to be written.
class progress {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  progress(bool terminal, time_point start);

  /// What is to be written now; empty when it is not yet time. On a terminal the line is cut to its
  /// width, in columns.
  [[nodiscard]] std::string update(const tally& run, const progress_figures& figures,
                                   std::size_t width, time_point now);
  /// What leaves the terminal as it was; empty when nothing stands there.
  [[nodiscard]] std::string finish();

 private:
  bool terminal_;
  time_point start_;
  time_point last_;
  bool shown_ = false;
};

}  // namespace binarly::tools

#endif
