// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_OPTIONS_HPP
#define BINARLY_CLIENT_OPTIONS_HPP

#include <binarly/credentials.hpp>
#include <binarly/failure.hpp>
#include <binarly/retry_policy.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace binarly {

/// The least version of TLS that is spoken.
enum class tls_version {
  tls_1_2,
  tls_1_3,
};

/// Whom to trust, and who we are. Verification cannot be switched off. Files are read once, when
/// the client is made. HTTP/1.1 is offered by ALPN (RFC 7301), and earlier sessions are resumed.
struct tls_options {
  /// Trust the authorities that the system trusts.
  bool system_authorities = true;
  /// A file of further authorities in PEM form, at most 16 MiB; empty for none.
  std::string ca_file;
  /// Further authorities as PEM text; empty for none.
  std::string ca_pem;
  /// The client's own certificate, for servers that ask for one, and what lies between it and its
  /// authority: a file in PEM form. Empty for none; this one wins over `certificate_pem`.
  std::string certificate_file;
  /// The same as PEM text.
  std::string certificate_pem;
  /// The certificate's private key: a file in PEM form. This one wins over `key_pem`.
  std::string key_file;
  /// The same as PEM text.
  std::string key_pem;
  /// Called for the passphrase of a key that is encrypted, at most once, when the client is made.
  std::function<std::string()> key_passphrase;
  tls_version min_version = tls_version::tls_1_2;

  tls_options() = default;
};

/// Resolves a host's name to its addresses, best first, and calls `done` once: now or later, from
/// any thread. It may be called from any thread that runs the client's executor, and must not
/// block. A `done` that is dropped without a call fails the connection when `timeouts.resolve` is
/// over.
using address_resolver = std::function<void(
    const std::string& host,
    boost::asio::any_completion_handler<void(error_code, std::vector<boost::asio::ip::address>)>
        done)>;

/// The way through an HTTP proxy, which is asked for a tunnel (`CONNECT`) and sees no more than the
/// service's host and port. A base URL that begins with `http://`, which is loopback's alone, is
/// never reached through one.
struct proxy_options {
  /// `http://[user:password@]host[:port]`; empty for none. `http://` may be left out, the port is
  /// 80 unless it is named, and other characters than letters and digits in the user and the
  /// password are written as %XX. A proxy that itself speaks TLS (`https://`) is refused, and so is
  /// SOCKS.
  std::string url;
  /// Shown to the proxy as basic credentials (RFC 7617), in the clear. Each takes the place of the
  /// one in the URL unless it is empty; at most 2,048 bytes without control characters, the user
  /// without a colon.
  std::string user;
  std::string password;
  /// What is reached without the proxy: entries separated by commas or spaces, at most 64 KiB.
  /// `example.com`, `.example.com` and `*.example.com` each stand for that host and all below it,
  /// and `*` for everything. To a base URL that gives an address, addresses apply, and networks
  /// such as `10.0.0.0/8` or `fd00::/8`. `host:port` and `[address]:port` stand for that port
  /// alone. Other entries are passed over.
  std::string no_proxy;
  /// Take from the environment what is empty here: the URL from `https_proxy` or `HTTPS_PROXY`, the
  /// exceptions from `no_proxy` or `NO_PROXY`; the first of the two that is not empty. Read once,
  /// when the client is made.
  bool from_environment = false;

  proxy_options() = default;
};

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
  /// The body of an image's answer, in bytes; 1 KiB to 1 GiB.
  std::size_t body = 4 * 1024 * 1024;

  answer_limits() = default;
};

/// Everything that a client is told at birth. Checked once, when the client is made; what is wrong
/// is named there.
struct client_options {
  /// `https://dashboard-{slug}.binarly.cloud`, or an installation's own address. A path prefix is
  /// kept, and `/api/v4` is added by the client. No user information, query or fragment.
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
  retry_policy retry;
  /// The promise that the executor never runs two handlers at once: that of an `io_context` which
  /// one thread runs, or a strand. Spares the client the strands of its own.
  bool single_threaded = false;
  /// The `User-Agent` header; empty for `binarly-images/{version}`.
  std::string user_agent;

  client_options() = default;
};

}  // namespace binarly

#endif
