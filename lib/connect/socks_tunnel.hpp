// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_SOCKS_TUNNEL_HPP
#define BINARLY_CONNECT_SOCKS_TUNNEL_HPP

#include "connect/origin.hpp"
#include "connect/proxy.hpp"
#include "connect/transport_failure.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace binarly::connect {

/// As `open_tunnel`, by SOCKS 5 (RFC 1928), with a user name and a password (RFC 1929) where the
/// proxy has them and asks for them. The origin's name is resolved by the proxy.
boost::asio::awaitable<std::optional<transport_failure>> open_socks_tunnel(
    boost::asio::ip::tcp::socket& socket, const proxy& through, const origin& where);

}  // namespace binarly::connect

#endif
