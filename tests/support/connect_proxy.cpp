// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/connect_proxy.hpp"

#include "support/tunnel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <string_view>
#include <utility>

namespace binarly::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// The port in "CONNECT host:port HTTP/1.1".
std::uint16_t wanted_port(std::string_view head) {
  const std::string_view target = head.substr(0, head.find(" HTTP/"));
  return static_cast<std::uint16_t>(std::stoul(std::string(target.substr(target.rfind(':') + 1))));
}

}  // namespace

proxy_reply::proxy_reply(std::string said, ending next) : bytes(std::move(said)), then(next) {}

struct scripted_proxy::impl : tunnel_mouth {
  impl(const asio::any_io_executor& executor, script function)
      : tunnel_mouth(executor), replies(std::move(function)) {}

  static asio::awaitable<void> serve(std::shared_ptr<impl> self, std::shared_ptr<tunnel> one) {
    std::string head;
    const auto [unread, size] = co_await asio::async_read_until(
        one->client, asio::dynamic_buffer(head), "\r\n\r\n", as_result);
    if (unread) co_return;
    self->heads.push_back(head);
    proxy_reply reply = self->replies ? self->replies(head) : proxy_reply();
    if (reply.then == proxy_reply::ending::relay) {
      const tcp::endpoint target(asio::ip::address_v4::loopback(), wanted_port(head));
      const auto [unreached] = co_await one->origin.async_connect(target, as_result);
      if (unreached) {
        reply = proxy_reply("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      } else {
        ++self->tunnels;
      }
    }
    const std::size_t piece = reply.piece == 0 ? reply.bytes.size() : reply.piece;
    for (std::size_t at = 0; at < reply.bytes.size(); at += piece) {
      const auto bytes = asio::buffer(asio::buffer(reply.bytes) + at, piece);
      const auto [unsent, sent] = co_await asio::async_write(one->client, bytes, as_result);
      if (unsent) co_return;
      // The client's turn to read it.
      co_await asio::post(one->client.get_executor(), asio::use_awaitable);
    }
    if (reply.then == proxy_reply::ending::hold) {
      co_await read_to_the_end(one);
    } else if (reply.then == proxy_reply::ending::relay) {
      co_await relay_both_ways(one);
    }
  }

  const script replies;
  std::vector<std::string> heads;
  std::size_t tunnels = 0;
};

scripted_proxy::scripted_proxy(const asio::any_io_executor& executor, script replies)
    : impl_(std::make_shared<impl>(executor, std::move(replies))) {
  auto serve = [self = impl_](std::shared_ptr<tunnel> one) {
    return impl::serve(self, std::move(one));
  };
  asio::co_spawn(executor, tunnel_mouth::take_in(impl_, std::move(serve)), throw_on);
}

scripted_proxy::~scripted_proxy() { impl_->close(); }

std::uint16_t scripted_proxy::port() const noexcept { return impl_->port(); }

std::string scripted_proxy::url() const { return "http://127.0.0.1:" + std::to_string(port()); }

const std::vector<std::string>& scripted_proxy::heads() const noexcept { return impl_->heads; }

std::size_t scripted_proxy::tunnels() const noexcept { return impl_->tunnels; }

}  // namespace binarly::testing
