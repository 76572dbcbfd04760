// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LOAD_OPTIONS_HPP
#define BINARLY_LOAD_OPTIONS_HPP

#include <chrono>
#include <cstddef>
#include <optional>

namespace binarly {

/// The adaptive limit on attempts in flight: it grows while latency holds, and shrinks on 429, 503
/// and timeouts (`docs/limits.md`). Lookups of a bulk run are under it, others where they ask for
/// it. Each kind of operation has one of its own. Who must wait for room does so in the order of
/// arrival, bounded by the call's deadline alone (`call_options::deadline_covers_limits`).
struct concurrency_options {
  /// For single calls, too, unless they say otherwise.
  bool single_calls = false;
  /// To begin with; brought into the bounds that follow. From 1 to 1,000,000.
  std::size_t initial = 16;
  /// Never fewer; at least 1.
  std::size_t least = 1;
  /// Never more; 0 for twice `pool.max_connections`, so that a connection that is done finds its
  /// next exchange waiting. At most 1,000,000.
  std::size_t most = 0;

  concurrency_options() = default;
};

/// A limit on the attempts of all calls in time. Who must wait does so in the order of arrival,
/// bounded by the call's deadline alone (`call_options::deadline_covers_limits`).
struct rate_options {
  /// In the long run; 0 for no limit, otherwise from 0.001 to 1,000,000.
  double per_second = 0;
  /// That may set out at once after a rest; from 1 to 1,000,000.
  std::size_t burst = 1;

  rate_options() = default;
};

/// A circuit breaker over all calls of a client: once too many attempts have failed (transport
/// failures, timeouts, 408 and 5xx), none is made for a while, and calls fail at once with
/// `errc::circuit_open`; then a few try whether the service is back.
struct breaker_options {
  bool enabled = false;
  /// It opens when this part of the attempts in the window failed; above 0, at most 1.
  double failure_ratio = 0.5;
  /// Fewer attempts in the window say nothing; from 1 to 1,000,000.
  std::size_t min_attempts = 20;
  /// From 1 ms to 1 hour.
  std::chrono::milliseconds window{10'000};
  /// How long it stays open; from 1 ms to 1 hour.
  std::chrono::milliseconds open_for{5'000};
  /// Attempts that try then, and must all succeed; from 1 to 1,000.
  std::size_t probes = 3;

  breaker_options() = default;
};

/// Hedging: an attempt that is slow gets a second one beside it, the first answer counts, and the
/// other is cancelled. Off unless asked for, since it costs the service more: at most `ratio` times
/// the calls, and one.
struct hedge_options {
  /// For calls that do not say otherwise.
  bool enabled = false;
  /// After this long; absent for the percentile below. From 1 ms to 1 hour.
  std::optional<std::chrono::milliseconds> delay;
  /// After what this part of the last thousand or two successful attempts took; from 0.5 to 1.
  /// Until a hundred of the operation's kind have been seen, none is hedged.
  double percentile = 0.95;
  /// From 0 (none) to 1.
  double ratio = 0.05;

  hedge_options() = default;
};

}  // namespace binarly

#endif
