// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/pool.hpp"
#include "unit/fake_pool_world.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using binarly::errc;
using binarly::phase;
using binarly::testing::failed_with;
using binarly::testing::pool_fixture;
using binarly::testing::succeeded;
using namespace std::chrono_literals;

TEST_CASE("the first exchange opens a connection, and the next one finds it") {
  pool_fixture fixture;
  const auto first = fixture.exchange("/1");
  REQUIRE(fixture.world.connections.size() == 1);
  CHECK(fixture.at(0).opening);
  CHECK(fixture.at(0).targets.empty());
  fixture.at(0).opens();
  CHECK(fixture.at(0).targets == std::vector<std::string>{"/1"});
  CHECK(first->completions == 0);
  fixture.at(0).answers();
  CHECK(succeeded(*first));

  const auto second = fixture.exchange("/2");
  CHECK(fixture.world.connections.size() == 1);
  fixture.at(0).answers();
  CHECK(succeeded(*second));
}

TEST_CASE("a connection is watched once nobody has anything to send") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 1;
  pool_fixture fixture(settings);
  fixture.exchange("/1");
  fixture.exchange("/2");
  fixture.at(0).opens();
  fixture.at(0).answers();
  CHECK(fixture.at(0).targets.size() == 2);
  CHECK(!fixture.at(0).watched);
  fixture.at(0).answers();
  CHECK(fixture.at(0).watched);
}

TEST_CASE("a request that its caller sends upon an answer comes before watching") {
  pool_fixture fixture;
  fixture.start("/1", 30s, [&](const auto&) {
    CHECK(!fixture.at(0).watched);
    fixture.exchange("/2");
  });
  fixture.at(0).opens();
  fixture.at(0).answers();
  CHECK(fixture.world.connections.size() == 1);
  CHECK(fixture.at(0).targets == std::vector<std::string>{"/1", "/2"});
  CHECK(!fixture.at(0).watched);
}

TEST_CASE("connections open a few at a time, one for each that waits, and never above the cap") {
  pool_fixture fixture;
  const auto only = fixture.exchange("/1");
  CHECK(fixture.world.connections.size() == 1);
  for (int i = 2; i <= 8; ++i)
    fixture.exchange("/" + std::to_string(i));
  CHECK(fixture.world.connections.size() == 2);  // max_opening
  fixture.at(0).opens();
  CHECK(fixture.world.connections.size() == 3);
  fixture.at(1).opens();
  fixture.at(2).opens();
  fixture.at(3).opens();
  CHECK(fixture.world.connections.size() == 4);  // max_connections
  CHECK(fixture.pool->count().waiting == 4);
  fixture.at(0).answers();
  CHECK(fixture.world.connections.size() == 4);
}

TEST_CASE("who came first is served first") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 1;
  pool_fixture fixture(settings);
  for (int i = 1; i <= 4; ++i)
    fixture.exchange("/" + std::to_string(i));
  fixture.at(0).opens();
  for (int i = 0; i < 4; ++i)
    fixture.at(0).answers();
  CHECK(fixture.at(0).targets == std::vector<std::string>{"/1", "/2", "/3", "/4"});
}

TEST_CASE("the connection used last is lent first, so that the others age out") {
  pool_fixture fixture;
  fixture.exchange("/1");
  fixture.exchange("/2");
  fixture.at(0).opens();
  fixture.at(1).opens();
  fixture.at(1).answers();
  fixture.at(0).answers();
  fixture.pass(20s);
  fixture.exchange("/3");
  CHECK(fixture.at(0).targets.back() == "/3");
  fixture.at(0).answers();
  fixture.pass(10s);
  CHECK(fixture.at(1).closing);
  CHECK_FALSE(fixture.at(0).closing);
}

TEST_CASE("an idle connection is closed in time, and cut off when its goodbye takes too long") {
  pool_fixture fixture;
  fixture.exchange("/1");
  fixture.at(0).opens();
  fixture.at(0).answers();
  fixture.pass(24s);
  CHECK_FALSE(fixture.at(0).closing);
  fixture.pass(1500ms);
  CHECK(fixture.at(0).closing);
  CHECK_FALSE(fixture.at(0).aborted);
  fixture.pass(2s);
  CHECK(fixture.at(0).aborted);
  CHECK(fixture.pool->empty());
  // Nothing is left that would keep the execution context busy.
  CHECK_FALSE(fixture.world.alarm.has_value());
}

