// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/stream.hpp"
#include "connect/tls_client.hpp"
#include "unit/connection_world.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <array>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using binarly::connect::stream;
using binarly::connect::tls_client;
using binarly::testing::run_task;
using binarly::testing::scripted_peer;

asio::awaitable<void> shake_hands(stream& client) {
  for (;;) {
    const auto did = client.handshake();
    if (!did.must_wait()) {
      REQUIRE(!did.failed);
      co_return;
    }
    co_await client.socket().async_wait(did.awaits, asio::use_awaitable);
  }
}

asio::awaitable<void> connect(stream& client, scripted_peer& peer) {
  asio::co_spawn(client.socket().get_executor(), shake_hands(client),
                 [](std::exception_ptr thrown) {
                   if (thrown) std::rethrow_exception(thrown);
                 });
  co_await peer.accept();
  co_await peer.shake_hands();
}

/// The records of so many session tickets, as the server would send them.
std::string tickets(SSL* server, int count) {
  BIO* const kept = SSL_get_wbio(server);
  BIO_up_ref(kept);
  BIO* const collected = BIO_new(BIO_s_mem());
  BIO_up_ref(collected);
  SSL_set0_wbio(server, collected);
  for (int i = 0; i < count; ++i) {
    REQUIRE(SSL_new_session_ticket(server) == 1);
    REQUIRE(SSL_do_handshake(server) == 1);
  }
  const char* data = nullptr;
  const long size = BIO_get_mem_data(collected, &data);
  std::string bytes(data, static_cast<std::size_t>(size));
  SSL_set0_wbio(server, kept);
  BIO_free(collected);
  return bytes;
}

TEST_CASE("stream: a server that has no end of tickets does not keep the thread") {
  asio::io_context context;
  scripted_peer peer(context, true);
  binarly::tls_options options;
  options.ca_pem = peer.authority.ca_pem();
  const auto port = peer.acceptor.local_endpoint().port();
  tls_client secrets(
      options,
      binarly::connect::parse_origin("https://127.0.0.1:" + std::to_string(port), false).value(),
      2);
  stream client(context.get_executor(), &secrets.context());
  REQUIRE(secrets.prepare(client.tls()));
  tcp::socket socket(context, tcp::v4());
  socket.set_option(asio::socket_base::receive_buffer_size(1024 * 1024));
  socket.connect({asio::ip::address_v4::loopback(), port});
  REQUIRE(!client.adopt(std::move(socket)));
  run_task(context, connect(client, peer));

  // More than is read at once, and little enough for the sockets to hold.
  peer.stream.next_layer().set_option(asio::socket_base::send_buffer_size(1024 * 1024));
  const std::string flood = tickets(peer.stream.native_handle(), 1500);
  REQUIRE(flood.size() > std::size_t{200} * 1024);
  std::size_t written = 0;
  std::array<char, 1000> room{};
  while (written < flood.size()) {
    boost::system::error_code full;
    peer.stream.next_layer().non_blocking(true);
    written += peer.stream.next_layer().write_some(
        asio::buffer(flood.data() + written, flood.size() - written), full);
    if (full) break;
  }
  const auto before = client.socket().available();
  REQUIRE(before > std::size_t{150} * 1024);
  const auto first = client.read_some(std::span<char>(room));
  CHECK(first.must_wait());
  CHECK(client.socket().available() > 0);

  // In the end all of it is taken for what it is.
  int turns = 0;
  while (written < flood.size() || client.socket().available() > 0) {
    boost::system::error_code full;
    written += peer.stream.next_layer().write_some(
        asio::buffer(flood.data() + written, flood.size() - written), full);
    REQUIRE(client.read_some(std::span<char>(room)).must_wait());
    REQUIRE(++turns < 1000);
  }
  peer.write_at_once("hello");
  const auto got = client.read_some(std::span<char>(room));
  CHECK(std::string_view(room.data(), got.count) == "hello");
}

}  // namespace
