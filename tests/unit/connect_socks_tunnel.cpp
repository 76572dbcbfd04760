// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/socks_tunnel.hpp"
#include "support/run_task.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using binarly::errc;
using binarly::phase;
using binarly::secret;
using binarly::connect::open_socks_tunnel;
using binarly::connect::origin;
using binarly::connect::parse_origin;
using binarly::connect::proxy;
using binarly::connect::transport_failure;
using binarly::testing::run_task;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// Bytes with zeros among them.
template <std::size_t size>
std::string bytes(const char (&text)[size]) {
  return {text, size - 1};
}

origin at(const std::string& url) { return parse_origin(url, false).value(); }

/// What a proxy reads to its end, and what it says then.
struct turn {
  std::size_t reads;
  std::string says;
};
using script = std::vector<turn>;

/// A proxy that plays its part and closes, and what became of the wish for a tunnel.
struct fixture {
  explicit fixture(script lines, std::size_t in_pieces = 0)
      : turns(std::move(lines)), piece(in_pieces) {
    through.protocol = binarly::connect::proxy_protocol::socks5;
    through.host = "127.0.0.1";
    through.literal = true;
    through.port = acceptor.local_endpoint().port();
  }

  void open(const origin& where = at("https://service.example")) {
    asio::co_spawn(context, serve(), asio::detached);
    run_task(context, ask(where));
    acceptor.close();
    context.restart();
    context.poll();
  }
  /// Without the proxy's name.
  [[nodiscard]] std::string reason() const {
    REQUIRE(failed);
    REQUIRE(failed->reason.starts_with(through.name()));
    CHECK(failed->step == phase::proxy);
    CHECK(failed->proxy_status == 0);
    return failed->reason.substr(through.name().size());
  }

  asio::io_context context;
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  const script turns;
  const std::size_t piece;
  proxy through;
  tcp::socket socket{context};
  std::string heard;
  std::optional<transport_failure> failed;

 private:
  asio::awaitable<void> serve() {
    tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
    for (const auto& each : turns) {
      std::string read(each.reads, '\0');
      const auto [unread, count] = co_await asio::async_read(peer, asio::buffer(read), as_result);
      heard.append(read, 0, count);
      if (unread) co_return;
      const std::size_t step = piece == 0 ? each.says.size() : piece;
      for (std::size_t from = 0; from < each.says.size(); from += step) {
        const auto part = asio::buffer(asio::buffer(each.says) + from, step);
        const auto [unsent, sent] = co_await asio::async_write(peer, part, as_result);
        if (unsent) co_return;
        co_await asio::post(context, asio::use_awaitable);
      }
    }
  }

  asio::awaitable<void> ask(const origin& where) {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), through.port);
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    failed = co_await open_socks_tunnel(socket, through, where);
  }
};

constexpr std::size_t greeting_size = 3;
const std::string welcome = bytes("\x05\x00");
const std::string opened = bytes("\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90");
/// To service.example:443.
const std::string request = bytes("\x05\x01\x00\x03\x0fservice.example\x01\xbb");

asio::awaitable<void> read_some(tcp::socket& socket, std::string& into) {
  co_await asio::async_read(socket, asio::buffer(into), asio::use_awaitable);
}

TEST_CASE("socks: the origin's name goes to the proxy, and its address as an address") {
  struct row {
    std::string url;
    std::string request;
  };
  const std::vector<row> table{
      {"https://service.example", request},
      {"https://service.example.:8443/prefix",
       bytes("\x05\x01\x00\x03\x0fservice.example\x20\xfb")},
      {"https://10.1.2.3:443", bytes("\x05\x01\x00\x01\x0a\x01\x02\x03\x01\xbb")},
      {"https://[2001:db8::1]:9",
       bytes("\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x09")},
  };
  for (const auto& row : table) {
    CAPTURE(row.url);
    fixture world({{greeting_size, welcome}, {row.request.size(), opened}});
    world.open(at(row.url));
    CHECK_FALSE(world.failed);
    CHECK(world.heard == bytes("\x05\x01\x00") + row.request);
  }
}

TEST_CASE("socks: a reply is read to its last byte and no further, however it arrives") {
  const std::vector<std::string> table{
      opened,
      bytes("\x05\x00\x00\x04") + std::string(16, '\x01') + "ab",
      bytes("\x05\x00\x00\x03\x03xyzab"),
      bytes("\x05\x00\x00\x03\x00"
            "ab"),
      bytes("\x05\x00\x00\x03\xff") + std::string(255, 'x') + "ab",
  };
  for (const auto& reply : table) {
    for (const std::size_t piece : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
      CAPTURE(reply);
      CAPTURE(piece);
      fixture world({{greeting_size, welcome}, {request.size(), reply + "hello"}}, piece);
      world.open();
      REQUIRE_FALSE(world.failed);
      std::string first(5, ' ');
      run_task(world.context, read_some(world.socket, first));
      CHECK(first == "hello");
    }
  }
}

