// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_ORIGIN_HEALTH_HPP
#define BINARLY_HTTPS_ORIGIN_HEALTH_HPP

#include "connect/transport_failure.hpp"
#include "https/deadline_queue.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace binarly::https {

/// What an origin that refuses connections is spared: a storm. As long as connecting fails, one
/// connection at a time is tried, the next after a backoff that doubles; the first that opens ends
/// it. Pure: the time and the randomness are handed in.
class origin_health {
 public:
  void on_opened() noexcept {
    refused_.reset();
    backoff_ = {};
  }

  /// A connection that was begun at `begun` could not be made. Those that were in the making
  /// together fail together, and count once. `random` is uniform in [0, 1).
  void on_failed(connect::transport_failure why, time_point begun, time_point now, double random) {
    const bool known = refused_ && begun < failed_at_;
    refused_ = std::move(why);
    if (known) return;
    failed_at_ = now;
    backoff_ = std::clamp(2 * backoff_, first_backoff, longest_backoff);
    // Half of it is jitter, so that a fleet does not knock as one.
    const auto wait = std::chrono::duration<double>(backoff_) * (0.5 + random / 2);
    next_try_ = now + std::chrono::duration_cast<std::chrono::nanoseconds>(wait);
  }

  /// How many of the `wanted` connections may be begun now.
  [[nodiscard]] std::size_t allow(std::size_t wanted, std::size_t opening,
                                  time_point now) const noexcept {
    if (!refused_) return wanted;
    return opening == 0 && now >= next_try_ ? std::min<std::size_t>(wanted, 1) : 0;
  }

  /// What the last connection failed of; null once one has opened.
  [[nodiscard]] const connect::transport_failure* refused() const noexcept {
    return refused_ ? &*refused_ : nullptr;
  }
  /// When the next connection may be tried; only while it is refused.
  [[nodiscard]] time_point next_try() const noexcept { return next_try_; }

 private:
  static constexpr std::chrono::nanoseconds first_backoff = std::chrono::milliseconds(50);
  static constexpr std::chrono::nanoseconds longest_backoff = std::chrono::seconds(2);

  std::optional<connect::transport_failure> refused_;
  std::chrono::nanoseconds backoff_{};
  time_point failed_at_;
  time_point next_try_;
};

}  // namespace binarly::https

#endif
