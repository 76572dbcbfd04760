// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/origin.hpp"

#include "connect/url_host.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>

namespace binarly::connect {
namespace {

bool loopback(const origin& where) {
  if (!where.literal) return where.certificate_name() == "localhost";
  return boost::asio::ip::make_address(where.host).is_loopback();
}

}  // namespace

std::string origin::host_header() const {
  std::string value = url_host();
  if (port != (tls ? 443 : 80)) value += ':' + std::to_string(port);
  return value;
}

std::string_view origin::certificate_name() const noexcept {
  std::string_view name = host;
  if (!literal && name.ends_with('.')) name.remove_suffix(1);
  return name;
}

result<origin> parse_origin(std::string_view base_url, bool plain_http_on_loopback,
                            std::string_view option) {
  const auto refuse = [option](std::string reason) {
    return failure(errc::invalid_argument, std::string(option) + ' ' + std::move(reason));
  };
  if (base_url.empty()) return refuse("is empty; name the service's address, https://...");
  if (base_url.size() > longest_url) return refuse("is longer than 2048 characters");
  const auto parsed = boost::urls::parse_uri(base_url);
  if (!parsed) return refuse("is not a URL such as https://dashboard-example.binarly.cloud");
  const boost::urls::url_view& url = *parsed;
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
  const auto named = read_host(url, where.tls ? 443 : 80, option);
  if (!named) return named.error();
  static_cast<host_port&>(where) = *named;
  const std::string_view path = url.encoded_path();
  where.path_prefix = path.substr(0, path.find_last_not_of('/') + 1);

  if (!where.tls && !(plain_http_on_loopback && loopback(where))) {
    return refuse("must begin with https://: a token is never sent in the clear" +
                  std::string(loopback(where) ? " unless that is allowed for loopback" : ""));
  }
  return where;
}

void drop_api_path(origin& where) {
  constexpr std::string_view api = "/api/v4";
  if (!where.path_prefix.ends_with(api)) return;
  where.path_prefix.resize(where.path_prefix.size() - api.size());
  while (where.path_prefix.ends_with('/'))
    where.path_prefix.pop_back();
}

}  // namespace binarly::connect
