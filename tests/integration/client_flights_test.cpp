// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_executors.hpp"
#include "support/client_fixture.hpp"
#include "support/growing_bound.hpp"
#include "support/patience.hpp"

#include <binarly/client.hpp>
#include <binarly/event.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

call_options joining() {
  call_options options;
  options.join = true;
  return options;
}

/// A service whose next answer for image 0 is late enough for everybody to be there.
struct slow_service : client_fixture {
  explicit slow_service(std::chrono::milliseconds late = 50ms) {
    misbehaviour slow(fault::delay);
    slow.duration = late;
    service.script(ref(0), {slow});
  }
};

bool all_done(const std::deque<lookup>& lookups) {
  return std::ranges::all_of(lookups, [](const lookup& one) { return one.done(); });
}

TEST_CASE("flights: equal lookups at the same time are one request, and all get its answer") {
  slow_service world;
  const auto from = world.make_client();
  std::deque<lookup> lookups;
  for (int i = 0; i < 100; ++i)
    lookups.emplace_back(from, world.ref(0), joining());
  run_until(world.context, [&] { return all_done(lookups); });
  for (const auto& one : lookups) {
    REQUIRE(one.outcome().has_value());
    CHECK(one.outcome()->id == world.ref(0).image_id());
    CHECK(one.completions() == 1);
  }
  CHECK(world.service.counters().requests == 1);
  // What is over is not joined.
  const lookup later(from, world.ref(0), joining());
  run_until(world.context, [&] { return later.done(); });
  CHECK(world.service.counters().requests == 2);
}

TEST_CASE("flights: a failure is everybody's, too") {
  client_fixture world;
  world.service.script(world.ref(0), {misbehaviour(fault::forbidden)});
  const auto from = world.make_client();
  std::deque<lookup> lookups;
  for (int i = 0; i < 3; ++i)
    lookups.emplace_back(from, world.ref(0), joining());
  run_until(world.context, [&] { return all_done(lookups); });
  for (const auto& one : lookups)
    CHECK(one.why().code() == errc::forbidden);
  CHECK(world.service.counters().requests == 1);
}

TEST_CASE("flights: only those who ask alike fly together, and who asks to") {
  slow_service world;
  const auto from = world.make_client();
  std::deque<lookup> lookups;
  lookups.emplace_back(from, world.ref(0), joining());
  std::uint64_t requests = 1;
  SUBCASE("another image") { lookups.emplace_back(from, world.ref(1), joining()), ++requests; }
  SUBCASE("without being asked") { lookups.emplace_back(from, world.ref(0)), ++requests; }
  SUBCASE("with counts") {
    auto other = joining();
    other.with_counts = true;
    lookups.emplace_back(from, world.ref(0), other);
    ++requests;
  }
  SUBCASE("another header") {
    auto other = joining();
    other.headers = {{"X-Tenant", "seven"}};
    lookups.emplace_back(from, world.ref(0), other);
    ++requests;
  }
  SUBCASE("another policy") {
    auto other = joining();
    other.retry = retry_policy().max_attempts(3);
    lookups.emplace_back(from, world.ref(0), other);
    ++requests;
  }
  SUBCASE("a policy of one's own that has functions") {
    auto other = joining();
    other.retry = retry_policy::none().classify_with([](const failure&) { return false; });
    lookups.emplace_back(from, world.ref(0), other);
    ++requests;
  }
  SUBCASE("the same policy, given again") {
    auto other = joining();
    other.retry = retry_policy::none();
    lookups.emplace_back(from, world.ref(0), other);
  }
  run_until(world.context, [&] { return all_done(lookups); });
  CHECK(world.service.counters().requests == requests);
}

