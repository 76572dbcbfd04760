// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/url_host.hpp"

#include <algorithm>
#include <string>

namespace binarly::connect {
namespace {

/// Letters, digits, dots, hyphens and underscores: what resolvers and certificates agree on.
bool plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 && name.front() != '.' &&
         name.find("..") == name.npos && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

}  // namespace

result<host_port> read_host(const boost::urls::url_view& url, std::uint16_t usual_port,
                            std::string_view option) {
  const auto refuse = [option](const char* reason) {
    return failure(errc::invalid_argument, std::string(option) + ' ' + reason);
  };
  host_port found;
  switch (url.host_type()) {
    case boost::urls::host_type::ipv4:
    case boost::urls::host_type::ipv6:
      found.literal = true;
      found.host = url.host_address();
      break;
    case boost::urls::host_type::name:
      found.host = url.host_name();
      if (plain_name(found.host)) break;
      return refuse("names a host that is no ASCII host name; write it in its xn-- form");
    default:
      return refuse("names no host");
  }
  found.port = usual_port;
  if (!url.port().empty()) {
    found.port = url.port_number();
    if (found.port == 0) return refuse("names a port outside 1 to 65535");
  }
  const std::string_view path = url.encoded_path();
  // Boost.URL takes what follows a port's digits for a path, as in "host:80x".
  if (!path.empty() && path.front() != '/') return refuse("has a port that is not a number");
  return found;
}

}  // namespace binarly::connect