TEST_CASE("socks: credentials are shown to who asks for them, and to nobody else") {
  const std::string greeting = bytes("\x05\x02\x00\x02");
  const std::string shown = bytes(
      "\x01\x05"
      "agent\x09pa55-word");
  SUBCASE("asked") {
    for (const std::string& accepted : {bytes("\x01\x00"), bytes("\x05\x00")}) {
      fixture world({{greeting.size(), bytes("\x05\x02")},
                     {shown.size(), accepted},
                     {request.size(), opened}});
      world.through.user = "agent";
      world.through.password = secret("pa55-word");
      world.open();
      CHECK_FALSE(world.failed);
      CHECK(world.heard == greeting + shown + request);
    }
  }
  SUBCASE("not asked") {
    fixture world({{greeting.size(), welcome}, {request.size(), opened}});
    world.through.user = "agent";
    world.through.password = secret("pa55-word");
    world.open();
    CHECK_FALSE(world.failed);
    CHECK(world.heard == greeting + request);
  }
  SUBCASE("refused") {
    fixture world({{greeting.size(), bytes("\x05\x02")}, {shown.size(), bytes("\x01\x01")}});
    world.through.user = "agent";
    world.through.password = secret("pa55-word");
    world.open();
    CHECK(world.reason() == " does not accept the user name and the password");
    CHECK(world.failed->code == errc::proxy_refused);
  }
  SUBCASE("of the greatest length") {
    const std::string longest(255, 'x');
    fixture world({{greeting.size(), bytes("\x05\x02")},
                   {3 + 2 * longest.size(), bytes("\x01\x00")},
                   {request.size(), opened}});
    world.through.user = longest;
    world.through.password = secret(longest);
    world.open();
    CHECK_FALSE(world.failed);
  }
  SUBCASE("wanted, and there are none") {
    fixture world({{greeting_size, bytes("\x05\xff")}});
    world.open();
    CHECK(world.reason() == " wants a user name and a password, or another way to sign in");
    CHECK(world.failed->code == errc::proxy_refused);
  }
  SUBCASE("of no use") {
    fixture world({{greeting.size(), bytes("\x05\xff")}});
    world.through.user = "agent";
    world.open();
    CHECK(world.reason() == " takes neither a user name and a password nor a client without them");
  }
}

TEST_CASE("socks: each refusal names who is in the way") {
  struct row {
    char code;
    errc is;
    std::string reason;
  };
  const std::string to = " could not reach service.example:443: ";
  const std::vector<row> table{
      {1, errc::connect_failed, to + "it says no more than that it failed"},
      {2, errc::proxy_refused, " does not let anybody through to service.example:443"},
      {3, errc::connect_failed, to + "its network is out of reach from there"},
      {4, errc::connect_failed, to + "the host is out of reach from there, or its name is unknown"},
      {5, errc::connect_failed, to + "the host refuses connections to that port"},
      {6, errc::connect_failed, to + "it took too long (TTL expired)"},
      {7, errc::proxy_refused, " does not open connections (command not supported)"},
      {8, errc::proxy_refused, " does not take such an address: service.example:443"},
      {9, errc::proxy_refused,
       " does not answer as a SOCKS 5 proxy: its reply has the unknown code 9"},
      {'\xff', errc::proxy_refused,
       " does not answer as a SOCKS 5 proxy: its reply has the unknown code 255"},
  };
  for (const auto& row : table) {
    CAPTURE(row.reason);
    // Some send the whole reply, and some close behind the code.
    for (const std::string& rest : {bytes("\x00\x01\x00\x00\x00\x00\x00\x00"), std::string()}) {
      fixture world({{greeting_size, welcome}, {request.size(), bytes("\x05") + row.code + rest}});
      world.open();
      CHECK(world.reason() == row.reason);
      CHECK(world.failed->code == row.is);
    }
  }
}

TEST_CASE("socks: what is no SOCKS 5 proxy is told so") {
  const std::string no = " does not answer as a SOCKS 5 proxy: ";
  const auto reason_of = [](script lines) {
    fixture world(std::move(lines));
    world.open();
    CHECK(world.failed->code == errc::proxy_refused);
    return world.reason();
  };
  CHECK(reason_of({{greeting_size, "HTTP/1.1 400 Bad Request\r\n\r\n"}}) ==
        no + "its answer begins with 0x48");
  CHECK(reason_of({{greeting_size, bytes("\x00\x5b")}}) == no + "its answer begins with 0x00");
  CHECK(reason_of({{greeting_size, bytes("\x05\x02")}}) ==
        no + "it chooses a way to sign in that was not offered");
  CHECK(reason_of({{greeting_size, bytes("\x05\x01")}}) ==
        no + "it chooses a way to sign in that was not offered");
  CHECK(reason_of({{greeting_size, welcome}, {request.size(), bytes("\x04\x00\x00\x01")}}) ==
        no + "its reply begins with 0x04");
  CHECK(reason_of({{greeting_size, welcome},
                   {request.size(), bytes("\x05\x00\x00\x02\x00\x00\x00\x00\x00")}}) ==
        no + "its reply has an address of the unknown type 2");
}

TEST_CASE("socks: a proxy that goes away loses the connection") {
  const auto reason_of = [](script lines) {
    fixture world(std::move(lines));
    world.open();
    CHECK(world.failed->code == errc::connection_lost);
    return world.reason();
  };
  CHECK(reason_of({{greeting_size, ""}}) == " closed the connection without an answer");
  CHECK(reason_of({{greeting_size, "\x05"}}) ==
        " closed the connection in the middle of its answer");
  CHECK(reason_of({{greeting_size, welcome}, {request.size(), ""}}) ==
        " closed the connection without an answer");
  CHECK(reason_of({{greeting_size, welcome}, {request.size(), opened.substr(0, 9)}}) ==
        " closed the connection in the middle of its answer");
}

}  // namespace