TEST_CASE("a connection is not used beyond its lifetime") {
  auto settings = pool_fixture::usual();
  settings.max_lifetime = 60s;
  pool_fixture fixture(settings);
  fixture.exchange("/1");
  fixture.at(0).opens();
  fixture.at(0).answers();
  for (int i = 0; i < 2; ++i) {
    fixture.pass(20s);
    fixture.exchange("/more");
    fixture.at(0).answers();
  }
  CHECK_FALSE(fixture.at(0).closing);
  SUBCASE("it is closed while idle") {
    fixture.pass(20s);
    CHECK(fixture.at(0).closing);
  }
  SUBCASE("it is closed after its answer") {
    fixture.pass(10s);
    const auto last = fixture.exchange("/last", 100s);
    fixture.pass(20s);
    fixture.at(0).answers();
    CHECK(succeeded(*last));
    CHECK(fixture.at(0).closing);
  }
}

TEST_CASE("a connection that may not be reused is closed, and another opened for who waits") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 1;
  pool_fixture fixture(settings);
  const auto first = fixture.exchange("/1");
  const auto second = fixture.exchange("/2");
  fixture.at(0).opens();
  fixture.at(0).answers(false);
  CHECK(succeeded(*first));
  CHECK(fixture.at(0).closing);
  CHECK(fixture.world.connections.size() == 1);  // the cap counts it until it is gone
  fixture.at(0).breaks();
  REQUIRE(fixture.world.connections.size() == 2);
  fixture.at(1).opens();
  fixture.at(1).answers();
  CHECK(succeeded(*second));
}

TEST_CASE("an idle timeout of zero keeps nothing, but serves who waits") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 1;
  settings.idle_timeout = 0s;
  pool_fixture fixture(settings);
  fixture.exchange("/1");
  fixture.exchange("/2");
  fixture.at(0).opens();
  fixture.at(0).answers();
  CHECK(fixture.at(0).targets.size() == 2);
  fixture.at(0).answers();
  fixture.pass(1ms);
  CHECK(fixture.at(0).closing);
}

TEST_CASE("an exchange that a reused connection lost unheard is replayed once, before the others") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 1;
  pool_fixture fixture(settings);
  fixture.exchange("/0");
  fixture.at(0).opens();
  fixture.at(0).answers();
  const auto lost = fixture.exchange("/lost");
  fixture.exchange("/next");
  fixture.at(0).breaks();
  CHECK(lost->completions == 0);
  REQUIRE(fixture.world.connections.size() == 2);
  fixture.at(1).opens();
  CHECK(fixture.at(1).targets == std::vector<std::string>{"/lost"});

  SUBCASE("and answered") {
    fixture.at(1).answers();
    CHECK(succeeded(*lost));
  }
  SUBCASE("and lost for good the next time") {
    fixture.at(1).breaks();
    CHECK(failed_with(*lost, errc::connection_lost));
  }
}

TEST_CASE("a replayed exchange waits for a connection of its own, and lets others pass") {
  pool_fixture fixture;
  const auto first = fixture.exchange("/0");
  const auto second = fixture.exchange("/1");
  fixture.at(0).opens();
  fixture.at(1).opens();
  fixture.at(0).answers();
  fixture.at(1).answers();
  const auto lost = fixture.exchange("/lost");
  fixture.at(1).breaks();
  // The other one that has served is free, and may be dead as well.
  CHECK(fixture.at(0).targets == std::vector<std::string>{"/0"});
  REQUIRE(fixture.world.connections.size() == 3);
  const auto passing = fixture.exchange("/passing");
  CHECK(fixture.at(0).targets.back() == "/passing");

  SUBCASE("which is made") {
    fixture.at(2).opens();
    CHECK(fixture.at(2).targets == std::vector<std::string>{"/lost"});
  }
  SUBCASE("which cannot be made: then any will do") {
    fixture.at(2).breaks(errc::connect_failed);
    CHECK(lost->completions == 0);
    fixture.at(0).answers();
    CHECK(fixture.at(0).targets.back() == "/lost");
    fixture.at(0).answers();
    CHECK(succeeded(*lost));
  }
}

TEST_CASE("what a new connection loses, or one that began to answer, is not replayed") {
  pool_fixture fixture;
  const auto on_new = fixture.exchange("/1");
  fixture.at(0).opens();
  fixture.at(0).breaks();
  CHECK(failed_with(*on_new, errc::connection_lost));

  fixture.exchange("/2");
  fixture.at(1).opens();
  fixture.at(1).answers();
  const auto begun = fixture.exchange("/3");
  fixture.at(1).breaks(errc::truncated, true);
  CHECK(failed_with(*begun, errc::truncated));

  // Its end may cross the request: the wait for a connection was over by then.
  const auto crossed = fixture.exchange("/4");
  fixture.at(2).opens();
  fixture.at(2).steps_to(phase::acquire);
  fixture.at(2).breaks();
  CHECK(failed_with(*crossed, errc::connection_lost));
  CHECK(crossed->failure->step == phase::write);
}

