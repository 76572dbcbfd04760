// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/no_proxy.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace binarly::connect {
namespace {

namespace ip = boost::asio::ip;

/// Nothing but digits, and at most `most`.
std::optional<std::uint16_t> read_number(std::string_view text, std::uint16_t most) {
  std::uint16_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || stopped != end || value > most) return std::nullopt;
  return value;
}

std::optional<ip::address> read_address(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  boost::system::error_code failed;
  ip::address read = ip::make_address(text, failed);
  if (failed) return std::nullopt;
  return read;
}

/// `block` is an address, a slash, and the number of leading bits that count.
bool in_network(std::string_view block, const ip::address& address) {
  const auto slash = block.find('/');
  const auto network = read_address(block.substr(0, slash));
  if (!network || network->is_v4() != address.is_v4()) return false;
  const auto bits = read_number(block.substr(slash + 1), address.is_v4() ? 32 : 128);
  if (!bits) return false;
  if (address.is_v4()) {
    return ip::network_v4(network->to_v4(), *bits).canonical() ==
           ip::network_v4(address.to_v4(), *bits).canonical();
  }
  return ip::network_v6(network->to_v6(), *bits).canonical() ==
         ip::network_v6(address.to_v6(), *bits).canonical();
}

/// Locales have no say in host names.
bool same_letters(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

/// Whether `name` is `domain` or lies below it.
bool in_domain(std::string_view domain, std::string_view name) {
  if (domain.starts_with("*.")) domain.remove_prefix(1);
  if (domain.starts_with('.')) domain.remove_prefix(1);
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.empty() || domain.size() > name.size()) return false;
  const std::size_t above = name.size() - domain.size();
  return same_letters(name.substr(above), domain) && (above == 0 || name[above - 1] == '.');
}

/// An entry without its port; nothing when it is for another port.
std::optional<std::string_view> host_for_port(std::string_view entry, std::uint16_t port) {
  const auto colon = entry.rfind(':');
  // An address of IPv6 without brackets is all colons, and has no port.
  const bool has_port =
      colon != entry.npos && (entry.find(':') == colon || entry[colon - 1] == ']');
  if (!has_port) return entry;
  if (read_number(entry.substr(colon + 1), 65535) != port) return std::nullopt;
  return entry.substr(0, colon);
}

bool covers(std::string_view entry, const origin& where) {
  if (entry.find('/') != entry.npos) {
    return where.literal && in_network(entry, ip::make_address(where.host));
  }
  const auto host = host_for_port(entry, where.port);
  if (!host) return false;
  if (*host == "*") return true;
  if (where.literal) return read_address(*host) == ip::make_address(where.host);
  return in_domain(*host, where.certificate_name());
}

}  // namespace

bool bypasses_proxy(std::string_view no_proxy, const origin& where) {
  while (!no_proxy.empty()) {
    const auto end = std::min(no_proxy.find_first_of(", \t\r\n"), no_proxy.size());
    if (covers(no_proxy.substr(0, end), where)) return true;
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
  }
  return false;
}

}  // namespace binarly::connect
