// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/pool.hpp"
#include "unit/fake_pool_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using binarly::close_reason;
using binarly::errc;
using binarly::phase;
using binarly::https::reuse_terms;
using binarly::testing::failed_with;
using binarly::testing::pool_fixture;
using binarly::testing::succeeded;
using namespace std::chrono_literals;

TEST_CASE("each step of an exchange has its bound, and the failure names the step") {
  auto settings = pool_fixture::usual();
  settings.bounds.write = 1s;
  settings.bounds.first_byte = 3s;
  settings.bounds.between_bytes = 2s;
  pool_fixture fixture(settings);
  const auto exchange = fixture.exchange("/1");
  fixture.at(0).opens();

  SUBCASE("sending") {
    fixture.at(0).steps_to(phase::write);
    fixture.pass(1001ms);
    CHECK(exchange->failure->step == phase::write);
    CHECK(exchange->failure->reason == "this step may take 1 s");
  }
  SUBCASE("the first byte") {
    fixture.pass(2999ms);
    CHECK(exchange->completions == 0);
    fixture.pass(3ms);
    CHECK(exchange->failure->step == phase::head);
    CHECK(exchange->failure->reason == "no byte of an answer came within 3 s");
  }
  SUBCASE("any byte after that") {
    for (int i = 0; i < 5; ++i) {
      fixture.pass(1900ms);
      fixture.at(0).steps_to(i < 2 ? phase::head : phase::body, true);
    }
    CHECK(exchange->completions == 0);
    fixture.pass(2001ms);
    CHECK(exchange->failure->step == phase::body);
    CHECK(exchange->failure->reason == "nothing more of the answer came for 2 s");
  }
  CHECK(failed_with(*exchange, errc::timed_out));
  CHECK(fixture.at(0).released);
  fixture.pass(1s);
  CHECK(fixture.pool->count().closed_as(close_reason::left) == 1);
}

TEST_CASE("what is done is not late, however long the news of it takes") {
  auto settings = pool_fixture::usual();
  settings.bounds.write = 1s;
  settings.bounds.resolve = 1s;
  pool_fixture fixture(settings);
  const auto exchange = fixture.exchange("/1");
  fixture.pass(500ms);
  fixture.at(0).rests();
  fixture.pass(5s);
  fixture.at(0).opens();
  fixture.pass(500ms);
  fixture.at(0).rests();
  fixture.pass(5s);
  CHECK(exchange->completions == 0);
  fixture.at(0).answers();
  CHECK(succeeded(*exchange));
}

TEST_CASE("a step is seen in time though the one before it may take longer") {
  auto settings = pool_fixture::usual();
  settings.bounds.resolve = 1h;
  settings.bounds.handshake = 50ms;
  settings.bounds.write = 1h;
  settings.bounds.between_bytes = 70ms;
  pool_fixture fixture(settings);
  const auto exchange = fixture.exchange("/1", 2h);
  SUBCASE("while a connection is made") {
    fixture.pass(30ms);
    fixture.at(0).steps_to(phase::handshake);
    fixture.pass(51ms);
    CHECK(exchange->failure->step == phase::handshake);
  }
  SUBCASE("in an exchange") {
    fixture.at(0).opens();
    fixture.at(0).steps_to(phase::write);
    fixture.pass(30ms);
    fixture.at(0).steps_to(phase::body, true);
    fixture.pass(71ms);
    CHECK(exchange->failure->step == phase::body);
  }
  CHECK(failed_with(*exchange, errc::timed_out));
}

TEST_CASE("a busy pool costs no alarm for each exchange") {
  pool_fixture fixture;
  fixture.exchange("/");
  fixture.at(0).opens();
  fixture.at(0).answers();
  const auto set = fixture.world.alarm;
  for (int i = 0; i < 100; ++i) {
    fixture.world.time += 1ms;
    fixture.exchange("/");
    fixture.at(0).answers();
  }
  CHECK(fixture.world.alarm == set);
}

