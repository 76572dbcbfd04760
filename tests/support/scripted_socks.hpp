// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_SCRIPTED_SOCKS_HPP
#define BINARLY_TESTS_SUPPORT_SCRIPTED_SOCKS_HPP

#include "support/connect_proxy.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace binarly::testing {

/// What a SOCKS 5 proxy says at each of its turns, and what it does then. Where a turn's bytes are
/// empty, the rest is left out: it closes, or says nothing more.
struct socks_reply {
  /// By which the client may go on without credentials.
  std::string to_greeting{5, 0};
  /// Said only where the greeting's answer asks for a user name and a password.
  std::string to_password{1, 0};
  std::string to_request{5, 0, 0, 1, 127, 0, 0, 1, 0, 0};
  proxy_reply::ending then = proxy_reply::ending::relay;

  socks_reply() = default;
};

/// The answer to a request that is refused with this code (RFC 1928, section 6).
[[nodiscard]] socks_reply socks_refusal(char code);

/// A SOCKS 5 proxy that does what a test tells it. It relays to loopback alone, whatever host it is
/// asked for. Its context runs on one thread, which also destroys it.
class scripted_socks {
 public:
  /// What it says to each connection.
  using script = std::function<socks_reply()>;

  scripted_socks(const boost::asio::any_io_executor& executor, script replies);
  ~scripted_socks();
  scripted_socks(const scripted_socks&) = delete;
  scripted_socks& operator=(const scripted_socks&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string url() const;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace binarly::testing

#endif
