// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// TLS sessions that go on with the next connection.

#include "support/client_fixture.hpp"
#include "support/nginx.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <list>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

/// One connection at a time, each for one lookup.
template <class Get>
pool_counters one_by_one(asio::io_context& context, const client& service, int connections,
                         Get get) {
  for (int i = 0; i < connections; ++i) {
    CHECK(get());
    run_until(context, [&] { return service.counters().open == 0; });
  }
  return service.counters();
}

}  // namespace

TEST_CASE("client: the next connection goes on with the session of the one before") {
  client_fixture world;
  world.options.pool.idle_timeout = 0ms;
  SUBCASE("on strands of its own") {}
  SUBCASE("on the one thread that there is") { world.options.single_threaded = true; }
  const auto service = world.make_client();
  const auto counted = one_by_one(world.context, service, 5,
                                  [&] { return world.get(service, world.ref(1)).has_value(); });
  CHECK(counted.opened == 5);
  CHECK(counted.resumed == 4);
}

TEST_CASE("client: sessions survive connections that were dropped without a word") {
  client_fixture world;
  const auto service = world.make_client();
  const auto counted = one_by_one(world.context, service, 4, [&] {
    const bool good = world.get(service, world.ref(1)).has_value();
    world.service.reset_connections();
    return good;
  });
  CHECK(counted.resumed == 3);
  CHECK(counted.closed_as(close_reason::server) == 4);
}

TEST_CASE("client: sessions survive exchanges that were cut short") {
  client_fixture world;
  const auto service = world.make_client();
  for (int i = 0; i < 4; ++i) {
    world.service.script(world.ref(1), {misbehaviour(fault::reset_in_body)});
    CHECK(!world.get(service, world.ref(1)));
  }
  CHECK(service.counters().opened == 4);
  CHECK(service.counters().resumed == 3);
}

TEST_CASE("client: one session is resumed by one connection") {
  client_fixture world;
  world.options.pool.max_connections = 8;
  const auto service = world.make_client();
  CHECK(world.get(service, world.ref(0)).has_value());
  world.service.reset_connections();
  run_until(world.context, [&] { return service.counters().open == 0; });
  // One connection has brought two sessions.
  std::list<lookup> many;
  for (std::uint64_t i = 0; i < 8; ++i)
    many.emplace_back(service, world.ref(i));
  for (const auto& each : many)
    run_until(world.context, [&] { return each.done(); });
  run_until(world.context, [&] { return service.counters().opening == 0; });
  CHECK(service.counters().opened == 9);
  CHECK(service.counters().resumed == 2);
}

TEST_CASE("client: clients share no session") {
  client_fixture world;
  for (int i = 0; i < 2; ++i) {
    const auto service = world.make_client();
    CHECK(world.get(service, world.ref(1)).has_value());
    CHECK(service.counters().resumed == 0);
  }
}

TEST_CASE("client: nginx resumes sessions of TLS 1.3 and 1.2, with tickets and by its cache") {
  for (const std::string version : {"TLSv1.2", "TLSv1.3"}) {
    for (const std::string store :
         {"ssl_session_tickets on;", "ssl_session_tickets off; ssl_session_cache shared:s:1m;"}) {
      CAPTURE(version);
      CAPTURE(store);
      nginx_options with;
      with.directives = "keepalive_timeout 0; ssl_conf_command MinProtocol " + version +
                        "; ssl_conf_command MaxProtocol " + version + "; " + store;
      const nginx_server server(with);
      asio::io_context context;
      const client service(context.get_executor(), options_for(server.base_url(), server.ca_pem()));
      const auto counted = one_by_one(context, service, 5, [&] {
        const lookup one(service, server.image_at(1).ref);
        run_until(context, [&] { return one.done(); });
        return one.outcome().has_value();
      });
      CHECK(counted.opened == 5);
      CHECK(counted.resumed == 4);
    }
  }
}
