// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_POLICY_CIRCUIT_BREAKER_HPP
#define BINARLY_POLICY_CIRCUIT_BREAKER_HPP

#include <binarly/event.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace binarly::policy {

struct breaker_settings {
  /// It opens when this part of the recent attempts failed; above 0, at most 1.
  double failure_ratio = 0.5;
  /// Fewer attempts say nothing; at least 1.
  std::size_t min_attempts = 20;
  /// What is recent, above 0. Attempts are forgotten a tenth of it at a time.
  std::chrono::nanoseconds window = std::chrono::seconds(10);
  /// How long nothing is let through once it has opened; above 0.
  std::chrono::nanoseconds open_for = std::chrono::seconds(5);
  /// How many attempts try then whether the service is back; all must succeed. At least 1.
  std::size_t probes = 3;
};

/// What an event did to the state.
enum class breaker_change { none, opened, half_opened, closed };

/// Whether an attempt may be made.
struct admission {
  bool allowed = false;
  bool probe = false;
  /// If it is not allowed: not before then. In the past while probes are under way.
  std::chrono::steady_clock::time_point open_until;
  /// To be handed back with the outcome.
  std::uint64_t period = 0;
  /// `half_opened` for the first probe.
  breaker_change change = breaker_change::none;
};

/// Spares a service that fails, and its callers the wait for failures (M. Nygard, Release It!).
///
/// Each change of state begins a period. An attempt belongs to the period in which it was admitted,
/// and its outcome counts in that one alone: the timeouts of an outage come in long after the
/// probes have been sent, and after they have closed the breaker again.
class circuit_breaker {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit circuit_breaker(const breaker_settings& settings) noexcept : settings_(settings) {}

  /// Asks for one attempt. An allowed one is owed either `record` or `forget`.
  [[nodiscard]] admission admit(time_point now) noexcept;

  /// An attempt that was admitted in `period` has ended.
  breaker_change record(bool success, std::uint64_t period, time_point now) noexcept;

  /// An attempt that was admitted in `period` has ended, in a way that tells nothing.
  void forget(std::uint64_t period) noexcept;

  [[nodiscard]] breaker_state state() const noexcept { return state_; }
  /// When the first probe may be made; only meaningful while it is open.
  [[nodiscard]] time_point open_until() const noexcept { return open_until_; }

 private:
  struct outcomes {
    std::size_t all = 0;
    std::size_t failed = 0;
  };
  static constexpr std::int64_t slots = 10;

  void count(bool success, time_point now) noexcept;
  [[nodiscard]] bool too_many_failed() const noexcept;
  void enter(breaker_state next) noexcept;
  void open(time_point now) noexcept;

  breaker_settings settings_;
  breaker_state state_ = breaker_state::closed;
  std::uint64_t period_ = 0;
  time_point open_until_;

  // While it is closed. A slot holds the attempts of a tenth of the window; `newest_` is the number
  // of the last one, counted from the clock's epoch.
  std::array<outcomes, slots> recent_{};
  std::int64_t newest_ = 0;

  // While it is half open.
  std::size_t probing_ = 0;
  std::size_t succeeded_ = 0;
};

}  // namespace binarly::policy

#endif
