// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/tunnel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <tuple>

namespace binarly::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// Copies what comes in one direction, its end included.
asio::awaitable<void> relay(std::shared_ptr<tunnel> through, tcp::socket& from, tcp::socket& to) {
  std::array<char, 16 * 1024> room{};
  for (;;) {
    const auto [ended, size] = co_await from.async_read_some(asio::buffer(room), as_result);
    if (ended) break;
    const auto [failed, sent] =
        co_await asio::async_write(to, asio::buffer(room.data(), size), as_result);
    if (failed) through->close();
  }
  boost::system::error_code ignored;
  to.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

tunnel_mouth::tunnel_mouth(const asio::any_io_executor& executor)
    : acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

asio::awaitable<void> tunnel_mouth::take_in(
    std::shared_ptr<tunnel_mouth> self,
    std::function<asio::awaitable<void>(std::shared_ptr<tunnel>)> serve) {
  for (;;) {
    auto [failed, socket] = co_await self->acceptor.async_accept(as_result);
    if (failed) co_return;
    const auto one = std::make_shared<tunnel>(std::move(socket));
    self->all.push_back(one);
    asio::co_spawn(self->acceptor.get_executor(), serve(one), throw_on);
  }
}

void tunnel_mouth::close() {
  boost::system::error_code ignored;
  acceptor.close(ignored);
  for (const auto& each : all) {
    if (const auto one = each.lock()) one->close();
  }
}

void tunnel::close() {
  boost::system::error_code ignored;
  client.close(ignored);
  origin.close(ignored);
}

asio::awaitable<void> relay_both_ways(std::shared_ptr<tunnel> through) {
  auto& client = through->client;
  auto& origin = through->origin;
  asio::co_spawn(client.get_executor(), relay(through, origin, client), throw_on);
  co_await relay(through, client, origin);
}

asio::awaitable<void> read_to_the_end(std::shared_ptr<tunnel> from) {
  std::array<char, 1024> room{};
  boost::system::error_code ended;
  while (!ended) {
    std::size_t size = 0;
    std::tie(ended, size) = co_await from->client.async_read_some(asio::buffer(room), as_result);
  }
}

void throw_on(const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace binarly::testing