TEST_CASE("flights: who cancels leaves, and the others get their answer") {
  slow_service world;
  const auto from = world.make_client();
  std::deque<lookup> lookups;
  for (int i = 0; i < 3; ++i)
    lookups.emplace_back(from, world.ref(0), joining());
  world.run_until_requested(1);
  lookups[0].cancel();
  run_until(world.context, [&] { return lookups[0].done(); });
  CHECK(lookups[0].why().code() == errc::cancelled);
  CHECK(!lookups[1].done());
  run_until(world.context, [&] { return all_done(lookups); });
  CHECK(lookups[1].outcome().has_value());
  CHECK(lookups[2].outcome().has_value());
  CHECK(world.service.counters().requests == 1);
}

TEST_CASE("flights: the last one to leave cancels it, and who comes then flies anew") {
  client_fixture world;
  world.service.script(world.ref(0), {misbehaviour(fault::hang)});
  const auto from = world.make_client();
  std::deque<lookup> lookups;
  for (int i = 0; i < 2; ++i)
    lookups.emplace_back(from, world.ref(0), joining());
  world.run_until_requested(1);
  for (auto& one : lookups)
    one.cancel();
  // Before the cancelled flight has come to its end.
  const lookup next(from, world.ref(0), joining());
  run_until(world.context, [&] { return next.done(); });
  CHECK(next.outcome().has_value());
  CHECK(all_done(lookups));
  CHECK(world.service.counters().requests == 2);
  // Its connection is not waited for any longer than those of others who left.
  run_until(world.context, [&] { return from.counters().closed_as(close_reason::left) == 1; });
}

TEST_CASE("flights: each keeps its own deadline, and the flight has the latest of them") {
  bool brief_first = false;
  SUBCASE("the impatient one was first") { brief_first = true; }
  SUBCASE("the patient one was first") {}
  with_growing_bound(150ms, [&](std::chrono::milliseconds delay) {
    client_fixture world;
    misbehaviour slow(fault::delay);
    slow.duration = delay;
    world.service.script(world.ref(0), {slow});
    const auto from = world.make_client();
    auto brief = joining();
    brief.deadline = 30ms;
    auto patient = joining();
    patient.deadline = 1h;
    std::deque<lookup> lookups;
    lookups.emplace_back(from, world.ref(0), brief_first ? brief : patient);
    lookups.emplace_back(from, world.ref(0), brief_first ? patient : brief);
    run_until(world.context, [&] { return all_done(lookups); });
    const lookup& hasty = lookups[brief_first ? 0 : 1];
    const lookup& calm = lookups[brief_first ? 1 : 0];
    // The answer came before anybody had looked at the clock.
    if (hasty.outcome()) return false;
    CHECK(hasty.why().code() == errc::timed_out);
    const auto says = [](const lookup& one, const char* words) {
      CAPTURE(one.why().message());
      return one.why().message().find(words) != std::string::npos;
    };
    const char* const of_attempt = "the attempt was begun under a deadline of 0.03 s";
    // The flight's own attempt may end before its passenger's alarm rings.
    CHECK((says(hasty, "the call's deadline is 0.03 s") || says(hasty, of_attempt)));
    if (brief_first) {
      // The attempt that was begun under the short deadline kept it, and there is but one.
      REQUIRE(!calm.outcome());
      CHECK(calm.why().code() == errc::timed_out);
      CHECK(calm.why().detail().attempts == 1);
      CHECK(says(calm, of_attempt));
    } else {
      CHECK(calm.outcome().has_value());
    }
    return true;
  });
}

TEST_CASE(
    "flights: an attempt cut short by the first one's deadline is made again for the others") {
  with_growing_bound(150ms, [](std::chrono::milliseconds delay) {
    client_fixture world;
    misbehaviour slow(fault::delay);
    slow.duration = delay;
    world.service.script(world.ref(0), {slow});
    world.options.retry = retry_policy().max_attempts(2).base_delay(0ms).delay_cap(0ms);
    const auto from = world.make_client();
    auto brief = joining();
    brief.deadline = 30ms;
    const lookup hasty(from, world.ref(0), brief);
    const lookup calm(from, world.ref(0), joining());
    run_until(world.context, [&] { return hasty.done() && calm.done(); });
    // The answer came before anybody had looked at the clock.
    if (hasty.outcome()) return false;
    CHECK(hasty.why().code() == errc::timed_out);
    CHECK(calm.outcome().has_value());
    return true;
  });
}

