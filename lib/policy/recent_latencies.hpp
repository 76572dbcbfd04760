// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_POLICY_RECENT_LATENCIES_HPP
#define BINARLY_POLICY_RECENT_LATENCIES_HPP

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace binarly::policy {

/// Percentiles of the last 1,000 to 2,000 latencies, in 2 kB: when to hedge. Each power of two of
/// nanoseconds is cut into 8 buckets. Two windows of 1,000 take turns: a full one is kept until the
/// next is full.
class recent_latencies {
 public:
  static constexpr std::size_t window = 1000;
  /// Fewer samples say nothing of a percentile in the nineties.
  static constexpr std::size_t enough = 100;

  void add(std::chrono::nanoseconds latency) noexcept;

  /// What that part (from 0 to 1) of the latencies did not exceed: never too low, and at most an
  /// eighth too high. None before there are enough samples.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> percentile(double part) const noexcept;

 private:
  static constexpr std::size_t parts = 8;
  /// The values below 16 have a bucket each; from there on 8 for each power, up to 2^63.
  static constexpr std::size_t buckets = 2 * parts + 59 * parts;
  using counts = std::array<std::uint16_t, buckets>;

  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t upper_edge(std::size_t bucket) noexcept;

  counts current_{};
  counts previous_{};
  std::size_t in_current_ = 0;
  std::size_t in_previous_ = 0;
};

}  // namespace binarly::policy

#endif
