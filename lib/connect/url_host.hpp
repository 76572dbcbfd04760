// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_URL_HOST_HPP
#define BINARLY_CONNECT_URL_HOST_HPP

#include "connect/host_port.hpp"

#include <binarly/failure.hpp>

#include <boost/url/url_view.hpp>

#include <cstdint>
#include <string_view>

namespace binarly::connect {

/// Longer ones are refused unread.
inline constexpr std::size_t longest_url = 2048;

/// Host and port out of the URL that an option holds; refused, in the option's name: a host that is
/// neither a literal address nor a name in ASCII, and a port that is none.
[[nodiscard]] result<host_port> read_host(const boost::urls::url_view& url,
                                          std::uint16_t usual_port, std::string_view option);

}  // namespace binarly::connect

#endif
