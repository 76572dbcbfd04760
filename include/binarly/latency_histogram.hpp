// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LATENCY_HISTOGRAM_HPP
#define BINARLY_LATENCY_HISTOGRAM_HPP

#include <binarly/detail/config.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace binarly {

/// Latencies in constant memory (15 KiB), whatever their number: each power of two of nanoseconds
/// is cut into 32 equal parts, so that a percentile is at most 1/32 too high.
class BINARLY_IMAGES_DECL latency_histogram {
 public:
  /// Negative ones count as zero.
  void add(std::chrono::nanoseconds latency) noexcept;
  /// All that the other one holds.
  void add(const latency_histogram& other) noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::chrono::nanoseconds sum() const noexcept { return sum_; }
  /// The latency that `part` (0 to 1) of all stayed within; zero when there is none.
  [[nodiscard]] std::chrono::nanoseconds within(double part) const noexcept;
  /// How many were shorter than a power of two of nanoseconds; exact.
  [[nodiscard]] std::uint64_t shorter_than_power(unsigned exponent) const noexcept;
  [[nodiscard]] std::chrono::nanoseconds longest() const noexcept { return longest_; }

 private:
  static constexpr std::size_t parts = 32;
  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t upper_edge(std::size_t bucket) noexcept;

  std::array<std::uint64_t, 60 * parts> buckets_{};
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds sum_{};
  std::chrono::nanoseconds longest_{};
};

}  // namespace binarly

#endif
