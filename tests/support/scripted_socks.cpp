// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/scripted_socks.hpp"

#include "support/tunnel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace binarly::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr char user_and_password = 2;

/// None when the client has gone.
asio::awaitable<std::optional<std::string>> read(tcp::socket& from, std::size_t size) {
  std::string bytes(size, '\0');
  const auto [unread, count] = co_await asio::async_read(from, asio::buffer(bytes), as_result);
  std::optional<std::string> out;
  if (!unread) out = std::move(bytes);
  co_return out;
}

/// Reads a text and the byte before it that says how long it is.
asio::awaitable<bool> pass_over_text(tcp::socket& from) {
  const auto size = co_await read(from, 1);
  if (!size) co_return false;
  const auto text = co_await read(from, static_cast<unsigned char>(size->front()));
  co_return text.has_value();
}

asio::awaitable<bool> pass_over_greeting(tcp::socket& from) {
  const auto version = co_await read(from, 1);
  if (!version) co_return false;
  const bool read_all = co_await pass_over_text(from);
  co_return read_all;
}

asio::awaitable<bool> pass_over_password(tcp::socket& from) {
  bool more = co_await pass_over_greeting(from);
  if (more) more = co_await pass_over_text(from);
  co_return more;
}

/// The port of a request that names its host; none when the client has gone.
asio::awaitable<std::optional<std::uint16_t>> wanted_port(tcp::socket& from) {
  std::optional<std::uint16_t> out;
  const auto head = co_await read(from, 4);
  if (!head) co_return out;
  const bool named = co_await pass_over_text(from);
  if (!named) co_return out;
  const auto port = co_await read(from, 2);
  if (!port) co_return out;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>((*port)[at]); };
  out = static_cast<std::uint16_t>(byte(0) * 256 + byte(1));
  co_return out;
}

/// False when there is nothing more to be said.
asio::awaitable<bool> say(tcp::socket& to, std::string bytes) {
  if (bytes.empty()) co_return false;
  const auto [unsent, sent] = co_await asio::async_write(to, asio::buffer(bytes), as_result);
  co_return !unsent;
}

/// False when the client is not let in, or has gone.
asio::awaitable<bool> let_in(tcp::socket& client, const socks_reply& reply) {
  bool more = co_await pass_over_greeting(client);
  if (more) more = co_await say(client, reply.to_greeting);
  if (!more || reply.to_greeting.back() != user_and_password) co_return more;
  more = co_await pass_over_password(client);
  if (more) more = co_await say(client, reply.to_password);
  co_return more;
}

}  // namespace

socks_reply socks_refusal(char code) {
  socks_reply reply;
  reply.to_request[1] = code;
  reply.then = proxy_reply::ending::close;
  return reply;
}

struct scripted_socks::impl : tunnel_mouth {
  impl(const asio::any_io_executor& executor, script function)
      : tunnel_mouth(executor), replies(std::move(function)) {}

  static asio::awaitable<void> serve(std::shared_ptr<tunnel> one, socks_reply reply) {
    std::optional<std::uint16_t> port;
    bool more = co_await let_in(one->client, reply);
    if (more) port = co_await wanted_port(one->client);
    if (port && reply.then == proxy_reply::ending::relay) {
      const tcp::endpoint target(asio::ip::address_v4::loopback(), *port);
      const auto [unreached] = co_await one->origin.async_connect(target, as_result);
      if (unreached) co_return;
    }
    if (port) more = co_await say(one->client, reply.to_request);
    if (reply.then == proxy_reply::ending::hold) {
      co_await read_to_the_end(one);
    } else if (port && more && reply.then == proxy_reply::ending::relay) {
      co_await relay_both_ways(one);
    }
  }

  const script replies;
};

scripted_socks::scripted_socks(const asio::any_io_executor& executor, script replies)
    : impl_(std::make_shared<impl>(executor, std::move(replies))) {
  auto serve = [self = impl_](std::shared_ptr<tunnel> one) {
    return impl::serve(std::move(one), self->replies());
  };
  asio::co_spawn(executor, tunnel_mouth::take_in(impl_, std::move(serve)), throw_on);
}

scripted_socks::~scripted_socks() { impl_->close(); }

std::uint16_t scripted_socks::port() const noexcept { return impl_->port(); }

std::string scripted_socks::url() const { return "socks5h://127.0.0.1:" + std::to_string(port()); }

}  // namespace binarly::testing
