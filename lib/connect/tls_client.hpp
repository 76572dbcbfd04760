// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_TLS_CLIENT_HPP
#define BINARLY_CONNECT_TLS_CLIENT_HPP

#include "connect/origin.hpp"
#include "connect/transport_failure.hpp"

#include <binarly/client_options.hpp>

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace binarly::connect {

/// The client's side of TLS towards one origin: the one context of a client, and what each
/// connection's own TLS object is told and asked. May be used from several threads.
class tls_client {
 public:
  /// Reads files; throws `failure_error` naming the option that cannot be used.
  tls_client(const tls_options& options, origin where);

  [[nodiscard]] boost::asio::ssl::context& context() noexcept { return *context_; }

  /// Before the handshake. False when OpenSSL does not take the host's name.
  [[nodiscard]] bool prepare(SSL* tls) const;
  /// Why the handshake failed.
  [[nodiscard]] transport_failure explain(SSL* tls, const error_code& cause) const;
  /// Before a connection that worked to its end is freed: a session whose connection was not shut
  /// down cannot be resumed.
  static void keep_resumable(SSL* tls) noexcept;

 private:
  const origin where_;
  const std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace binarly::connect

#endif
