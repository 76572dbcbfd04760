// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/origin.hpp"
#include "connect/proxy.hpp"
#include "connect/tunnel.hpp"
#include "support/connect_proxy.hpp"
#include "support/process.hpp"
#include "support/service_fixture.hpp"
#include "support/tinyproxy.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using asio::awaitable;
using asio::ip::tcp;

awaitable<std::string> ask(tcp::socket& socket, const std::string& request) {
  co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
  std::string answer;
  const std::size_t size = co_await asio::async_read_until(socket, asio::dynamic_buffer(answer),
                                                           "\r\n\r\n", asio::use_awaitable);
  co_return answer.substr(0, size);
}

awaitable<void> connect_to(tcp::socket& socket, std::uint16_t port) {
  const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  co_await socket.async_connect(endpoint, asio::use_awaitable);
}

/// Two requests by hand: for a tunnel to the service, and for an image through it.
awaitable<void> look_up_through(std::uint16_t proxy_port, const fake_service& service,
                                std::string& tunnelled, std::string& answered) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await connect_to(socket, proxy_port);
  const std::string target = "127.0.0.1:" + std::to_string(service.port());
  const std::string connect = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n";
  tunnelled = co_await ask(socket, connect);
  answered = co_await ask(socket, get_request(service.image_at(1).ref));
}

struct outcome {
  std::string tunnelled;
  std::string answered;
};

outcome look_up_through(std::uint16_t proxy_port, service_fixture& world) {
  outcome got;
  run_task(world.context, look_up_through(proxy_port, world.service, got.tunnelled, got.answered));
  return got;
}

awaitable<void> tunnel_into(const connect::proxy& through, const connect::origin& where,
                            std::optional<connect::transport_failure>& failed) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await connect_to(socket, through.port);
  failed = co_await connect::open_tunnel(socket, through, where);
}

/// What the library says of a tunnel through the proxy to a port of loopback.
std::optional<connect::transport_failure> tunnel_to(std::uint16_t port,
                                                    const proxy_options& options) {
  const std::string url = "https://127.0.0.1:" + std::to_string(port);
  const auto where = connect::parse_origin(url, false).value();
  const auto through = connect::choose_proxy(options, where, {}).value().value();
  asio::io_context context;
  std::optional<connect::transport_failure> failed;
  run_task(context, tunnel_into(through, where, failed));
  return failed;
}

}  // namespace

TEST_CASE("a scripted proxy relays, counts and remembers") {
  service_fixture world;
  const scripted_proxy proxy(world.context.get_executor());
  const outcome got = look_up_through(proxy.port(), world);
  CHECK(got.tunnelled.starts_with("HTTP/1.1 200 "));
  CHECK(got.answered.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(proxy.tunnels() == 1);
  REQUIRE(proxy.heads().size() == 1);
  CHECK(proxy.heads().front().starts_with("CONNECT 127.0.0.1:"));
  CHECK(proxy.heads().front().ends_with("\r\n\r\n"));
  CHECK(proxy.url() == "http://127.0.0.1:" + std::to_string(proxy.port()));
}

TEST_CASE("a scripted proxy that finds nobody answers 502") {
  asio::io_context context;
  const scripted_proxy proxy(context.get_executor());
  const deaf_port nobody;
  const auto where =
      connect::parse_origin("https://service.example:" + std::to_string(nobody.number()), false)
          .value();
  proxy_options options;
  options.url = proxy.url();
  const auto through = connect::choose_proxy(options, where, {}).value().value();
  std::optional<connect::transport_failure> failed;
  run_task(context, tunnel_into(through, where, failed));
  REQUIRE(failed);
  CHECK(failed->proxy_status == 502);
  CHECK(proxy.tunnels() == 0);
}

TEST_CASE("tinyproxy opens tunnels to the ports that it is given") {
  service_fixture world;
  tinyproxy_options options;
  options.connect_ports = {world.service.port()};
  tinyproxy_server proxy(options);
  const outcome got = look_up_through(proxy.port(), world);
  CHECK(got.tunnelled.starts_with("HTTP/1.0 200 "));
  CHECK(got.answered.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(proxy.log().find("CONNECT 127.0.0.1:" + std::to_string(world.service.port())) !=
        std::string::npos);
  const std::uint16_t port = proxy.port();
  proxy.stop();
  CHECK_FALSE(accepts_connections(port));
}

TEST_CASE("tinyproxy's refusals are understood") {
  const deaf_port nobody;
  const std::uint16_t deaf = nobody.number();
  const service_fixture world;
  tinyproxy_options served;
  served.connect_ports = {deaf, world.service.port()};
  served.user = "user";
  served.password = "word";
  const tinyproxy_server proxy(served);
  proxy_options options;
  options.url = proxy.url();
  const std::string name = "the proxy 127.0.0.1:" + std::to_string(proxy.port());

  auto failed = tunnel_to(world.service.port(), options);
  REQUIRE(failed);
  CHECK(failed->code == errc::proxy_refused);
  CHECK(failed->proxy_status == 407);
  CHECK(failed->reason == name +
                              " answered 407 Proxy Authentication Required: it wants a user "
                              "name and a password");

  options.user = "user";
  options.password = secret("wrong");
  failed = tunnel_to(world.service.port(), options);
  REQUIRE(failed);
  CHECK(failed->proxy_status == 401);
  CHECK(failed->reason ==
        name + " answered 401 Unauthorized: it does not accept the user name and the password");

  options.password = secret("word");
  failed = tunnel_to(world.service.port(), options);
  CHECK_FALSE(failed);

  failed = tunnel_to(deaf, options);
  REQUIRE(failed);
  CHECK(failed->proxy_status == 500);
  CHECK(failed->reason == name + " answered 500 Unable to connect: it could not reach 127.0.0.1:" +
                              std::to_string(deaf));

  failed = tunnel_to(1, options);
  REQUIRE(failed);
  CHECK(failed->proxy_status == 403);
}
