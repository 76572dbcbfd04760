// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_TUNNEL_HPP
#define BINARLY_CONNECT_TUNNEL_HPP

#include "connect/origin.hpp"
#include "connect/proxy.hpp"
#include "connect/transport_failure.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace binarly::connect {

/// Asks the HTTP proxy, which the socket is connected to, for a tunnel to the origin. If there is
/// no failure, the next byte on the socket is the origin's. It has no bound in time: whoever owns
/// the socket closes it, which ends this soon. All arguments must live until then.
boost::asio::awaitable<std::optional<transport_failure>> open_tunnel(
    boost::asio::ip::tcp::socket& socket, const proxy& through, const origin& where);

}  // namespace binarly::connect

#endif
