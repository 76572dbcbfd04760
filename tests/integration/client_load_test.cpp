// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Many lookups over few connections, on every kind of executor, while servers close what they like.

#include "support/client_executors.hpp"
#include "support/client_fixture.hpp"
#include "support/patience.hpp"

#include <binarly/client.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

fake_service_options misbehaving(std::vector<misbehaviour> faults) {
  fake_service_options options;
  options.faults = std::move(faults);
  return options;
}

}  // namespace

TEST_CASE("client: 2,000 lookups at a time on four threads share eight connections") {
  constexpr std::size_t lookups = 2000;
  background_service service;
  auto options = options_for(*service);
  options.pool.max_connections = 8;
  threads four(4);
  const client own(four.get_executor(), options);
  tally sum(lookups);
  for (std::uint64_t index = 0; index < lookups; ++index)
    sum.look_up(own, service->image_at(index % 1000).ref);
  CHECK(sum.wait() == lookups);
  const auto seen = service->counters();
  CHECK(seen.requests == lookups);
  CHECK(seen.most_open_connections <= 8);
  CHECK(seen.connections <= 8);
}

TEST_CASE("client: lookups cancelled on many threads end once, and take no other with them") {
  constexpr std::size_t lookups = 600;
  background_service service;
  auto options = options_for(*service);
  options.pool.max_connections = 8;
  std::atomic<std::size_t> left = lookups;
  std::promise<void> ended;
  threads four(4);
  std::list<stranded_lookup> all;
  {
    const client own(four.get_executor(), options);
    for (std::uint64_t index = 0; index < lookups; ++index) {
      const int turns = index % 3 == 0 ? static_cast<int>(index) : 0;
      all.emplace_back(own, four.get_executor(), service->image_at(index).ref, turns, [&] {
        if (left.fetch_sub(1) == 1) ended.set_value();
      });
    }
    if (ended.get_future().wait_for(patience) != std::future_status::ready) std::terminate();
  }
  four.join();
  std::size_t index = 0;
  for (const auto& one : all) {
    CHECK(one.completions() == 1);
    CHECK((!one.code() || (one.code() == errc::cancelled && index % 3 == 0)));
    ++index;
  }
}

TEST_CASE("client: one more than may wait is told so, and the others are served") {
  client_fixture world;
  world.options.pool.max_connections = 1;
  world.options.pool.max_waiting = 2;
  const auto service = world.make_client();
  const lookup first(service, world.ref(1));
  const lookup second(service, world.ref(2));
  const lookup third(service, world.ref(3));
  run_until(world.context, [&] { return first.done() && second.done() && third.done(); });
  CHECK(first.outcome().has_value());
  CHECK(second.outcome().has_value());
  CHECK(third.why().code() == errc::queue_full);
  CHECK(third.why().detail().step == phase::acquire);
  CHECK(!third.why().advice().empty());
  CHECK(world.service.counters().requests == 2);
}

TEST_CASE("client: a server that announces its closes makes no lookup fail") {
  fake_service_options served;
  served.answers_per_connection = 3;
  background_service service(served);
  auto options = options_for(*service);
  options.pool.max_connections = 4;
  threads two(2);
  const client own(two.get_executor(), options);
  constexpr std::size_t lookups = 200;
  tally sum(lookups);
  for (std::uint64_t index = 0; index < lookups; ++index)
    sum.look_up(own, service->image_at(index).ref);
  CHECK(sum.wait() == lookups);
  CHECK(service->counters().connections >= lookups / 3);
}

TEST_CASE("client: a connection that is closed while it is idle costs no lookup") {
  client_fixture world(
      misbehaving({misbehaviour(fault::close_after, 0.4), misbehaviour(fault::reset_after, 0.4)}));
  world.options.pool.max_connections = 1;
  const auto service = world.make_client();
  // The close is sometimes seen before the next request is sent, and sometimes after.
  for (std::uint64_t index = 0; index < 100; ++index) {
    const auto ref = world.ref(index);
    const auto found = world.get(service, ref);
    REQUIRE_MESSAGE(found.has_value(), found.error().message());
    CHECK(found->id == ref.image_id());
    if (index % 2 == 0) world.settle();
  }
  CHECK(world.service.counters().connections > 20);
}

TEST_CASE("client: an idle connection that was reset is replaced") {
  client_fixture world;
  const auto service = world.make_client();
  CHECK(world.get(service, world.ref(1)).has_value());
  for (std::uint64_t turn = 1; turn < 10; ++turn) {
    world.service.reset_connections();
    CHECK(world.get(service, world.ref(turn)).has_value());
    CHECK(world.service.counters().connections == turn + 1);
  }
}

TEST_CASE("client: a request is not replayed over a connection that never served") {
  client_fixture world;
  const auto service = world.make_client();
  world.service.script(world.ref(1), {misbehaviour(fault::close_before)});
  CHECK(world.get(service, world.ref(1)).error().code() == errc::connection_lost);
  CHECK(world.service.counters().requests == 1);
}

TEST_CASE("client: a request is replayed once, not for ever") {
  client_fixture world;
  world.options.pool.max_connections = 1;
  const auto service = world.make_client();
  CHECK(world.get(service, world.ref(1)).has_value());
  world.service.script(world.ref(2), {misbehaviour(fault::close_before),
                                      misbehaviour(fault::close_before), misbehaviour()});
  const failure why = world.get(service, world.ref(2)).error();
  CHECK(why.code() == errc::connection_lost);
  CHECK(why.detail().attempts == 1);
  CHECK(world.service.counters().requests == 3);
}

TEST_CASE("client: a connection lives no longer than it may") {
  fake_service_options served;
  served.latency = 5ms;
  client_fixture world(served);
  world.options.pool.max_connections = 1;
  world.options.pool.max_lifetime = 1ms;
  const auto service = world.make_client();
  std::list<lookup> all;
  for (std::uint64_t index = 0; index < 5; ++index)
    all.emplace_back(service, world.ref(index));
  for (const auto& one : all) {
    run_until(world.context, [&] { return one.done(); });
    CHECK(one.outcome().has_value());
  }
  CHECK(world.service.counters().connections == 5);
  run_until(world.context, [&] { return world.service.counters().open_connections == 0; });
}
