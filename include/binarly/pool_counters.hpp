// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_POOL_COUNTERS_HPP
#define BINARLY_POOL_COUNTERS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace binarly {

/// Why a connection is no more.
enum class close_reason {
  not_opened,  ///< it was never made: resolving, connecting or the handshake failed
  idle,        ///< nobody needed it for the idle timeout, or for the time that the server allows
  worn_out,    ///< its lifetime, or the number of requests that the server allows, was reached
  announced,   ///< the last answer said that it was, or a goodbye came with it
  server,      ///< the server closed it, or spoke unasked, while it was idle or being lent again
  suspect,     ///< a connection that had been idle no longer than this one was found dead
  broken,      ///< the exchange that it carried failed: cut short, malformed, or too large
  left,        ///< its caller cancelled or ran out of time, and what remained was not worth reading
  client,      ///< the client was closed or destroyed
};

inline constexpr std::size_t close_reasons = 9;

/// The reason in one or two lower-case words, joined by an underscore.
[[nodiscard]] constexpr std::string_view to_string(close_reason why) noexcept {
  constexpr std::array<std::string_view, close_reasons> names{"not_opened", "idle",   "worn_out",
                                                              "announced",  "server", "suspect",
                                                              "broken",     "left",   "client"};
  return names[static_cast<std::size_t>(why)];
}

/// What a client's connections have been through: a snapshot. Each figure is exact; figures that
/// change while the snapshot is taken may belong to neighbouring moments.
struct pool_counters {
  // How things stand.
  std::size_t open = 0;     ///< connections that are made and not yet being closed
  std::size_t idle = 0;     ///< of these, the ones that nobody uses
  std::size_t opening = 0;  ///< connections in the making
  std::size_t waiting = 0;  ///< exchanges without a connection

  // What has happened since the client was made.
  std::uint64_t opened = 0;    ///< connections made
  std::uint64_t resumed = 0;   ///< of these, the ones that went on with an earlier TLS session
  std::uint64_t reused = 0;    ///< exchanges that found a connection which had served before
  std::uint64_t replayed = 0;  ///< exchanges begun again, since a reused connection was dead
  std::uint64_t drained = 0;   ///< connections that outlived a caller who cancelled or timed out
  std::array<std::uint64_t, close_reasons> closed{};  ///< by `close_reason`

  [[nodiscard]] std::uint64_t closed_as(close_reason why) const noexcept {
    return closed[static_cast<std::size_t>(why)];
  }
};

}  // namespace binarly

#endif
