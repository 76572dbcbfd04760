// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// From a host's name to a connection.

#include "support/client_fixture.hpp"
#include "support/patience.hpp"

#include <binarly/client.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <list>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

using addresses = std::vector<asio::ip::address>;
using resolved = asio::any_completion_handler<void(error_code, addresses)>;

const auto good = asio::ip::make_address("127.0.0.1");
const auto refusing = asio::ip::make_address("127.0.0.2");

/// A service on 127.0.0.1, and a resolver that says what the test says.
struct resolved_world : client_fixture {
  resolved_world() {
    options.resolver = [this](const std::string& host, resolved done) {
      ++lookups;
      asked_for = host;
      std::move(done)(failed, found);
    };
  }

  int lookups = 0;
  std::string asked_for;
  error_code failed;
  addresses found{good};
};

}  // namespace

TEST_CASE("client: a name is resolved once for many connections") {
  resolved_world world;
  world.options.pool.max_connections = 8;
  const auto service = world.make_client();
  std::list<lookup> many;
  for (std::uint64_t i = 0; i < 50; ++i)
    many.emplace_back(service, world.ref(i));
  for (const auto& each : many)
    run_until(world.context, [&] { return each.done(); });
  CHECK(service.counters().opened == 8);
  CHECK(world.lookups == 1);
  CHECK(world.asked_for == "localhost");
}

TEST_CASE("client: of several addresses the first is dead") {
  resolved_world world;
  world.found = {refusing, asio::ip::make_address("::1"), good};
  const auto service = world.make_client();
  CHECK(world.get(service, world.ref(1)).has_value());
  CHECK(service.counters().closed_as(close_reason::not_opened) == 0);
}

TEST_CASE("client: a name is resolved again when its addresses lead nowhere") {
  resolved_world world;
  world.found = {refusing};
  world.options.pool.address_lifetime = 24h;
  world.options.retry = retry_policy().max_attempts(2).base_delay(0ms).delay_cap(0ms);
  const auto service = world.make_client();
  const failure why = world.get(service, world.ref(1)).error();
  CHECK(why.code() == errc::connect_failed);
  CHECK(why.message().find("127.0.0.2: Connection refused") != std::string::npos);
  CHECK(world.lookups >= 1);
  world.found = {good};
  const auto before = world.lookups;
  const auto tried = service.counters().closed_as(close_reason::not_opened);
  // As soon as the origin is tried again.
  const auto bound = std::chrono::steady_clock::now() + patience;
  while (!world.get(service, world.ref(1))) {
    REQUIRE(service.counters().closed_as(close_reason::not_opened) == tried);
    REQUIRE(std::chrono::steady_clock::now() < bound);
  }
  CHECK(world.lookups == before + 1);
}

TEST_CASE("client: addresses that have become old are resolved again") {
  resolved_world world;
  world.options.pool.address_lifetime = 0ms;
  world.options.pool.idle_timeout = 0ms;
  const auto service = world.make_client();
  for (int i = 1; i <= 3; ++i) {
    CHECK(world.get(service, world.ref(1)).has_value());
    CHECK(world.lookups == i);
    run_until(world.context, [&] { return service.counters().open == 0; });
  }
}

TEST_CASE("client: a resolver that fails, and one that never answers") {
  resolved_world world;
  SUBCASE("fails") {
    world.failed = asio::error::host_not_found_try_again;
    const failure why = world.get(world.make_client(), world.ref(1)).error();
    CHECK(why.code() == errc::resolve_failed);
    CHECK(why.detail().step == phase::resolve);
    CHECK(why.detail().cause == asio::error::host_not_found_try_again);
    CHECK(why.message().find("localhost") != std::string::npos);
  }
  SUBCASE("is left alone at its bound, and its answer serves those who come later") {
    std::list<resolved> waiting;
    world.options.resolver = [&](const std::string&, resolved done) {
      waiting.push_back(std::move(done));
    };
    world.options.timeouts.resolve = 50ms;
    const auto service = world.make_client();
    const failure why = world.get(service, world.ref(1)).error();
    CHECK(why.code() == errc::timed_out);
    CHECK(why.detail().step == phase::resolve);
    CHECK(waiting.size() == 1);
    std::move(waiting.front())(error_code(), addresses{good});
    const auto bound = std::chrono::steady_clock::now() + patience;
    while (!world.get(service, world.ref(1)))
      REQUIRE(std::chrono::steady_clock::now() < bound);
    CHECK(waiting.size() == 1);
  }
}

TEST_CASE("client: an IPv6 literal, and a name with its trailing dot") {
  fake_service_options served;
  served.address = "::1";
  client_fixture world(served);
  CHECK(world.options.base_url.find("[::1]") != std::string::npos);
  CHECK(world.get(world.make_client(), world.ref(1)).has_value());

  resolved_world dotted;
  dotted.options.base_url = "https://localhost.:" + std::to_string(dotted.service.port());
  CHECK(dotted.get(dotted.make_client(), dotted.ref(1)).has_value());
  CHECK(dotted.asked_for == "localhost.");
}
