// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_POOL_DECISIONS_HPP
#define BINARLY_HTTPS_POOL_DECISIONS_HPP

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace binarly::https {

/// How a pool's connections and exchanges stand.
struct pool_census {
  std::size_t waiting = 0;      ///< exchanges without a connection
  std::size_t opening = 0;      ///< connections in the making
  std::size_t connections = 0;  ///< all of them, those opening and closing included
};

/// How many connections to open now: one for each exchange that waits and has none coming, a few at
/// a time, and never more than the cap. A burst of a thousand lookups must not pay for 64
/// handshakes when 8 connections serve it sooner.
[[nodiscard]] constexpr std::size_t connections_to_open(const pool_census& now,
                                                        std::size_t max_connections,
                                                        std::size_t max_opening) noexcept {
  const auto room = [](std::size_t limit, std::size_t used) {
    return limit > used ? limit - used : 0;
  };
  return std::min({room(now.waiting, now.opening), room(max_connections, now.connections),
                   room(max_opening, now.opening)});
}

/// What to do with a connection that has just served.
enum class next_use {
  lend,   ///< to an exchange that waits, or keep it for the next one
  close,  ///< it serves no more
};

/// The one gate for reuse. `reusable` is the connection's own word: the answer was complete,
/// keep-alive holds, and nothing is left over.
[[nodiscard]] constexpr next_use after_answer(bool reusable, std::chrono::nanoseconds age,
                                              std::chrono::nanoseconds max_lifetime) noexcept {
  const bool too_old = max_lifetime.count() > 0 && age >= max_lifetime;
  return reusable && !too_old ? next_use::lend : next_use::close;
}

/// What becomes of an exchange whose connection broke.
enum class after_break {
  replay,  ///< it goes back to the head of the queue, once, and nobody hears of it
  fail,
};

/// A server may close an idle connection at the moment that it is lent again. Such an exchange
/// never reached anybody: it failed on a connection that had served before, without one byte of
/// answer.
[[nodiscard]] constexpr after_break exchange_after_break(bool reused, bool answer_begun,
                                                         bool replayed_before) noexcept {
  return reused && !answer_begun && !replayed_before ? after_break::replay : after_break::fail;
}

}  // namespace binarly::https

#endif
