// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_TUNNEL_HPP
#define BINARLY_TESTS_SUPPORT_TUNNEL_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace binarly::testing {

/// A proxy's client, and where its tunnel leads.
struct tunnel {
  explicit tunnel(boost::asio::ip::tcp::socket from)
      : client(std::move(from)), origin(client.get_executor()) {}

  void close();

  boost::asio::ip::tcp::socket client;
  boost::asio::ip::tcp::socket origin;
};

/// Where a proxy takes its clients in, on a free port of loopback.
struct tunnel_mouth {
  explicit tunnel_mouth(const boost::asio::any_io_executor& executor);

  /// Serves each client, until it is closed.
  static boost::asio::awaitable<void> take_in(
      std::shared_ptr<tunnel_mouth> self,
      std::function<boost::asio::awaitable<void>(std::shared_ptr<tunnel>)> serve);
  /// No more clients, and those that are there are cut off.
  void close();
  [[nodiscard]] std::uint16_t port() const noexcept { return acceptor.local_endpoint().port(); }

  boost::asio::ip::tcp::acceptor acceptor;
  std::vector<std::weak_ptr<tunnel>> all;
};

/// Copies what comes in either direction, until the client has ended its own.
boost::asio::awaitable<void> relay_both_ways(std::shared_ptr<tunnel> through);

/// Reads what the client says, and drops it.
boost::asio::awaitable<void> read_to_the_end(std::shared_ptr<tunnel> from);

/// For `co_spawn`: whoever runs the context hears of what these tests never expect.
void throw_on(const std::exception_ptr& thrown);

}  // namespace binarly::testing

#endif
