// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_EVENT_HPP
#define BINARLY_EVENT_HPP

#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>
#include <binarly/operation_kind.hpp>
#include <binarly/pool_counters.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace binarly {

/// Which call and which of its attempts an event is about.
struct attempt_name {
  std::string call_id;   ///< as in `failure_detail`
  std::string resource;  ///< likewise
  int number = 0;        ///< of the attempt, from 1
  bool hedge = false;    ///< sent beside another attempt that is slow

  attempt_name() = default;
};

/// An attempt is about to be handed to the pool.
struct attempt_started {
  attempt_name attempt;
};

/// An attempt is over.
struct attempt_finished {
  attempt_name attempt;
  error_code code;  ///< none for success
  phase step = phase::decode;
  unsigned http_status = 0;  ///< 0 when no head was read
  std::chrono::nanoseconds duration{};
};

/// A failed attempt will be made again.
struct retry_scheduled {
  attempt_name attempt;  ///< the one that failed
  error_code why;
  std::chrono::milliseconds wait{};
};

/// A second attempt was sent beside a slow one.
struct hedge_sent {
  attempt_name attempt;
  std::chrono::nanoseconds after{};  ///< since the first was
};

/// A call is over.
struct call_finished {
  std::string call_id;
  std::string resource;
  error_code code;  ///< none for success
  int attempts = 0;
  std::chrono::nanoseconds elapsed{};
};

enum class breaker_state {
  closed,     ///< attempts are made
  open,       ///< none is made
  half_open,  ///< a few are made, to see whether all is good again
};

/// The state in one or two lower-case words, joined by an underscore.
[[nodiscard]] BINARLY_IMAGES_DECL std::string_view to_string(breaker_state state) noexcept;

/// The circuit breaker went over to another state.
struct breaker_changed {
  breaker_state state = breaker_state::closed;
  std::chrono::nanoseconds open_for{};  ///< with `open`
};

/// The adaptive limit on attempts in flight of one kind is another.
struct limit_changed {
  operation_kind operation = operation_kind::get_image;
  std::size_t limit = 0;
};

/// There is a new token.
struct token_renewed {
  std::optional<std::chrono::seconds> lifetime;
};

/// There is no new token.
struct token_failed {
  failure why;
  bool usable = false;  ///< the old one still serves
};

/// Whom a connection is to.
enum class peer {
  service,
  identity_server,
};

/// The peer as one or two lower-case words, joined by an underscore.
[[nodiscard]] BINARLY_IMAGES_DECL std::string_view to_string(peer whom) noexcept;

/// A connection was made.
struct connection_opened {
  peer to = peer::service;
  bool resumed = false;  ///< it went on with an earlier TLS session
};

/// An exchange found a connection that had served before.
struct connection_reused {
  peer to = peer::service;
};

/// An exchange was begun again, since a reused connection turned out to be dead.
struct connection_replayed {
  peer to = peer::service;
};

/// A connection is no more.
struct connection_closed {
  peer to = peer::service;
  close_reason why = close_reason::client;
};

/// So many events were dropped here, since the listener is slower than what it listens to.
struct events_lost {
  std::uint64_t count = 0;
};

/// What a client tells about itself. None of it holds a secret.
using event =
    std::variant<attempt_started, attempt_finished, retry_scheduled, hedge_sent, call_finished,
                 breaker_changed, limit_changed, token_renewed, token_failed, connection_opened,
                 connection_reused, connection_replayed, connection_closed, events_lost>;

/// The event as one line.
[[nodiscard]] BINARLY_IMAGES_DECL std::string to_string(const event& what);
BINARLY_IMAGES_DECL std::ostream& operator<<(std::ostream& out, const event& what);

/// Hears a client's events, one at a time and in their order, on the client's executor, after what
/// they tell of has been done. What it throws is dropped. While it is busy, at most 10,000 events
/// are kept for it. It must not outlive what it refers to: it is kept as long as the client, its
/// calls in flight, and what is left to deliver.
using event_listener = std::function<void(const event&)>;

}  // namespace binarly

#endif
