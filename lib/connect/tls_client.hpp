// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_TLS_CLIENT_HPP
#define BINARLY_CONNECT_TLS_CLIENT_HPP

#include "connect/origin.hpp"
#include "connect/session_store.hpp"
#include "connect/transport_failure.hpp"

#include <binarly/client_options.hpp>

#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <memory>

namespace binarly::connect {

/// The client's side of TLS towards one origin: the one context of a client, the sessions it may
/// resume, and what each connection's own TLS object is told and asked. May be used from several
/// threads, and outlives the connections.
class tls_client {
 public:
  /// Reads files; throws `failure_error` naming the option that cannot be used. Keeps at most so
  /// many sessions.
  tls_client(const tls_options& options, origin where, std::size_t most_sessions);
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;

  [[nodiscard]] boost::asio::ssl::context& context() noexcept { return *context_; }

  /// Before the handshake; offers a session if there is one. False when OpenSSL does not take the
  /// host's name.
  [[nodiscard]] bool prepare(SSL* tls);
  /// Why the handshake failed.
  [[nodiscard]] transport_failure explain(SSL* tls, const error_code& cause) const;
  /// Whether the server refuses for want of a certificate of ours that it accepts. In TLS 1.3 that
  /// comes after the handshake.
  [[nodiscard]] static bool wants_certificate(const error_code& cause) noexcept;
  [[nodiscard]] transport_failure explain_certificate_wanted(const error_code& cause) const;

 private:
  const origin where_;
  const bool has_certificate_;
  const std::shared_ptr<boost::asio::ssl::context> context_;
  session_store sessions_;
};

}  // namespace binarly::connect

#endif
