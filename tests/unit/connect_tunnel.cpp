// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/tunnel.hpp"
#include "support/connect_proxy.hpp"
#include "support/run_task.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using binarly::errc;
using binarly::phase;
using binarly::connect::open_tunnel;
using binarly::connect::origin;
using binarly::connect::parse_origin;
using binarly::connect::proxy;
using binarly::connect::transport_failure;
using binarly::testing::proxy_reply;
using binarly::testing::run_task;
using binarly::testing::scripted_proxy;
using ending = proxy_reply::ending;

origin at(const std::string& url) { return parse_origin(url, false).value(); }

/// The proxy, a socket to it, and what became of the wish for a tunnel.
struct fixture {
  explicit fixture(scripted_proxy::script replies = {})
      : server(context.get_executor(), std::move(replies)) {
    through.host = "127.0.0.1";
    through.literal = true;
    through.port = server.port();
  }
  explicit fixture(const proxy_reply& reply)
      : fixture([reply](const std::string&) { return reply; }) {}

  void open(const origin& where = at("https://service.example")) { run_task(context, ask(where)); }
  [[nodiscard]] std::string name() const { return "the proxy " + through.authority(); }

  asio::io_context context;
  scripted_proxy server;
  proxy through;
  tcp::socket socket{context};
  std::optional<transport_failure> failed;

 private:
  asio::awaitable<void> ask(const origin& where) {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), through.port);
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    failed = co_await open_tunnel(socket, through, where);
  }
};

asio::awaitable<void> echo_once(tcp::acceptor& acceptor) {
  tcp::socket peer = co_await acceptor.async_accept(asio::use_awaitable);
  std::string word(4, ' ');
  co_await asio::async_read(peer, asio::buffer(word), asio::use_awaitable);
  co_await asio::async_write(peer, asio::buffer(word), asio::use_awaitable);
}

asio::awaitable<void> exchange_words(tcp::socket& socket, std::string& heard) {
  const std::string word = "ping";
  co_await asio::async_write(socket, asio::buffer(word), asio::use_awaitable);
  heard.resize(word.size());
  co_await asio::async_read(socket, asio::buffer(heard), asio::use_awaitable);
}

TEST_CASE("a tunnel leads to the origin, both ways") {
  fixture world;
  tcp::acceptor acceptor(world.context, {asio::ip::address_v4::loopback(), 0});
  world.open(at("https://service.example:" + std::to_string(acceptor.local_endpoint().port())));
  REQUIRE_FALSE(world.failed);
  CHECK(world.server.tunnels() == 1);
  asio::co_spawn(world.context, echo_once(acceptor), asio::detached);
  std::string heard;
  run_task(world.context, exchange_words(world.socket, heard));
  CHECK(heard == "ping");
}

