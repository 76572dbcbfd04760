// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_POOL_DECISIONS_HPP
#define BINARLY_HTTPS_POOL_DECISIONS_HPP

#include "connect/progress.hpp"
#include "https/reuse_terms.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace binarly::https {

using std::chrono::nanoseconds;

/// Bounds in time for what one connection does; see `timeout_options`.
struct phase_bounds {
  nanoseconds resolve{};
  nanoseconds connect{};
  nanoseconds proxy{};
  nanoseconds handshake{};
  nanoseconds write{};
  nanoseconds first_byte{};
  nanoseconds between_bytes{};
};

/// How long a connection may go on with what it is doing.
[[nodiscard]] constexpr nanoseconds bound_of(const phase_bounds& bounds, phase step,
                                             bool answer_begun) noexcept {
  switch (step) {
    case phase::resolve:
      return bounds.resolve;
    case phase::connect:
      return bounds.connect;
    case phase::proxy:
      return bounds.proxy;
    case phase::handshake:
      return bounds.handshake;
    case phase::write:
      return bounds.write;
    default:
      return answer_begun ? bounds.between_bytes : bounds.first_byte;
  }
}

/// No step of making a connection is to be left unseen for longer.
[[nodiscard]] constexpr nanoseconds shortest_to_open(const phase_bounds& bounds) noexcept {
  return std::min({bounds.resolve, bounds.connect, bounds.proxy, bounds.handshake});
}

/// No step of an exchange is to be left unseen for longer.
[[nodiscard]] constexpr nanoseconds shortest_to_exchange(const phase_bounds& bounds) noexcept {
  return std::min({bounds.write, bounds.first_byte, bounds.between_bytes});
}

/// A moving average that forgets: of what a thing took the last few times.
class recent_average {
 public:
  constexpr void add(nanoseconds sample) noexcept {
    value_ = known_ ? value_ + (sample - value_) / 8 : sample;
    known_ = true;
  }
  /// Zero before the first sample.
  [[nodiscard]] constexpr nanoseconds value() const noexcept { return value_; }

 private:
  nanoseconds value_{};
  bool known_ = false;
};

/// About the least that a thing took of late: what it takes where nothing queues for the processor,
/// at either end. More connections shorten the way, but not that queue. Zero until there were
/// enough samples; the first ones, taken while handshakes compete, say nothing.
class recent_least {
 public:
  constexpr void add(nanoseconds sample) noexcept {
    value_ = samples_ == 0 || sample < value_ ? sample : value_ + (sample - value_) / 64;
    samples_ = std::min(samples_ + 1, enough);
  }
  [[nodiscard]] constexpr nanoseconds value() const noexcept {
    return samples_ < enough ? nanoseconds(0) : value_;
  }

 private:
  static constexpr int enough = 16;

  nanoseconds value_{};
  int samples_ = 0;
};

/// How a pool's connections and exchanges stand.
struct pool_census {
  std::size_t waiting = 0;      ///< exchanges without a connection
  std::size_t replayed = 0;     ///< of these, the ones that wait for a connection of their own
  std::size_t opening = 0;      ///< connections in the making
  std::size_t open = 0;         ///< connections that serve, or could
  std::size_t connections = 0;  ///< all of them, those being closed included
  nanoseconds head_waited{};    ///< how long the first in the queue has waited
  nanoseconds exchange_time{};  ///< what an exchange takes on its connection, at the least
  nanoseconds opening_time{};   ///< what making a connection takes
};

/// So many connections are opened as soon as somebody waits for each. A burst of a thousand lookups
/// is served sooner by these than by 64, whose handshakes come first.
inline constexpr std::size_t first_connections = 8;

/// How long the queue may take before more connections are worth their making.
[[nodiscard]] constexpr nanoseconds growth_patience(nanoseconds opening_time) noexcept {
  return 8 * opening_time;
}

