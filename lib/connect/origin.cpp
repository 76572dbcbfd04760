// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/origin.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace binarly::connect {
namespace {

constexpr std::size_t longest_url = 2048;

failure refuse(std::string reason) {
  return failure(errc::invalid_argument, "base_url " + std::move(reason));
}

/// Letters, digits, dots, hyphens and underscores: what resolvers and certificates agree on.
bool plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 && name.front() != '.' &&
         name.find("..") == name.npos && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

bool loopback(const origin& where) {
  if (!where.literal) return where.certificate_name() == "localhost";
  return boost::asio::ip::make_address(where.host).is_loopback();
}

}  // namespace

std::string origin::host_header() const {
  std::string value = literal && host.find(':') != host.npos ? '[' + host + ']' : host;
  if (port != (tls ? 443 : 80)) value += ':' + std::to_string(port);
  return value;
}

std::string origin::authority() const {
  const bool brackets = literal && host.find(':') != host.npos;
  return (brackets ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::string_view origin::certificate_name() const noexcept {
  std::string_view name = host;
  if (!literal && name.ends_with('.')) name.remove_suffix(1);
  return name;
}

result<origin> parse_origin(std::string_view base_url, bool plain_http_on_loopback) {
  if (base_url.empty()) return refuse("is empty; name the service's address, https://...");
  if (base_url.size() > longest_url) return refuse("is longer than 2048 characters");
  const auto parsed = boost::urls::parse_uri(base_url);
  if (!parsed) return refuse("is not a URL such as https://dashboard-example.binarly.cloud");
  const boost::urls::url_view url = *parsed;
  if (url.has_userinfo()) return refuse("must not hold a user name or a password");
  if (url.has_query() || url.has_fragment()) return refuse("must not hold a query or a fragment");

  origin where;
  switch (url.scheme_id()) {
    case boost::urls::scheme::https:
      where.tls = true;
      break;
    case boost::urls::scheme::http:
      where.tls = false;
      break;
    default:
      return refuse("must begin with https://");
  }
  switch (url.host_type()) {
    case boost::urls::host_type::ipv4:
    case boost::urls::host_type::ipv6:
      where.literal = true;
      where.host = url.host_address();
      break;
    case boost::urls::host_type::name:
      where.host = url.host_name();
      if (plain_name(where.host)) break;
      return refuse("names a host that is no ASCII host name; write it in its xn-- form");
    default:
      return refuse("names no host");
  }
  where.port = where.tls ? 443 : 80;
  if (!url.port().empty()) {
    where.port = url.port_number();
    if (where.port == 0) return refuse("names a port outside 1 to 65535");
  }
  const std::string_view path = url.encoded_path();
  // Boost.URL takes what follows a port's digits for a path, as in "host:80x".
  if (!path.empty() && path.front() != '/') return refuse("has a port that is not a number");
  where.path_prefix = path.substr(0, path.find_last_not_of('/') + 1);

  if (!where.tls && !(plain_http_on_loopback && loopback(where))) {
    return refuse("must begin with https://: a token is never sent in the clear" +
                  std::string(loopback(where) ? " unless that is allowed for loopback" : ""));
  }
  return where;
}

}  // namespace binarly::connect