TEST_CASE("the wait for a connection has its bound, and tells what the last connection failed of") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 2;
  settings.acquire = 2s;
  pool_fixture fixture(settings);
  const auto served = fixture.exchange("/1");
  const auto waiting = fixture.exchange("/2");
  fixture.at(0).opens();
  fixture.at(1).breaks(errc::connect_failed);
  fixture.pass(2100ms);
  CHECK(failed_with(*waiting, errc::timed_out));
  CHECK(waiting->failure->step == phase::acquire);
  const auto& reason = waiting->failure->reason;
  CHECK(reason.find("no connection was free within 2 s; ") == 0);
  CHECK(reason.find("failed at the step \"connect\": broken by the test") != std::string::npos);
  CHECK(served->completions == 0);
}

TEST_CASE("while an origin refuses, callers fail fast and one connection at a time is tried") {
  pool_fixture fixture;
  const auto first = fixture.exchange("/1");
  fixture.at(0).breaks(errc::connect_failed);
  fixture.world.run_posted();
  CHECK(failed_with(*first, errc::connect_failed));
  CHECK(first->failure->retry_in == 50ms);

  fixture.pass(20ms);
  const auto second = fixture.exchange("/2");
  CHECK(second->completions == 0);
  fixture.world.run_posted();
  CHECK(failed_with(*second, errc::connect_failed));
  CHECK(second->failure->retry_in == 30ms);
  CHECK(fixture.world.connections.size() == 1);

  fixture.pass(30ms);
  const auto probing = fixture.exchange("/3");
  const auto beside = fixture.exchange("/4");
  CHECK(fixture.world.connections.size() == 2);
  fixture.world.run_posted();
  CHECK(beside->completions == 0);

  SUBCASE("which tells all whether the origin is back") {
    fixture.at(1).opens();
    fixture.at(1).answers();
    fixture.at(1).answers();
    CHECK(succeeded(*probing));
    CHECK(succeeded(*beside));
    fixture.exchange("/5");
    fixture.exchange("/6");
    CHECK(fixture.world.connections.size() == 3);
  }
  SUBCASE("or not, for twice as long") {
    fixture.at(1).breaks(errc::connect_failed);
    fixture.world.run_posted();
    CHECK(failed_with(*probing, errc::connect_failed));
    CHECK(failed_with(*beside, errc::connect_failed));
    CHECK(beside->failure->retry_in == 100ms);
    CHECK(fixture.pool->count().closed_as(close_reason::not_opened) == 2);
  }
}

TEST_CASE("an origin that takes no further connection is not pressed while others serve") {
  pool_fixture fixture;
  fixture.exchange("/1");
  fixture.exchange("/2");
  fixture.at(0).opens();
  fixture.at(1).breaks(errc::connect_failed);
  for (int i = 0; i < 6; ++i) {
    fixture.exchange("/more");
    fixture.at(0).answers();
  }
  CHECK(fixture.world.connections.size() == 2);
  fixture.pass(50ms);
  CHECK(fixture.world.connections.size() == 3);  // without anybody's asking
}

TEST_CASE("connections that are stuck do not hold the queue for ever") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 20;
  settings.max_opening = 20;
  settings.max_waiting = 100;
  pool_fixture fixture(settings);
  for (int i = 0; i < 8; ++i)
    fixture.exchange("/stuck");
  fixture.world.time += 40ms;
  for (std::size_t i = 0; i < 8; ++i)
    fixture.at(i).opens();
  const auto behind = fixture.exchange("/behind");
  CHECK(fixture.world.connections.size() == 8);
  fixture.pass(310ms);
  CHECK(fixture.world.connections.size() == 8);
  fixture.pass(20ms);
  REQUIRE(fixture.world.connections.size() == 9);
  fixture.at(8).opens();
  fixture.at(8).answers();
  CHECK(succeeded(*behind));
}