TEST_CASE("a proxy is told the host, the port and its own credentials, and nothing else") {
  const proxy_reply closing("");
  struct row {
    std::string url;
    std::string target;
  };
  const std::vector<row> table{
      {"https://service.example", "service.example:443"},
      {"https://service.example.:8443/prefix", "service.example:8443"},
      {"https://10.1.2.3", "10.1.2.3:443"},
      {"https://[2001:db8::1]:9", "[2001:db8::1]:9"},
  };
  for (const auto& row : table) {
    fixture world(closing);
    world.open(at(row.url));
    REQUIRE(world.server.heads().size() == 1);
    CHECK(world.server.heads().front() ==
          "CONNECT " + row.target + " HTTP/1.1\r\nHost: " + row.target + "\r\n\r\n");
  }
  fixture world(closing);
  world.through.authorization = binarly::secret("Basic dXNlcjp3b3Jk");
  world.open();
  CHECK(world.server.heads().front() ==
        "CONNECT service.example:443 HTTP/1.1\r\nHost: service.example:443\r\n"
        "Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n\r\n");
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

/// An answer that is all head, of so many bytes.
std::string head_of(std::size_t size) {
  const std::string begin = "HTTP/1.1 200 OK\r\nX: ";
  const std::string end = "\r\n\r\n";
  return begin + std::string(size - begin.size() - end.size(), 'x') + end;
}

const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";

TEST_CASE("whatever 2xx a proxy says, and however slowly, is a tunnel") {
  const std::vector<std::string> table{
      "HTTP/1.1 200 Connection established\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\n",
      "HTTP/1.1 200 \r\n\r\n",
      "HTTP/1.1 200\r\n\r\n",
      "HTTP/1.0 200\r\nVia: x\r\n\r\n",
      "HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\n\r\n",
      "HTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 299 Why Not\r\nproxy-agent: lower case\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      interim + "HTTP/1.1 200 OK\r\n\r\n",
      repeated("HTTP/1.1 100 Continue\r\n\r\n", 8) + "HTTP/1.1 200 OK\r\n\r\n",
      head_of(std::size_t{16} * 1024),
  };
  for (const auto& bytes : table) {
    for (const std::size_t piece : {std::size_t{0}, std::size_t{1}, std::size_t{7}}) {
      CAPTURE(bytes);
      CAPTURE(piece);
      proxy_reply reply(bytes, ending::hold);
      reply.piece = piece;
      fixture world(reply);
      world.open();
      CHECK_FALSE(world.failed);
    }
  }
}

TEST_CASE("a proxy that refuses is told apart from the origin, and says why") {
  struct row {
    std::string bytes;
    unsigned status;
    std::string reason;
  };
  const std::string page = "Content-Type: text/html\r\nContent-Length: 14\r\n\r\n<html>no</html";
  const std::vector<row> table{
      {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n", 407,
       " answered 407 Proxy Authentication Required: it wants a user name and a password"},
      {"HTTP/1.0 401 Unauthorized\r\n\r\n", 401,
       " answered 401 Unauthorized: it wants a user name and a password"},
      {"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n", 401,
       " answered 401 Unauthorized: it wants a user name and a password"},
      {"HTTP/1.1 407\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n", 407,
       " answered 407 Proxy Authentication Required: it asks to sign in by Negotiate, NTLM, and "
       "only Basic is spoken here"},
      {"HTTP/1.1 407 No\r\nProxy-Authenticate: Digest realm=\"Basic, x\", nonce=\"y\"\r\n\r\n", 407,
       " answered 407 No: it asks to sign in by Digest, and only Basic is spoken here"},
      {"HTTP/1.1 407 No\r\nproxy-authenticate: NTLM, basic realm=\"x\"\r\n\r\n", 407,
       " answered 407 No: it wants a user name and a password"},
      {"HTTP/1.1 407 No\r\nWWW-Authenticate: NTLM\r\n\r\n", 407,
       " answered 407 No: it wants a user name and a password"},
      {"HTTP/1.1 403 Filtered\r\n" + page, 403,
       " answered 403 Filtered: it does not let anybody through to service.example:443"},
      {"HTTP/1.1 500 Unable to connect\r\n" + page, 500,
       " answered 500 Unable to connect: it could not reach service.example:443"},
      {"HTTP/1.1 502 Bad Gateway\r\n" + page, 502,
       " answered 502 Bad Gateway: it could not reach service.example:443"},
      {"HTTP/1.1 503 \r\nContent-Length: 99999999999\r\n\r\n", 503,
       " answered 503 Service Unavailable: it could not reach service.example:443"},
      {"HTTP/1.1 504 Gateway Timeout\r\n\r\n", 504,
       " answered 504 Gateway Timeout: it could not reach service.example:443"},
      {interim + "HTTP/1.1 405 Not Allowed\r\n\r\n", 405, " answered 405 Not Allowed"},
      {"HTTP/1.1 302 Found\r\nLocation: https://login.example\r\n\r\n", 302, " answered 302 Found"},
      {"HTTP/1.1 099 Low\r\n\r\n", 99, " answered 99 Low"},
      {"HTTP/1.1 511 Log\xff in\r\n\r\n", 511, " answered 511 Log\\xff in"},
      {"HTTP/1.1 418 " + std::string(8000, 'a') + "\r\n\r\n", 418,
       " answered 418 " + std::string(128, 'a') + "\u2026"},
  };
  for (const auto& row : table) {
    CAPTURE(row.bytes);
    fixture world{proxy_reply(row.bytes)};
    world.open();
    REQUIRE(world.failed);
    CHECK(world.failed->step == phase::proxy);
    CHECK(world.failed->code == errc::proxy_refused);
    CHECK(world.failed->proxy_status == row.status);
    CHECK(world.failed->reason == world.name() + row.reason);
  }
}

TEST_CASE("credentials that a proxy refuses, or repeats, are not shown") {
  fixture world{proxy_reply("HTTP/1.1 407 No dXNlcjp3b3Jk Basic dXNlcjp3b3Jk\r\n\r\n")};
  world.through.authorization = binarly::secret("Basic dXNlcjp3b3Jk");
  world.open();
  REQUIRE(world.failed);
  CHECK(world.failed->reason ==
        world.name() +
            " answered 407 No [secret] Basic [secret]: it does not accept the user name and the "
            "password");
}

TEST_CASE("credentials that a proxy repeats as a way to sign in are not shown either") {
  fixture world{proxy_reply("HTTP/1.1 407 No\r\nProxy-Authenticate: dXNlcjp3b3Jk\r\n\r\n")};
  world.through.authorization = binarly::secret("Basic dXNlcjp3b3Jk");
  world.open();
  REQUIRE(world.failed);
  CHECK(world.failed->reason ==
        world.name() +
            " answered 407 No: it asks to sign in by [secret], and only Basic is spoken here");
}

TEST_CASE("what is no answer of a proxy is refused for good, within its bounds") {
  const std::string endless = "HTTP/1.1 200 OK\r\n" + repeated("X: y\r\n", 100'000);
  const std::vector<std::string> table{
      "SSH-2.0-OpenSSH_9.2p1\r\n",
      "http/1.1 200 ok\r\n\r\n",
      "HTTP/1.1 200\n\r\n",
      "HTTP/1.1 200\t\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 2x0 OK\r\n\r\n",
      "HTTP/1.1 403 \x1b[31mRed\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
      "\r\n\r\n\r\n\r\n\r\n",
      std::string(64, '\0'),
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
      endless,
      head_of(std::size_t{16} * 1024 + 1),
      "HTTP/1.1 200 " + std::string(1'000'000, 'a'),
      "HTTP/1.1 200 OK\r\nX: " + std::string(1'000'000, 'a'),
      repeated("HTTP/1.1 100 Continue\r\n\r\n", 9) + "HTTP/1.1 200 OK\r\n\r\n",
      repeated(interim, 100'000),
      "HTTP/1.1 200 OK\r\n\r\njunk",
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\njunk",
      "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
  };
  for (const auto& bytes : table) {
    CAPTURE(bytes.substr(0, 80));
    fixture world{proxy_reply(bytes, ending::hold)};
    world.open();
    REQUIRE(world.failed);
    CHECK(world.failed->code == errc::proxy_refused);
    CHECK(world.failed->step == phase::proxy);
    CHECK(world.failed->proxy_status == 0);
    CHECK(world.failed->reason.starts_with(world.name() + " does not answer as an HTTP proxy: "));
  }
  fixture world{proxy_reply(endless, ending::hold)};
  world.open();
  CHECK(world.failed->reason.ends_with("its head is larger than 16 KiB"));
}

TEST_CASE("a proxy that goes away loses the connection") {
  fixture silent{proxy_reply("")};
  silent.open();
  REQUIRE(silent.failed);
  CHECK(silent.failed->code == errc::connection_lost);
  CHECK(silent.failed->step == phase::proxy);
  CHECK(silent.failed->cause == asio::error::eof);
  CHECK(silent.failed->reason == silent.name() + " closed the connection without an answer");

  for (const std::string bytes : {"H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r"}) {
    fixture half{proxy_reply(bytes)};
    half.open();
    REQUIRE(half.failed);
    CHECK(half.failed->code == errc::connection_lost);
    CHECK(half.failed->reason ==
          half.name() + " closed the connection in the middle of its answer");
  }
}

TEST_CASE("closing the socket ends the wait for a proxy") {
  tcp::socket* waiting = nullptr;
  fixture world([&waiting](const std::string&) {
    waiting->close();
    return proxy_reply("", ending::hold);
  });
  waiting = &world.socket;
  world.open();
  REQUIRE(world.failed);
  CHECK(world.failed->code == errc::connection_lost);
  CHECK(world.failed->cause == asio::error::operation_aborted);
}

}  // namespace
