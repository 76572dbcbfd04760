// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_PROXY_HPP
#define BINARLY_CONNECT_PROXY_HPP

#include "connect/host_port.hpp"
#include "connect/origin.hpp"

#include <binarly/client_options.hpp>
#include <binarly/failure.hpp>
#include <binarly/secret.hpp>

#include <functional>
#include <optional>
#include <string>

namespace binarly::connect {

/// How a proxy is asked for a tunnel.
enum class proxy_protocol {
  http,    ///< CONNECT (RFC 9110, section 9.3.6)
  socks5,  ///< RFC 1928
};

/// A proxy that is asked for tunnels.
struct proxy : host_port {
  proxy_protocol protocol = proxy_protocol::http;
  secret authorization;    ///< of HTTP: the value of Proxy-Authorization; empty for none
  std::string user;        ///< of SOCKS (RFC 1929)
  shared_secret password;  ///< empty for none

  proxy() = default;

  /// As failures call it.
  [[nodiscard]] std::string name() const { return "the proxy " + authority(); }
};

/// Gives a variable of the environment, or null; asked only when the options say so.
using variable_lookup = std::function<const char*(const char* name)>;

/// The proxy on the way to the origin, if there is one. What cannot be used is refused in the name
/// of its option, and of the variable it was read from; neither user nor password is repeated. An
/// environment that does not concern the origin is not judged.
[[nodiscard]] result<std::optional<proxy>> choose_proxy(const proxy_options& options,
                                                        const origin& where,
                                                        const variable_lookup& variables);

}  // namespace binarly::connect

#endif