TEST_CASE("a cold burst opens 8 connections, and doubles them only over a long way") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 64;
  settings.max_opening = 32;
  settings.max_waiting = 1000;
  pool_fixture fixture(settings);
  for (int i = 0; i < 1000; ++i)
    fixture.exchange("/");
  CHECK(fixture.world.connections.size() == 8);
  const auto open_all = [&](std::chrono::milliseconds later, std::size_t from) {
    fixture.world.time += later;
    const auto many = fixture.world.connections.size();
    for (std::size_t i = from; i < many; ++i)
      fixture.at(i).opens();
  };
  SUBCASE("over a short one") {
    open_all(8ms, 0);  // the handshakes' computing
    for (std::size_t i = 0; i < 900; ++i) {
      fixture.world.time += 25us;
      fixture.at(i % 8).answers();
    }
    CHECK(fixture.world.connections.size() == 8);
  }
  SUBCASE("over a long one") {
    open_all(60ms, 0);
    fixture.world.time += 40ms;
    for (std::size_t i = 0; i < 8; ++i)
      fixture.at(i).answers();
    fixture.world.time += 40ms;
    for (std::size_t i = 0; i < 7; ++i)
      fixture.at(i).answers();
    CHECK(fixture.world.connections.size() == 8);
    fixture.at(7).answers();
    CHECK(fixture.world.connections.size() == 16);
    open_all(60ms, 8);
    CHECK(fixture.world.connections.size() == 32);
    open_all(60ms, 16);
    CHECK(fixture.world.connections.size() == 64);
    open_all(60ms, 32);
    CHECK(fixture.world.connections.size() == 64);
  }
}

TEST_CASE("the server's Keep-Alive shortens the idle time, and ends a connection by its count") {
  pool_fixture fixture;
  fixture.exchange("/1");
  fixture.at(0).opens();
  reuse_terms terms(true);
  SUBCASE("timeout") {
    terms.idle_timeout = 5s;
    fixture.at(0).answers(terms);
    fixture.pass(3900ms);
    CHECK_FALSE(fixture.at(0).closing);
    fixture.pass(200ms);
    CHECK(fixture.at(0).closing);
    fixture.at(0).breaks();
    CHECK(fixture.pool->count().closed_as(close_reason::idle) == 1);
  }
  SUBCASE("max") {
    terms.max_requests = 3;
    fixture.at(0).answers(terms);
    for (const std::uint32_t left : {2U, 1U}) {  // some servers count down
      CHECK_FALSE(fixture.at(0).closing);
      fixture.exchange("/more");
      terms.max_requests = left;
      fixture.at(0).answers(terms);
    }
    CHECK(fixture.at(0).closing);
    fixture.at(0).breaks();
    CHECK(fixture.pool->count().closed_as(close_reason::worn_out) == 1);
  }
}

TEST_CASE("idle siblings of a connection that was found dead are not lent") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 3;
  settings.max_opening = 3;
  pool_fixture fixture(settings);
  for (int i = 0; i < 3; ++i)
    fixture.exchange("/");
  for (std::size_t i = 0; i < 3; ++i)
    fixture.at(i).opens();
  fixture.at(0).answers();  // the oldest
  fixture.at(1).answers();
  fixture.pass(2s);
  const auto lost = fixture.exchange("/lost");  // on the one used last
  REQUIRE(fixture.at(1).targets.back() == "/lost");
  fixture.at(2).answers();
  fixture.at(1).breaks();
  CHECK(fixture.at(0).closing);
  CHECK_FALSE(fixture.at(2).closing);
  // One that was replayed is not given what has served.
  CHECK(fixture.at(2).targets.back() == "/");
  fixture.at(0).breaks();
  fixture.at(3).opens();
  CHECK(fixture.at(3).targets.back() == "/lost");
  fixture.at(3).answers();
  CHECK(succeeded(*lost));
  const auto counted = fixture.pool->count();
  CHECK(counted.replayed == 1);
  CHECK(counted.closed_as(close_reason::suspect) == 1);
  CHECK(counted.closed_as(close_reason::server) == 1);
}