TEST_CASE("flights: the end of the client ends them for all") {
  client_fixture world;
  world.service.script(world.ref(0), {misbehaviour(fault::hang)});
  std::optional<client> from = world.make_client();
  std::deque<lookup> lookups;
  for (int i = 0; i < 3; ++i)
    lookups.emplace_back(*from, world.ref(0), joining());
  world.run_until_requested(1);
  from.reset();
  run_until(world.context, [&] { return all_done(lookups); });
  for (const auto& one : lookups)
    CHECK(one.why().code() == errc::client_closed);
}

TEST_CASE("flights: the end of their context leaves nothing behind") {
  background_service service;
  std::optional<asio::io_context> context(std::in_place);
  service->script(service->image_at(0).ref, {misbehaviour(fault::hang)});
  const auto alive = std::make_shared<int>(1);
  {
    std::optional<client> from(std::in_place, context->get_executor(), options_for(*service));
    for (int i = 0; i < 3; ++i) {
      from->async_get_image(service->image_at(0).ref, joining(),
                            [alive](result<image>) { FAIL("it ended"); });
    }
    const auto bound = std::chrono::steady_clock::now() + patience;
    while (service->counters().requests == 0) {
      REQUIRE(std::chrono::steady_clock::now() < bound);
      context->run_one_for(1ms);
    }
    from.reset();
    context.reset();
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("flights: on every kind of executor") {
  background_service service;
  on_every_executor([&](const asio::any_io_executor& executor, bool single_threaded) {
    auto options = options_for(*service);
    options.single_threaded = single_threaded;
    std::optional<client> own;
    std::atomic<int> right = 0;
    std::atomic<int> left = 200;
    std::promise<void> all;
    asio::post(executor, [&] {
      own.emplace(executor, options);
      for (std::uint64_t i = 0; i < 200; ++i) {
        const auto ref = service->image_at(i % 3).ref;
        own->async_get_image(ref, joining(), [&, id = ref.image_id()](result<image> found) {
          if (found && found->id == id) ++right;
          if (--left == 0) all.set_value();
        });
      }
    });
    REQUIRE(all.get_future().wait_for(patience) == std::future_status::ready);
    CHECK(right == 200);
    std::promise<void> ended;
    asio::post(executor, [&] {
      own.reset();
      ended.set_value();
    });
    ended.get_future().wait();
  });
}

TEST_CASE("flights: a bulk run looks equal references up once while they are in flight") {
  slow_service world;
  std::size_t verified = 0;
  bool done = false;
  int left = 50;
  async_verify_images(
      world.make_client(),
      [&]() -> std::optional<expectation> {
        if (left-- == 0) return std::nullopt;
        return expectation(world.ref(0));
      },
      [&](verification got) { verified += got.verdict == verdict::verified; }, verify_options(),
      [&](std::exception_ptr, verify_summary) { done = true; });
  run_until(world.context, [&] { return done; });
  CHECK(verified == 50);
  CHECK(world.service.counters().requests == 1);
}

TEST_CASE("limits: a bulk run that has to go slowly loses nobody to the deadline") {
  client_fixture world;
  world.options.rate.per_second = 20;
  // The run takes 3 s: longer than a lookup may, but for its waits.
  world.options.timeouts.deadline = 2s;
  std::size_t verified = 0;
  bool done = false;
  std::uint64_t left = 60;
  async_verify_images(
      world.make_client(),
      [&]() -> std::optional<expectation> {
        if (left == 0) return std::nullopt;
        // Of equal ones some are joined while they wait.
        return expectation(world.ref(--left % 40));
      },
      [&](verification got) { verified += got.verdict == verdict::verified; }, verify_options(),
      [&](std::exception_ptr, verify_summary) { done = true; });
  run_until(world.context, [&] { return done; });
  CHECK(verified == 60);
}

TEST_CASE("limits: a bulk run is under the adaptive limit, and shrinks it when it is told to") {
  fake_service_options served;
  served.faults = {misbehaviour(fault::status_429, 0.2)};
  client_fixture world(served);
  world.options.retry = retry_policy().max_attempts(100).base_delay(0ms).delay_cap(0ms);
  std::vector<std::size_t> limits;
  world.options.on_event = [&](const event& what) {
    if (const auto* const change = std::get_if<limit_changed>(&what)) {
      limits.push_back(change->limit);
    }
  };
  std::size_t verified = 0;
  bool done = false;
  std::uint64_t next = 0;
  async_verify_images(
      world.make_client(),
      [&]() -> std::optional<expectation> {
        if (next == 600) return std::nullopt;
        return expectation(world.ref(next++));
      },
      [&](verification got) { verified += got.verdict == verdict::verified; }, verify_options(),
      [&](std::exception_ptr, verify_summary) { done = true; });
  run_until(world.context, [&] { return done; });
  CHECK(verified == 600);
  REQUIRE(!limits.empty());
  CHECK(std::ranges::min(limits) < 16);
  CHECK(world.service.counters().most_open_connections <= 64);
}

TEST_CASE("limits: a rate that a client is held to") {
  client_fixture world;
  world.options.rate.per_second = 200;
  const auto from = world.make_client();
  const auto start = std::chrono::steady_clock::now();
  std::deque<lookup> lookups;
  for (std::uint64_t i = 0; i < 21; ++i)
    lookups.emplace_back(from, world.ref(i));
  run_until(world.context, [&] { return all_done(lookups); });
  // Never faster; how much slower is the machine's affair.
  CHECK(std::chrono::steady_clock::now() - start >= 100ms);
  for (const auto& one : lookups)
    CHECK(one.outcome().has_value());
}

TEST_CASE("limits: a circuit breaker over a real service") {
  client_fixture world;
  world.options.breaker.enabled = true;
  world.options.breaker.min_attempts = 5;
  world.options.breaker.open_for = 1h;
  const auto from = world.make_client();
  for (std::uint64_t i = 0; i < 5; ++i) {
    world.service.script(world.ref(i), {misbehaviour(fault::status_503)});
    CHECK(world.get(from, world.ref(i)).error().code() == errc::server_error);
  }
  const auto refused = world.get(from, world.ref(6));
  REQUIRE(!refused.has_value());
  CHECK(refused.error().code() == errc::circuit_open);
  CHECK(world.service.counters().requests == 5);
}

TEST_CASE("limits: a hedge over a real service, on two connections") {
  client_fixture world;
  world.options.hedge.enabled = true;
  world.options.hedge.delay = 10ms;
  world.service.script(world.ref(0), {misbehaviour(fault::hang)});
  const auto from = world.make_client();
  const auto found = world.get(from, world.ref(0));
  REQUIRE(found.has_value());
  CHECK(world.service.counters().requests == 2);
  CHECK(world.service.counters().connections == 2);
}

}  // namespace

TEST_CASE("flights: each gets the report of the one call, and who joined it says so") {
  client_fixture world;
  world.options.retry = retry_policy().base_delay(0ms).delay_cap(0ms);
  world.service.script(world.ref(0), {misbehaviour(fault::status_503)});
  const auto from = world.make_client();
  std::vector<std::shared_ptr<call_report>> reports;
  std::deque<lookup> lookups;
  for (int i = 0; i < 3; ++i) {
    auto options = joining();
    options.report = reports.emplace_back(std::make_shared<call_report>());
    lookups.emplace_back(from, world.ref(0), options);
  }
  run_until(world.context, [&] { return all_done(lookups); });
  for (const auto& report : reports) {
    CHECK(report->attempts == 2);
    REQUIRE(report->failed_attempts.size() == 1);
    CHECK(report->failed_attempts[0].code == errc::server_error);
    CHECK(report->joined == (report != reports.front()));
  }
}
