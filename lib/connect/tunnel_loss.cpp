// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/tunnel_loss.hpp"

#include <boost/asio/error.hpp>

#include <string>
#include <utility>

namespace binarly::connect {
namespace {

namespace asio = boost::asio;

constexpr const char* perhaps_unreached = "; it may not have reached the service";

}  // namespace

transport_failure tunnel_lost(const proxy& through, const error_code& cause, bool begun) {
  std::string reason = through.name();
  if (cause == asio::error::eof) {
    reason += " closed the connection";
    reason += begun ? " in the middle of its answer" : " without an answer";
  } else {
    reason += ": " + cause.message();
  }
  return {errc::connection_lost, phase::proxy, std::move(reason), cause};
}

transport_failure tunnel_was_empty(const proxy& through, const error_code& cause) {
  return {errc::connection_lost, phase::proxy,
          through.name() + " opened a tunnel, which ended before the first byte from behind it" +
              perhaps_unreached,
          cause};
}

std::string silent_tunnel(const proxy& through) {
  return through.name() + " opened a tunnel, and no byte has come from behind it" +
         perhaps_unreached;
}

}  // namespace binarly::connect
