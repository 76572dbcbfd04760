// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_TUNNEL_LOSS_HPP
#define BINARLY_CONNECT_TUNNEL_LOSS_HPP

#include "connect/proxy.hpp"
#include "connect/transport_failure.hpp"

#include <binarly/failure.hpp>

#include <string>

namespace binarly::connect {

/// The connection to the proxy broke before it had answered. `begun`: a part of an answer has come.
[[nodiscard]] transport_failure tunnel_lost(const proxy& through, const error_code& cause,
                                            bool begun);

/// The proxy said that the tunnel is open, and it ended before the first byte from behind it. Some
/// proxies say so before they connect.
[[nodiscard]] transport_failure tunnel_was_empty(const proxy& through, const error_code& cause);

/// What is to be said where such a tunnel is silent for too long.
[[nodiscard]] std::string silent_tunnel(const proxy& through);

}  // namespace binarly::connect

#endif
