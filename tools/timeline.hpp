// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_TIMELINE_HPP
#define BINARLY_TOOLS_TIMELINE_HPP

#include "tools/journal/entry.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace binarly::tools {

/// What was finished when, in constant memory. Time is cut into slices of equal width; only those
/// in which something finished are kept, and whenever they become too many the width doubles. So
/// rows may come in any order, and the night between a run and its resumption costs nothing.
///
/// Rows without a time, and those that were cancelled, are no part of it.
class timeline {
 public:
  using milliseconds = std::chrono::milliseconds;
  using time_point = std::chrono::sys_time<milliseconds>;

  static constexpr std::size_t slices_kept = 240;
  /// So long without anything in flight is a pause, and no part of the run's time.
  static constexpr milliseconds shortest_pause{30'000};

  struct slice {
    std::int64_t number = 0;  ///< since the epoch, counted in widths
    std::uint64_t finished = 0;
    std::uint64_t problems = 0;
    time_point begun = time_point::max();  ///< when the first of those that finished here began
    time_point last{};                     ///< when the last of them finished
    std::uint64_t limits = 0;              ///< rows that know the adaptive limit; their sum, and
    std::uint64_t limit_sum = 0;           ///< how far they are apart
    std::size_t limit_low = 0;
    std::size_t limit_high = 0;
  };
  /// Slices without a pause between them, those in which nothing finished included.
  struct stretch {
    milliseconds pause{};  ///< before it
    time_point begun{};    ///< when the first of its rows began, and the last one finished
    time_point ended{};
    std::vector<slice> slices;
  };
  /// All that is worth drawing: at most `slices_kept` slices in all, and so few of them that what
  /// finished in one is more than chance.
  struct picture {
    milliseconds width{};
    std::vector<stretch> stretches;
  };

  void add(const journal_entry& row);
  [[nodiscard]] bool empty() const noexcept { return slices_.empty(); }
  /// When the first row began, and when the last one finished. Zero when there is none.
  [[nodiscard]] time_point began() const noexcept;
  [[nodiscard]] time_point ended() const noexcept;
  /// From the one to the other, without the pauses.
  [[nodiscard]] milliseconds active() const;
  [[nodiscard]] picture drawn() const;

 private:
  slice& at(std::int64_t number);

  milliseconds width_{1};
  std::vector<slice> slices_;  ///< by number
};

}  // namespace binarly::tools

#endif