TEST_CASE("a replayed exchange keeps its deadline") {
  pool_fixture fixture;
  fixture.exchange("/1");
  fixture.at(0).opens();
  fixture.at(0).answers();
  const auto lost = fixture.exchange("/2", 5s);
  fixture.at(0).breaks();
  fixture.pass(6s);
  CHECK(failed_with(*lost, errc::timed_out));
}

TEST_CASE("when nothing is open or coming, all who wait learn why") {
  pool_fixture fixture;
  std::vector<std::shared_ptr<binarly::testing::outcome>> waiting;
  for (int i = 0; i < 5; ++i)
    waiting.push_back(fixture.exchange("/"));
  fixture.at(0).breaks(errc::connect_failed);
  for (const auto& each : waiting)
    CHECK(each->completions == 0);
  CHECK(fixture.world.connections.size() == 2);  // no storm
  fixture.at(1).breaks(errc::connect_failed);
  fixture.world.run_posted();
  for (const auto& each : waiting)
    CHECK(failed_with(*each, errc::connect_failed));
  CHECK(fixture.world.connections.size() == 2);
  CHECK_FALSE(fixture.world.alarm.has_value());
}

TEST_CASE("those who wait are not failed while another connection serves") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 2;
  pool_fixture fixture(settings);
  const auto first = fixture.exchange("/1");
  const auto second = fixture.exchange("/2");
  fixture.at(0).opens();
  fixture.at(1).breaks(errc::connect_failed);
  CHECK(second->completions == 0);
  fixture.at(0).answers();
  fixture.at(0).answers();
  CHECK(succeeded(*first));
  CHECK(succeeded(*second));
}

TEST_CASE("a connection that is not made in time fails as the phase it hung in") {
  pool_fixture fixture;
  const auto waiting = fixture.exchange("/1", 60s);
  fixture.pass(9s);
  fixture.at(0).steps_to(phase::handshake);
  fixture.pass(9s);
  CHECK_FALSE(fixture.at(0).aborted);  // each step has a bound of its own
  fixture.pass(2s);
  CHECK(fixture.at(0).aborted);
  CHECK(failed_with(*waiting, errc::timed_out));
  CHECK(waiting->failure->step == phase::handshake);
  CHECK(waiting->failure->reason == "this step may take 10 s");
}

TEST_CASE("an exchange times out where it is") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 1;
  pool_fixture fixture(settings);
  const auto carried = fixture.exchange("/1", 5s);
  const auto queued = fixture.exchange("/2", 3s);
  const auto later = fixture.exchange("/3", 60s);
  fixture.at(0).opens();
  fixture.pass(4s);
  CHECK(failed_with(*queued, errc::timed_out));
  CHECK(queued->failure->step == phase::acquire);
  CHECK(queued->failure->reason.find("1 of 1 connections are open") != std::string::npos);
  CHECK(carried->completions == 0);

  fixture.at(0).steps_to(phase::body, true);
  fixture.pass(1500ms);
  CHECK(failed_with(*carried, errc::timed_out));
  CHECK(carried->failure->step == phase::body);
  // Its connection has a moment to come to the answer's end.
  CHECK(fixture.at(0).released);
  CHECK_FALSE(fixture.at(0).aborted);
  CHECK(fixture.world.connections.size() == 1);
  fixture.pass(1s);
  CHECK(fixture.at(0).aborted);
  REQUIRE(fixture.world.connections.size() == 2);
  fixture.at(1).opens();
  fixture.at(1).answers();
  CHECK(succeeded(*later));
}

TEST_CASE("the queue is bounded") {
  pool_fixture fixture;
  std::vector<std::shared_ptr<binarly::testing::outcome>> waiting;
  for (int i = 0; i < 10; ++i)
    waiting.push_back(fixture.exchange("/"));
  const auto refused = fixture.exchange("/one-too-many");
  CHECK(refused->completions == 0);  // never from within the initiating function
  fixture.world.run_posted();
  CHECK(failed_with(*refused, errc::queue_full));
  for (const auto& each : waiting)
    CHECK(each->completions == 0);
}

}  // namespace
