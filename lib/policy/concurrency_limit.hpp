// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_POLICY_CONCURRENCY_LIMIT_HPP
#define BINARLY_POLICY_CONCURRENCY_LIMIT_HPP

#include <chrono>
#include <cstddef>

namespace binarly::policy {

using time_point = std::chrono::steady_clock::time_point;

/// In attempts: 1 <= least <= initial <= most <= 1e6.
struct concurrency_settings {
  std::size_t least = 1;
  std::size_t initial = 16;
  std::size_t most = 128;
};

/// What the end of an attempt says about the service.
enum class attempt_end {
  served,      ///< a complete answer that is no sign of overload; its latency counts
  overloaded,  ///< 429, 503 or a timeout
  other,       ///< nothing: it was cancelled, or the connection was refused
};

/// How many attempts may be in flight, so that the service is busy and no queue stands before it.
/// docs/limits.md says how it finds out, and how well that works.
///
/// It is additive increase and multiplicative decrease (Chiu and Jain, 1989) in rounds, with a slow
/// start (RFC 5681); the signals are refusals, and the latency against the least of late (TCP
/// Vegas, 1994; Netflix's concurrency-limits). Once in a while it descends to see whether latency
/// descends with it, which tells a queue from a way that is long (BBR's ProbeRTT).
class concurrency_limit {
 public:
  explicit concurrency_limit(const concurrency_settings& settings) noexcept;

  [[nodiscard]] std::size_t current() const noexcept { return current_; }

  /// An attempt ended. `in_flight` counts it too; `latency` is from when it had its connection to
  /// the last byte of the answer, without any wait in the client. Whether the limit changed.
  bool on_end(attempt_end how, std::chrono::nanoseconds latency, std::size_t in_flight,
              time_point began, time_point now) noexcept;

 private:
  /// Why the limit was lowered before this round.
  enum class descent {
    none,
    probe,       ///< to see whether latency follows
    congestion,  ///< latency was too high
    queue,       ///< latency followed, so there was a queue, and there may still be one
  };
  struct mark {
    double limit = 0;
    double latency = 0;  ///< with that limit, in seconds
  };
  /// Answers under one limit; latencies in seconds.
  struct samples {
    double count = 0;
    double sum = 0;
    double sum_of_squares = 0;
    std::size_t most_in_flight = 0;

    [[nodiscard]] double average() const noexcept { return sum / count; }
    [[nodiscard]] double error_of_average() const noexcept;
  };

  [[nodiscard]] bool at_least() const noexcept;
  [[nodiscard]] double tolerance() const noexcept;
  [[nodiscard]] double in_use() const noexcept;
  [[nodiscard]] bool complete() const noexcept;
  void end_round(time_point now) noexcept;
  void learn(double latency) noexcept;
  void descend(descent why, double to, double latency, time_point now) noexcept;
  void relieve(double latency, time_point now) noexcept;
  void grow(double latency, time_point now) noexcept;
  void begin_round(double limit, time_point now) noexcept;

  concurrency_settings settings_;
  double limit_;
  std::size_t current_;  ///< its whole part
  bool slow_start_ = true;
  int clean_rounds_ = 0;      ///< since a sign of congestion
  int rounds_since_descent_;  ///< by probe or congestion

  samples round_;
  std::size_t in_flight_ = 0;
  std::size_t to_pass_ = 0;  ///< ends to come of attempts that began under another limit
  time_point lowered_at_{};

  double baseline_ = 0;  ///< about the least average latency of late, in seconds; 0 if unknown
  descent descent_ = descent::none;
  mark top_;            ///< where the descent began
  mark last_step_;      ///< where its last step began
  int vain_steps_ = 0;  ///< that congestion made necessary, and that did not end it
};

}  // namespace binarly::policy

#endif
