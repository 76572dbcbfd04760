// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_HOST_PORT_HPP
#define BINARLY_CONNECT_HOST_PORT_HPP

#include <cstdint>
#include <string>

namespace binarly::connect {

/// Whom to connect to.
struct host_port {
  std::string host;      ///< a name, or an address without brackets
  bool literal = false;  ///< the host is an address, not a name
  std::uint16_t port = 0;

  host_port() = default;

  /// The host as it stands in URLs: an IPv6 address in brackets.
  [[nodiscard]] std::string url_host() const {
    return host.find(':') == host.npos ? host : '[' + host + ']';
  }
  /// `host:port`, for people.
  [[nodiscard]] std::string authority() const { return url_host() + ':' + std::to_string(port); }
};

}  // namespace binarly::connect

#endif