TEST_CASE("connections opened ahead of need") {
  pool_fixture fixture;
  fixture.pool->prewarm(3);
  CHECK(fixture.world.connections.size() == 2);  // max_opening
  SUBCASE("serve the first who come, and are replayed as any that was idle") {
    fixture.at(0).opens();
    fixture.at(1).opens();
    REQUIRE(fixture.world.connections.size() == 3);
    fixture.at(2).opens();
    CHECK(fixture.pool->count().idle == 3);
    fixture.pass(1ms);
    const auto exchange = fixture.exchange("/1");
    fixture.at(2).breaks();
    CHECK(fixture.pool->count().replayed == 1);
    REQUIRE(fixture.world.connections.size() == 4);
    fixture.at(3).opens();
    fixture.at(3).answers();
    CHECK(succeeded(*exchange));
  }
  SUBCASE("are given up when one fails") {
    fixture.at(0).breaks(errc::connect_failed);
    fixture.at(1).opens();
    fixture.pass(1s);
    CHECK(fixture.world.connections.size() == 2);
  }
}

TEST_CASE("a pool that winds down serves who is there, and keeps nothing") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 2;
  settings.max_opening = 2;
  pool_fixture fixture(settings);
  const auto first = fixture.exchange("/1");
  fixture.exchange("/2");
  const auto queued = fixture.exchange("/3");
  fixture.at(0).opens();
  fixture.at(1).opens();
  fixture.at(1).answers();
  fixture.at(1).answers();
  CHECK(succeeded(*queued));
  CHECK(fixture.pool->count().idle == 1);
  fixture.pool->wind_down();
  CHECK(fixture.at(1).closing);
  fixture.at(1).breaks();
  CHECK(fixture.world.emptied == 0);
  CHECK(first->completions == 0);
  fixture.at(0).answers();
  CHECK(succeeded(*first));
  CHECK(fixture.at(0).closing);
  fixture.at(0).breaks();
  CHECK(fixture.world.emptied == 1);
  CHECK(fixture.pool->empty());
  CHECK(fixture.pool->count().closed_as(close_reason::client) == 2);
}

TEST_CASE("the counters tell what the connections have been through") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 2;
  pool_fixture fixture(settings);
  for (int i = 0; i < 5; ++i)
    fixture.exchange("/");
  auto now = fixture.pool->count();
  CHECK(now.opening == 2);
  CHECK(now.open == 0);
  CHECK(now.waiting == 5);
  fixture.at(0).opens(false);
  fixture.at(1).opens(true);
  now = fixture.pool->count();
  CHECK(now.opened == 2);
  CHECK(now.resumed == 1);
  CHECK(now.open == 2);
  CHECK(now.idle == 0);
  CHECK(now.waiting == 3);
  CHECK(now.reused == 0);
  fixture.at(0).answers();
  fixture.at(0).answers();
  fixture.at(0).answers();
  fixture.at(0).answers();
  now = fixture.pool->count();
  CHECK(now.reused == 3);
  CHECK(now.idle == 1);
  CHECK(now.waiting == 0);
  fixture.at(1).breaks(errc::truncated, true);
  fixture.exchange("/");
  fixture.at(0).answers(false);
  fixture.at(0).breaks();
  now = fixture.pool->count();
  CHECK(now.open == 0);
  CHECK(now.closed_as(close_reason::broken) == 1);
  CHECK(now.closed_as(close_reason::announced) == 1);
  fixture.exchange("/");
  fixture.pool->shutdown();
  now = fixture.pool->count();
  CHECK(now.opening == 0);
  CHECK(now.waiting == 0);
  CHECK(now.closed_as(close_reason::client) == 1);
  CHECK(binarly::to_string(close_reason::worn_out) == "worn_out");
}

}  // namespace
