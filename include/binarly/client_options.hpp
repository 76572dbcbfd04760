// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_OPTIONS_HPP
#define BINARLY_CLIENT_OPTIONS_HPP

#include <binarly/credentials.hpp>
#include <binarly/event.hpp>
#include <binarly/failure.hpp>
#include <binarly/load_options.hpp>
#include <binarly/retry_policy.hpp>
#include <binarly/route_options.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace binarly {

/// The connections to the service.
struct pool_options {
  /// Connections open at most, those being opened included; 1 to 10,000.
  std::size_t max_connections = 64;
  /// Connections that may be in the making at one time; 1 to 10,000. The first 8 are opened as soon
  /// as somebody waits for each; from there the number doubles, as long as the queue would keep
  /// those there are busy for several times what making one takes.
  std::size_t max_opening = 32;
  /// Exchanges that may wait for a connection, one in the making included; one more fails with
  /// `errc::queue_full`. At least 1; the default has room for the widest window of a bulk run.
  std::size_t max_waiting = 1'000'000;
  /// Connections opened when the client is made, before anybody asks; at most `max_connections`.
  /// They stay as long as other unused ones do.
  std::size_t prewarm = 0;
  /// An unused connection is closed after this, or a second before the time that the server grants
  /// (`Keep-Alive: timeout`), whichever is first; zero keeps none. At most 1 hour. Below the 30 s
  /// that some load balancers allow, so that the client is the first to close.
  std::chrono::milliseconds idle_timeout{25'000};
  /// A connection is not used again when it is older than this; zero is no bound. At most 24 hours.
  std::chrono::milliseconds max_lifetime{600'000};
  /// The addresses of a host are used for so long before its name is resolved again; zero resolves
  /// for each connection, save that those which wait at the same time share the answer. At most 24
  /// hours. In any case the name is resolved again when none of its addresses can be reached.
  std::chrono::milliseconds address_lifetime{60'000};

  pool_options() = default;
};

/// Bounds in time. All of them are positive and at most 24 hours. The failure names the phase that
/// went over its bound; whichever bound comes first counts.
struct timeout_options {
  /// From the call's start to its completion: waits, attempts and backoff included.
  std::chrono::milliseconds deadline{120'000};
  /// One attempt, its wait for a connection included.
  std::chrono::milliseconds attempt{30'000};
  /// An attempt's wait for a connection.
  std::chrono::milliseconds acquire{30'000};
  /// Making a connection: resolving the name of the host, or of the proxy.
  std::chrono::milliseconds resolve{10'000};
  /// Making a connection: reaching one of the addresses.
  std::chrono::milliseconds connect{10'000};
  /// Making a connection: the proxy's answer to the wish for a tunnel.
  std::chrono::milliseconds proxy{10'000};
  /// Making a connection: the TLS handshake.
  std::chrono::milliseconds handshake{10'000};
  /// Getting a token, where they are not fixed: the attempts and backoff of a request for one, at
  /// both of an identity server's addresses where there are two, or a `token_provider`.
  std::chrono::milliseconds token{30'000};
  /// Sending the request.
  std::chrono::milliseconds write{10'000};
  /// From the request's end to the first byte of the answer.
  std::chrono::milliseconds first_byte{30'000};
  /// Between any two reads of the answer.
  std::chrono::milliseconds between_bytes{15'000};

  timeout_options() = default;
};

/// Bounds on what the service may send.
struct answer_limits {
  /// The head of an answer, interim answers (1xx), chunk extensions and trailers included, in
  /// bytes; 1 KiB to 1 MiB.
  std::size_t head = 16 * 1024;
  /// The body of an image's answer, in bytes: as it was sent, and again once its coding is undone;
  /// 1 KiB to 1 GiB.
  std::size_t body = 4 * 1024 * 1024;
  /// An SBOM report, in bytes: as it was sent, and again once its coding is undone; 1 KiB to 16
  /// GiB. It is not held, so this bounds time rather than memory.
  std::size_t report = 1024 * 1024 * 1024;

  answer_limits() = default;
};

/// Everything that a client is told at birth. Checked once, when the client is made; what is wrong
/// is named there.
struct client_options {
  /// `https://dashboard-{slug}.binarly.cloud`, or an installation's own address. A path prefix is
  /// kept, and `/api/v4` is added by the client; one that stands at the end already is taken for
  /// the same. No user information, query or fragment.
  std::string base_url;
  /// Allow `http://` for 127.0.0.0/8, `[::1]` and `localhost`; refused everywhere else in any case.
  bool plain_http_on_loopback = false;
  credentials auth;
  tls_options tls;
  proxy_options proxy;
  /// Empty for the system's resolver, which Asio runs on a thread of its own: a lookup that hangs
  /// there is left alone at its deadline, but keeps the execution context from ending until it
  /// returns. Not asked about literal addresses.
  address_resolver resolver;
  pool_options pool;
  timeout_options timeouts;
  answer_limits limits;
  /// For calls that bring none of their own, and for those to an identity server.
  retry_policy retry;
  /// Shared by all of the client's calls, whatever their policy.
  retry_budget_options retry_budget;
  concurrency_options concurrency;
  rate_options rate;
  breaker_options breaker;
  hedge_options hedge;
  /// Hears what the client does; empty for nobody, which costs nothing.
  event_listener on_event;
  /// The promise that the executor never runs two handlers at once: that of an `io_context` which
  /// one thread runs, or a strand. Spares the client the strands of its own.
  bool single_threaded = false;
  /// The `User-Agent` header; empty for `binarly-images/{version}`.
  std::string user_agent;

  client_options() = default;
};

}  // namespace binarly

#endif
