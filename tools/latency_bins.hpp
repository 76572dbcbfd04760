// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_LATENCY_BINS_HPP
#define BINARLY_TOOLS_LATENCY_BINS_HPP

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace binarly::tools {

/// How latencies are spread, as a chart shows it: ten bins to each power of ten, from 10 µs to
/// 1,000 s; what is shorter or longer counts in the outermost.
class latency_bins {
 public:
  static constexpr std::size_t per_decade = 10;
  static constexpr std::size_t size = 8 * per_decade;

  void add(std::chrono::nanoseconds latency) noexcept { ++counts_[bin_of(latency)]; }
  [[nodiscard]] std::uint64_t operator[](std::size_t bin) const noexcept { return counts_[bin]; }

  [[nodiscard]] static std::size_t bin_of(std::chrono::nanoseconds latency) noexcept;
  /// Where a bin begins; `size` is where the last one ends.
  [[nodiscard]] static std::chrono::nanoseconds edge(std::size_t bin) noexcept;

 private:
  std::array<std::uint64_t, size> counts_{};
};

}  // namespace binarly::tools

#endif