/// Whether more connections than the first ones would pay: the queue would keep those there are
/// busy for several times what it takes to make one; or its head waits so long that the estimate
/// must be wrong.
[[nodiscard]] constexpr bool worth_growing(const pool_census& now) noexcept {
  const nanoseconds patience = growth_patience(now.opening_time);
  const auto capacity = static_cast<std::int64_t>(std::max<std::size_t>(now.open + now.opening, 1));
  const nanoseconds to_drain =
      now.exchange_time * static_cast<std::int64_t>(now.waiting) / capacity;
  return to_drain > patience || now.head_waited > patience;
}

/// How many connections to open now: never more than wait and have none coming, never more than the
/// caps allow; the first few at once, and from there in steps that double what is open, as long as
/// that is worth it.
[[nodiscard]] constexpr std::size_t connections_to_open(const pool_census& now,
                                                        std::size_t max_connections,
                                                        std::size_t max_opening) noexcept {
  const auto room = [](std::size_t limit, std::size_t used) {
    return limit > used ? limit - used : 0;
  };
  std::size_t step = room(first_connections, now.open + now.opening);
  if (step == 0 && worth_growing(now)) step = room(now.open, now.opening);
  step = std::max(step, room(now.replayed, now.opening));
  return std::min({room(now.waiting, now.opening), room(max_connections, now.connections),
                   room(max_opening, now.opening), step});
}

/// What the pool knows of a connection that has just served.
struct service_record {
  nanoseconds age{};
  std::uint64_t served = 0;  ///< answers, this one included
  /// The first number of requests that the server said it takes.
  std::optional<std::uint32_t> max_requests;
};

/// What to do with a connection that has just served.
enum class next_use {
  lend,      ///< to an exchange that waits, or keep it for the next one
  end,       ///< the answer was its last: it may not be used again
  worn_out,  ///< it could be used again, but has been long enough
};

/// The one gate for reuse.
[[nodiscard]] constexpr next_use after_answer(bool reusable, const service_record& so_far,
                                              nanoseconds max_lifetime) noexcept {
  if (!reusable) return next_use::end;
  const bool too_old = max_lifetime.count() > 0 && so_far.age >= max_lifetime;
  // Some servers count down and some repeat the whole number: the first one stated is safe for
  // both.
  const bool too_often = so_far.max_requests && so_far.served >= *so_far.max_requests;
  return too_old || too_often ? next_use::worn_out : next_use::lend;
}

/// How long a connection may stay idle. The client must be the first to close, and its clock starts
/// later than the server's: by the way the answer took, and then the request's.
[[nodiscard]] constexpr nanoseconds idle_bound(
    nanoseconds idle_timeout, std::optional<std::chrono::seconds> servers_timeout) noexcept {
  if (!servers_timeout) return idle_timeout;
  const nanoseconds theirs = *servers_timeout;
  const nanoseconds margin = std::min<nanoseconds>(std::chrono::seconds(1), theirs / 2);
  return std::min(idle_timeout, theirs - margin);
}

/// What becomes of an exchange whose connection broke.
enum class after_break {
  replay,  ///< it goes back to the head of the queue, once, and nobody hears of it
  fail,
};

/// A server may close an idle connection at the moment that it is lent again. Such an exchange
/// never reached anybody: it failed on a connection that had served before, or had been idle,
/// without one byte of answer.
[[nodiscard]] constexpr after_break exchange_after_break(bool reused, bool answer_begun,
                                                         bool replayed_before) noexcept {
  return reused && !answer_begun && !replayed_before ? after_break::replay : after_break::fail;
}

/// Whether an exchange may be given a connection. One that was replayed has no further chance, so
/// it waits for a connection that is made just then: where a server closes connections at random,
/// another one that has served may be dead as well. While none can be made, any will do.
[[nodiscard]] constexpr bool may_take(bool replayed, bool fresh, bool origin_refuses) noexcept {
  return !replayed || fresh || origin_refuses;
}

/// Whether an idle connection shares the fate of one that was found dead when it was lent after
/// having been idle for `dead_idle`. Servers and the boxes on the way forget connections by their
/// idle time, in seconds; a shorter one proves nothing about others.
[[nodiscard]] constexpr bool suspect(nanoseconds idle, nanoseconds dead_idle) noexcept {
  return dead_idle >= std::chrono::seconds(1) && idle >= dead_idle;
}

}  // namespace binarly::https

#endif
