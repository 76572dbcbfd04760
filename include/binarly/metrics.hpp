// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_METRICS_HPP
#define BINARLY_METRICS_HPP

#include <binarly/detail/config.hpp>
#include <binarly/event.hpp>
#include <binarly/failure.hpp>
#include <binarly/latency_histogram.hpp>
#include <binarly/pool_counters.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace binarly {

/// What has been counted since the metrics were made.
struct metrics_snapshot {
  /// How calls and attempts ended: how many with each code, and with success (the code is
  /// `errc{}`).
  std::map<errc, std::uint64_t> calls;
  std::map<errc, std::uint64_t> attempts;
  /// Retries by what made them necessary.
  std::map<errc, std::uint64_t> retries;
  std::uint64_t hedges = 0;
  std::uint64_t tokens_renewed = 0;
  std::uint64_t tokens_failed = 0;
  std::uint64_t breaker_opened = 0;
  breaker_state breaker = breaker_state::closed;
  /// By `operation_kind`: on attempts in flight, as they were changed last; 0 if they never were.
  std::array<std::size_t, operation_kinds> limits{};
  // By `peer`.
  std::array<std::uint64_t, 2> connections_opened{};
  std::array<std::uint64_t, 2> connections_resumed{};  ///< of those that were opened
  std::array<std::uint64_t, 2> connections_reused{};
  std::array<std::uint64_t, 2> connections_replayed{};
  std::array<std::array<std::uint64_t, close_reasons>, 2> connections_closed{};
  std::uint64_t events_lost = 0;      ///< and not counted here
  latency_histogram call_latency;     ///< from a call's start to its end, whatever that was
  latency_histogram attempt_latency;  ///< likewise
};

/// Counts a client's events. `listener()` goes into `client_options::on_event`; one object may
/// serve several clients. Copies share what is counted. All members may be used from any threads.
class BINARLY_IMAGES_DECL metrics {
 public:
  metrics();

  [[nodiscard]] event_listener listener() const;
  [[nodiscard]] metrics_snapshot snapshot() const;

 private:
  class state;
  std::shared_ptr<state> state_;
};

/// In Prometheus' text format (version 0.0.4), every name beginning with `binarly_images_`.
/// Latencies are in seconds, in buckets whose edges are powers of two nanoseconds from 0.5 ms to
/// 69 s.
[[nodiscard]] BINARLY_IMAGES_DECL std::string prometheus_text(const metrics_snapshot& seen);

}  // namespace binarly

#endif
