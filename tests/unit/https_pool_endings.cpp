// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/pool.hpp"
#include "unit/fake_pool_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

namespace {

using binarly::errc;
using binarly::phase;
using binarly::testing::failed_with;
using binarly::testing::pool_fixture;
using binarly::testing::succeeded;
using namespace std::chrono_literals;

struct cancellable {
  boost::asio::cancellation_signal signal;
  std::shared_ptr<binarly::testing::outcome> seen = std::make_shared<binarly::testing::outcome>();

  void start(pool_fixture& fixture, std::string target) {
    fixture.start(std::move(target), 30s,
                  boost::asio::bind_cancellation_slot(
                      signal.slot(), [seen = seen](binarly::https::exchange_result result) {
                        ++seen->completions;
                        seen->failure = std::move(result.failure);
                      }));
  }
};

TEST_CASE("a cancelled exchange leaves at once, and without a trace") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 1;
  pool_fixture fixture(settings);
  cancellable carried;
  cancellable queued;
  carried.start(fixture, "/carried");
  queued.start(fixture, "/queued");
  const auto other = fixture.exchange("/other");
  fixture.at(0).opens();

  SUBCASE("from the queue") {
    queued.signal.emit(boost::asio::cancellation_type::total);
    CHECK(fixture.pool->count().waiting == 1);
    fixture.world.run_posted();
    CHECK(failed_with(*queued.seen, errc::cancelled));
    fixture.at(0).answers();
    CHECK(fixture.at(0).targets.back() == "/other");
  }
  SUBCASE("from its connection, which") {
    carried.signal.emit(boost::asio::cancellation_type::terminal);
    CHECK(fixture.at(0).released);
    fixture.world.run_posted();
    CHECK(failed_with(*carried.seen, errc::cancelled));
    CHECK(carried.seen->failure->step == phase::head);
    SUBCASE("takes in what is left, and serves the next one") {
      fixture.at(0).answers();
      CHECK(fixture.at(0).targets.back() == "/queued");
      CHECK(fixture.pool->count().drained == 1);
    }
    SUBCASE("is closed when the rest is not worth it") { fixture.at(0).breaks(); }
    SUBCASE("is cut off when the rest does not come within a second") {
      fixture.pass(999ms);
      CHECK_FALSE(fixture.at(0).aborted);
      fixture.pass(2ms);
      CHECK(fixture.at(0).aborted);
    }
    CHECK(carried.seen->completions == 1);
    if (fixture.pool->count().drained == 0) {
      CHECK(fixture.pool->count().closed_as(binarly::close_reason::left) == 1);
      REQUIRE(fixture.world.connections.size() == 2);
      fixture.at(1).opens();
      CHECK(fixture.at(1).targets.back() == "/queued");
    }
  }
  SUBCASE("twice, or after its end: once") {
    carried.signal.emit(boost::asio::cancellation_type::partial);
    carried.signal.emit(boost::asio::cancellation_type::terminal);
    fixture.world.run_posted();
    carried.signal.emit(boost::asio::cancellation_type::terminal);
    fixture.world.run_posted();
    CHECK(failed_with(*carried.seen, errc::cancelled));
  }
  CHECK(other->completions == 0);
}

TEST_CASE("a handler may hand in the next exchange, or shut the pool down") {
  pool_fixture fixture;
  const auto next = std::make_shared<binarly::testing::outcome>();
  fixture.start("/1", 30s, [&](binarly::https::exchange_result) {
    fixture.start("/2", 30s, [&](binarly::https::exchange_result) {
      fixture.pool->shutdown();
      ++next->completions;
    });
  });
  fixture.at(0).opens();
  fixture.at(0).answers();
  CHECK(fixture.at(0).targets.back() == "/2");
  fixture.at(0).answers();
  CHECK(next->completions == 1);
  CHECK(fixture.at(0).aborted);
}

TEST_CASE("a handler may drop the last reference to the pool") {
  pool_fixture fixture;
  fixture.start("/1", 30s, [&](binarly::https::exchange_result) { fixture.pool.reset(); });
  fixture.at(0).opens();
  fixture.at(0).answers();
  CHECK(fixture.at(0).aborted);
}

TEST_CASE("shutdown fails everything once, and refuses what comes") {
  auto settings = pool_fixture::usual();
  settings.max_connections = 1;
  pool_fixture fixture(settings);
  const auto carried = fixture.exchange("/1");
  const auto queued = fixture.exchange("/2");
  fixture.at(0).opens();
  fixture.pool->shutdown();
  CHECK(failed_with(*carried, errc::client_closed));
  CHECK(failed_with(*queued, errc::client_closed));
  CHECK(fixture.at(0).aborted);
  CHECK_FALSE(fixture.world.alarm.has_value());
  const auto late = fixture.exchange("/3");
  CHECK(late->completions == 0);
  fixture.world.run_posted();
  CHECK(failed_with(*late, errc::client_closed));
}

TEST_CASE("an abandoned pool drops its handlers uncalled") {
  pool_fixture fixture;
  const auto held = std::make_shared<int>(0);
  const auto handler = [held](binarly::https::exchange_result) { ++*held; };
  fixture.start("/1", 30s, handler);
  fixture.at(0).opens();
  fixture.start("/2", 30s, handler);
  CHECK(held.use_count() == 4);
  fixture.pool->abandon();
  CHECK(held.use_count() == 2);  // this function's, and the lambda's own copy
  CHECK(*held == 0);
}

}  // namespace
