// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_POLICY_RATE_LIMIT_HPP
#define BINARLY_POLICY_RATE_LIMIT_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace binarly::policy {

struct rate_settings {
  /// Attempts per second in the long run. 0: no limit; otherwise from 0.001 to 1,000,000.
  double per_second = 0;
  /// How many may set out at once after a rest, from 1 to 1,000,000. With 1, whatever a timer is
  /// late by is lost; a burst of some milliseconds' worth makes up for it.
  std::size_t burst = 1;
};

/// At most `burst + per_second * t` attempts in any span of time t: a token bucket by virtual
/// scheduling (GCRA, ITU-T I.371). Instead of tokens it keeps the time at which the bucket will be
/// full again, so there is nothing to refill. The spacing is kept to 2^-32 ns, so nothing drifts.
class rate_limit {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit rate_limit(const rate_settings& settings) noexcept;

  /// When the next attempt may set out: now, or later.
  [[nodiscard]] time_point next(time_point now) const noexcept;

  /// One sets out. One that does so before its time is owed for: those after it wait longer.
  void take(time_point now) noexcept;

 private:
  std::chrono::nanoseconds spacing_{};     ///< zero: no limit
  std::uint32_t spacing_fraction_ = 0;     ///< and so many 2^-32 ns
  std::chrono::nanoseconds head_start_{};  ///< how far the burst may run ahead
  /// Long ago. Half of the least, so that a head start can be taken from it.
  time_point full_at_{time_point::min().time_since_epoch() / 2};
  std::uint32_t full_at_fraction_ = 0;
};

}  // namespace binarly::policy

#endif
