// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Through a proxy: a scripted one, tinyproxy and microsocks.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/connect_proxy.hpp"
#include "support/growing_bound.hpp"
#include "support/microsocks.hpp"
#include "support/process.hpp"
#include "support/tinyproxy.hpp"

#include <binarly/client.hpp>
#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <utility>

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

constexpr const char* password = "pa55-word";

/// A service, and a client that reaches it through a proxy which does what the test says.
struct proxied_world : client_fixture {
  explicit proxied_world(scripted_proxy::script replies = {})
      : through(context.get_executor(), std::move(replies)) {
    options.proxy.url = through.url();
  }
  explicit proxied_world(const proxy_reply& reply)
      : proxied_world([reply](const std::string&) { return reply; }) {}

  failure why() {
    const auto found = get(make_client(), ref(1));
    REQUIRE(!found);
    CAPTURE(found.error().message());
    CHECK(found.error().message().find(password) == std::string::npos);
    return found.error();
  }

  scripted_proxy through;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("client: through a proxy, which learns host and port and no more") {
  proxied_world world;
  const auto service = world.make_client();
  std::list<lookup> many;
  for (std::uint64_t i = 0; i < 20; ++i)
    many.emplace_back(service, world.ref(i));
  for (const auto& each : many) {
    run_until(world.context, [&] { return each.done(); });
    CHECK(each.outcome().has_value());
  }
  CHECK(world.through.tunnels() == service.counters().opened);
  for (const auto& head : world.through.heads()) {
    CHECK(
        contains(head, "CONNECT localhost:" + std::to_string(world.service.port()) + " HTTP/1.1"));
    CHECK(!contains(head, "Authorization"));
    CHECK(!contains(head, client_token));
  }
}

TEST_CASE("client: the proxy is shown its credentials, and nobody else") {
  proxied_world world;
  world.options.proxy.user = "agent";
  world.options.proxy.password = secret(password);
  CHECK(world.get(world.make_client(), world.ref(1)).has_value());
  CHECK(contains(world.through.heads().front(),
                 "Proxy-Authorization: Basic YWdlbnQ6cGE1NS13b3Jk\r\n"));
}

TEST_CASE("client: exceptions are reached without the proxy") {
  proxied_world world;
  world.options.proxy.no_proxy = "elsewhere.example, localhost";
  CHECK(world.get(world.make_client(), world.ref(1)).has_value());
  CHECK(world.through.heads().empty());
}

TEST_CASE("client: what a proxy refuses is told apart from what the service does") {
  struct row {
    std::string answer;
    std::string reason;
    unsigned status;
    int attempts;
  };
  const std::list<row> table{
      {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
       "wants a user name and a password", 407, 1},
      {"HTTP/1.1 403 Forbidden\r\n\r\n", "does not let anybody through", 403, 1},
      {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 20\r\n\r\n<html>no way</html>\n",
       "could not reach localhost", 502, 2},
      {"HTTP/1.1 504 Gateway Timeout\r\n\r\n", "could not reach localhost", 504, 2},
  };
  for (const auto& row : table) {
    CAPTURE(row.answer);
    proxied_world world{proxy_reply(row.answer)};
    world.options.retry = retry_policy().max_attempts(2).base_delay(0ms).delay_cap(0ms);
    const failure why = world.why();
    CHECK(why.code() == errc::proxy_refused);
    CHECK(why == condition::transport);
    CHECK(why.detail().step == phase::proxy);
    CHECK(why.detail().proxy_status == row.status);
    CHECK(why.detail().http_status == 0);
    CHECK(why.detail().attempts == row.attempts);
    CHECK(contains(why.message(), "the proxy 127.0.0.1:"));
    CHECK(contains(why.message(), row.reason));
    CHECK(world.service.counters().connections == 0);
  }
}

TEST_CASE("client: a proxy that takes the credentials for wrong ones") {
  proxied_world world{proxy_reply(std::string("HTTP/1.1 407 Not ") + password + "\r\n\r\n")};
  world.options.proxy.user = "agent";
  world.options.proxy.password = secret(password);
  CHECK(contains(world.why().message(), "does not accept the user name and the password"));
}

TEST_CASE("client: a proxy that is silent, that closes, and that is not there") {
  SUBCASE("silent") {
    proxied_world world{proxy_reply("", proxy_reply::ending::hold)};
    world.options.timeouts.proxy = 50ms;
    const failure why = world.why();
    CHECK(why.code() == errc::timed_out);
    CHECK(why.detail().step == phase::proxy);
    CHECK(contains(why.message(), "the proxy 127.0.0.1:"));
    CHECK(contains(why.message(), "this step may take 0.05 s"));
  }
  SUBCASE("silent behind its tunnel") {
    // Traffic Server says that it is open before it has connected.
    proxied_world world{proxy_reply("HTTP/1.1 200 OK\r\n\r\n", proxy_reply::ending::hold)};
    world.options.timeouts.handshake = 50ms;
    const failure why = world.why();
    CHECK(why.code() == errc::timed_out);
    CHECK(why.detail().step == phase::handshake);
    CHECK(contains(why.message(), "this step may take 0.05 s; the proxy 127.0.0.1:"));
    CHECK(contains(why.message(),
                   "opened a tunnel, and no byte has come from behind it; it may "
                   "not have reached the service"));
  }
  SUBCASE("silent behind its tunnel, until the call's deadline") {
    with_growing_bound(50ms, [](std::chrono::milliseconds bound) {
      proxied_world world{proxy_reply("HTTP/1.1 200 OK\r\n\r\n", proxy_reply::ending::hold)};
      world.options.timeouts.deadline = bound;
      const failure why = world.why();
      CHECK(why.code() == errc::timed_out);
      CHECK(contains(why.message(), "the proxy 127.0.0.1:"));
      // A busy machine may have come no further than the proxy.
      return contains(why.message(), "opened a tunnel, and no byte has come from behind it");
    });
  }
  SUBCASE("closes its tunnel") {
    proxied_world world{proxy_reply("HTTP/1.1 200 OK\r\n\r\n")};
    world.options.retry = retry_policy().max_attempts(2).base_delay(0ms).delay_cap(0ms);
    const failure why = world.why();
    CHECK(why.code() == errc::connection_lost);
    CHECK(why.detail().step == phase::proxy);
    CHECK(why.detail().attempts == 2);
    CHECK(contains(why.message(), "the proxy 127.0.0.1:"));
    CHECK(contains(why.message(),
                   "opened a tunnel, which ended before the first byte from behind "
                   "it; it may not have reached the service"));
    CHECK(!contains(why.message(), "localhost"));
    CHECK(!contains(why.advice(), "base URL"));
  }
  SUBCASE("closes") {
    proxied_world world{proxy_reply("")};
    const failure why = world.why();
    CHECK(why.code() == errc::connection_lost);
    CHECK(why.detail().step == phase::proxy);
    CHECK(contains(why.message(), "the proxy 127.0.0.1:"));
  }
  SUBCASE("not there") {
    client_fixture world;
    const deaf_port nobody;
    world.options.proxy.url = "http://127.0.0.1:" + std::to_string(nobody.number());
    const failure why = world.get(world.make_client(), world.ref(1)).error();
    CHECK(why.code() == errc::connect_failed);
    CHECK(contains(why.message(), "the proxy 127.0.0.1:"));
  }
  SUBCASE("cannot be resolved") {
    client_fixture world;
    world.options.proxy.url = "http://" + std::string(64, 'a') + ".invalid:3128";
    const failure why = world.get(world.make_client(), world.ref(1)).error();
    CHECK(why.code() == errc::resolve_failed);
    CHECK(contains(why.message(), "the proxy aaa"));
  }
}

TEST_CASE("client: cancelled while it asks the proxy") {
  proxied_world world{proxy_reply("", proxy_reply::ending::hold)};
  std::optional<client> service(world.make_client());
  lookup one(*service, world.ref(1));
  run_until(world.context, [&] { return !world.through.heads().empty(); });
  SUBCASE("by its slot") {
    one.cancel();
    run_until(world.context, [&] { return one.done(); });
    CHECK(one.why().code() == errc::cancelled);
    service.reset();
  }
  SUBCASE("by the client's end") {
    service.reset();
    run_until(world.context, [&] { return one.done(); });
    CHECK(one.why().code() == errc::client_closed);
  }
  world.settle();
  CHECK(one.completions() == 1);
}

TEST_CASE("client: a proxy's option that cannot be used is named, and its password is not") {
  client_fixture world;
  for (const std::string url : {"ftp://proxy", "https://agent:pa55-word@proxy", "http://",
                                "socks4://agent:pa55-word@proxy"}) {
    world.options.proxy.url = url;
    try {
      (void)world.make_client();
      CHECK_MESSAGE(false, url);
    } catch (const failure_error& refused) {
      CHECK(contains(refused.what(), "proxy.url"));
      CHECK(!contains(refused.what(), password));
    }
  }
}

TEST_CASE("client: through tinyproxy, with and without credentials") {
  client_fixture world;
  tinyproxy_options asked;
  asked.connect_ports = {world.service.port()};
  SUBCASE("open to all") {
    tinyproxy_server proxy(asked);
    world.options.proxy.url = proxy.url();
    const auto service = world.make_client();
    for (std::uint64_t i = 0; i < 10; ++i)
      CHECK(world.get(service, world.ref(i)).has_value());
    CHECK(service.counters().opened == 1);
    // The tunnel goes with its proxy, and the failure tells which of the two is gone.
    proxy.stop();
    run_until(world.context, [&] { return service.counters().open == 0; });
    CHECK(contains(world.get(service, world.ref(1)).error().message(), "the proxy 127.0.0.1:"));
  }
  SUBCASE("asking for credentials") {
    asked.user = "agent";
    asked.password = password;
    const tinyproxy_server proxy(asked);
    world.options.proxy.url = proxy.url();
    const failure why = world.get(world.make_client(), world.ref(1)).error();
    CHECK(why.code() == errc::proxy_refused);
    CHECK(why.detail().proxy_status == 407);
    CHECK(why.detail().answered_by == responder::proxy);
    world.options.proxy.user = asked.user;
    world.options.proxy.password = secret("another word");
    const failure wrong = world.get(world.make_client(), world.ref(1)).error();
    CHECK(wrong.code() == errc::proxy_refused);
    CHECK(wrong.detail().proxy_status == 401);
    CHECK(contains(wrong.message(), "does not accept the user name and the password"));
    world.options.proxy.password = secret(asked.password);
    CHECK(world.get(world.make_client(), world.ref(1)).has_value());
  }
  SUBCASE("not to that port") {
    asked.connect_ports = {1};
    const tinyproxy_server proxy(asked);
    world.options.proxy.url = proxy.url();
    const failure why = world.get(world.make_client(), world.ref(1)).error();
    CHECK(why.code() == errc::proxy_refused);
    CHECK(why.detail().proxy_status == 403);
  }
  SUBCASE("to where nobody listens") {
    const deaf_port nobody;
    asked.connect_ports = {nobody.number()};
    const tinyproxy_server proxy(asked);
    world.options.proxy.url = proxy.url();
    world.options.base_url = url_of_port(nobody.number());
    const failure why = world.get(world.make_client(), world.ref(1)).error();
    CHECK(why.code() == errc::proxy_refused);
    CHECK(why.detail().proxy_status >= 500);
  }
}

TEST_CASE("client: through microsocks, which resolves the service's name") {
  client_fixture world;
  SUBCASE("open to all") {
    microsocks_server proxy;
    for (const std::string scheme : {"socks5", "socks5h"}) {
      world.options.proxy.url = scheme + "://127.0.0.1:" + std::to_string(proxy.port());
      const auto service = world.make_client();
      for (std::uint64_t i = 0; i < 10; ++i)
        CHECK(world.get(service, world.ref(i)).has_value());
      CHECK(service.counters().opened == 1);
    }
    CHECK(contains(proxy.log(), "connected to localhost:"));
    const auto service = world.make_client();
    CHECK(world.get(service, world.ref(1)).has_value());
    // The tunnel goes with its proxy, and the failure tells which of the two is gone.
    proxy.stop();
    run_until(world.context, [&] { return service.counters().open == 0; });
    CHECK(contains(world.get(service, world.ref(1)).error().message(), "the proxy 127.0.0.1:"));
  }
  SUBCASE("to an address") {
    const microsocks_server proxy;
    world.options.proxy.url = proxy.url();
    world.options.base_url = url_of_port(world.service.port(), "127.0.0.1");
    CHECK(world.get(world.make_client(), world.ref(1)).has_value());
    CHECK(contains(proxy.log(), "connected to 127.0.0.1:"));
  }
  SUBCASE("asking for credentials") {
    const microsocks_server proxy("agent", password);
    world.options.proxy.url = proxy.url();
    const failure without = world.get(world.make_client(), world.ref(1)).error();
    CHECK(without.code() == errc::proxy_refused);
    CHECK(without.detail().step == phase::proxy);
    CHECK(contains(without.message(), "wants a user name and a password"));
    world.options.proxy.user = "agent";
    world.options.proxy.password = secret("another word");
    const failure wrong = world.get(world.make_client(), world.ref(1)).error();
    CHECK(wrong.code() == errc::proxy_refused);
    CHECK(contains(wrong.message(), "does not accept the user name and the password"));
    CHECK(!contains(wrong.message(), "another word"));
    world.options.proxy.password = secret(password);
    CHECK(world.get(world.make_client(), world.ref(1)).has_value());
  }
  SUBCASE("to where nobody listens") {
    const microsocks_server proxy;
    world.options.proxy.url = proxy.url();
    world.options.base_url = url_of_port(free_port());
    const failure why = world.get(world.make_client(), world.ref(1)).error();
    CHECK(why.code() == errc::connect_failed);
    CHECK(why.detail().step == phase::proxy);
    CHECK(contains(why.message(), "could not reach localhost:"));
    CHECK(contains(why.message(), "refuses connections"));
  }
  SUBCASE("to a name that nobody knows") {
    const microsocks_server proxy;
    world.options.proxy.url = proxy.url();
    world.options.base_url = "https://" + std::string(64, 'a') + ".invalid";
    const failure why = world.get(world.make_client(), world.ref(1)).error();
    CHECK(why.code() == errc::connect_failed);
    CHECK(why.detail().step == phase::proxy);
    CHECK(contains(why.message(), "the proxy 127.0.0.1:"));
  }
}

TEST_CASE("client: a SOCKS proxy that says nothing has a bound") {
  client_fixture world;
  const silent_listener silent(world.context);
  world.options.proxy.url = "socks5://127.0.0.1:" + std::to_string(silent.port());
  world.options.timeouts.proxy = 50ms;
  const failure why = world.get(world.make_client(), world.ref(1)).error();
  CHECK(why.code() == errc::timed_out);
  CHECK(why.detail().step == phase::proxy);
  CHECK(contains(why.message(), "the proxy 127.0.0.1:"));
  CHECK(contains(why.message(), "this step may take 0.05 s"));
}

TEST_CASE("client: a tunnel that ends behind a SOCKS proxy is the proxy's") {
  // It answers every request of the protocol with the same bytes, and then nothing leads anywhere.
  client_fixture world;
  boost::asio::ip::tcp::acceptor acceptor(world.context,
                                          {boost::asio::ip::address_v4::loopback(), 0});
  boost::asio::ip::tcp::socket peer(world.context);
  const std::string replies("\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  acceptor.async_accept(peer, [&](boost::system::error_code failed) {
    REQUIRE(!failed);
    boost::asio::write(peer, boost::asio::buffer(replies));
    peer.shutdown(boost::asio::ip::tcp::socket::shutdown_send);
  });
  world.options.proxy.url =
      "socks5://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  const failure why = world.get(world.make_client(), world.ref(1)).error();
  CHECK(why.code() == errc::connection_lost);
  CHECK(why.detail().step == phase::proxy);
  CHECK(contains(why.message(), "ended before the first byte from behind it"));
}

TEST_CASE("client: what fails in TLS behind a proxy names the way") {
  proxied_world world;
  world.options.tls.ca_pem = certificate_authority().ca_pem();
  const failure why = world.why();
  CHECK(why.code() == errc::certificate_rejected);
  CHECK(contains(why.message(), "; the way leads through the proxy 127.0.0.1:"));
}

TEST_CASE("client: sessions are resumed through a proxy as well") {
  proxied_world world;
  world.options.pool.idle_timeout = 0ms;
  const auto service = world.make_client();
  for (int i = 0; i < 3; ++i) {
    CHECK(world.get(service, world.ref(1)).has_value());
    run_until(world.context, [&] { return service.counters().open == 0; });
  }
  CHECK(service.counters().resumed == 2);
}
