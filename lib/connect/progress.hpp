// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_PROGRESS_HPP
#define BINARLY_CONNECT_PROGRESS_HPP

#include <binarly/failure.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace binarly::connect {

/// What one connection is doing, and since when. Written by whoever runs the connection and read
/// from anywhere: bounds are enforced by looking at it when they may have run out, since a timer
/// for each step would cost more than the step.
class progress {
 public:
  using clock = std::chrono::steady_clock;

  struct snapshot {
    phase step = phase::acquire;
    /// Bytes of an answer have come; of one to a request, `since` is when the latest did.
    bool answer_begun = false;
    clock::time_point since;
  };

  void enter(phase step, bool answer_begun = false) noexcept {
    const auto now = std::chrono::floor<std::chrono::microseconds>(clock::now().time_since_epoch());
    packed_.store((static_cast<std::uint64_t>(now.count()) << time_shift) |
                      (answer_begun ? begun_bit : 0) | static_cast<std::uint64_t>(step),
                  std::memory_order_relaxed);
  }

  /// The peer has said something in this step, which goes on.
  void answer_began() noexcept { packed_.fetch_or(begun_bit, std::memory_order_relaxed); }

  /// Nothing is under way, nor for how long: to look at the clock costs time.
  void rest() noexcept {
    packed_.store(static_cast<std::uint64_t>(phase::acquire), std::memory_order_relaxed);
  }

  [[nodiscard]] snapshot look() const noexcept {
    const std::uint64_t packed = packed_.load(std::memory_order_relaxed);
    snapshot seen;
    seen.step = static_cast<phase>(packed & step_mask);
    seen.answer_begun = (packed & begun_bit) != 0;
    seen.since = clock::time_point(
        std::chrono::microseconds(static_cast<std::int64_t>(packed >> time_shift)));
    return seen;
  }

  [[nodiscard]] phase step() const noexcept { return look().step; }

 private:
  // One word, so that a reader never sees the time of another step.
  static constexpr std::uint64_t step_mask = 0x7f;
  static constexpr std::uint64_t begun_bit = 0x80;
  static constexpr int time_shift = 8;

  std::atomic<std::uint64_t> packed_{static_cast<std::uint64_t>(phase::acquire)};
};

}  // namespace binarly::connect

#endif
