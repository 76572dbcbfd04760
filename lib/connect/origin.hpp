// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_ORIGIN_HPP
#define BINARLY_CONNECT_ORIGIN_HPP

#include "connect/host_port.hpp"

#include <binarly/failure.hpp>

#include <string>
#include <string_view>

namespace binarly::connect {

/// Where a service lives: scheme, host and port (RFC 6454), and the path it is served below.
struct origin : host_port {
  bool tls = true;
  std::string path_prefix;  ///< empty, or begins with a slash and does not end with one

  origin() = default;

  /// The value of the Host header (RFC 9110, section 7.2): without the scheme's own port.
  [[nodiscard]] std::string host_header() const;
  /// The host as certificates name it: without the dot that makes a name absolute.
  [[nodiscard]] std::string_view certificate_name() const noexcept;
};

/// Reads a base URL, which is called `option` when it is refused. Refused, with the reason:
/// anything but https, save http on loopback when that is allowed; user information (it would end
/// up in logs), a query or a fragment; a host that is neither a literal address nor a name in
/// ASCII.
[[nodiscard]] result<origin> parse_origin(std::string_view base_url, bool plain_http_on_loopback,
                                          std::string_view option = "base_url");

/// Takes an `/api/v4` off the end of the path that a service is served below: the client adds it,
/// and some write the base URL with it.
void drop_api_path(origin& where);

}  // namespace binarly::connect

#endif
