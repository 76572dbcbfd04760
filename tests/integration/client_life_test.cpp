// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/patience.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

/// Calls at every stage: waiting for the next attempt, sent, in the queue, and about to begin.
struct calls_in_flight {
  calls_in_flight(fake_service& service, client_options& options) {
    const auto script = [&](std::uint64_t index, fault kind) {
      service.script(service.image_at(index).ref, {misbehaviour(kind)});
    };
    script(0, fault::status_503);
    script(1, fault::hang);
    script(2, fault::hang);
    options.pool.max_connections = 2;
    options.concurrency.least = 2;  // of a run's lookups, the others wait for their turn
    options.retry = retry_policy().delay_with([this](int, auto, const failure&, double) {
      resting = true;
      return retry_policy::duration(1h);
    });
  }
  calls_in_flight(const calls_in_flight&) = delete;
  calls_in_flight& operator=(const calls_in_flight&) = delete;

  /// `advance(condition)` runs whatever must run until the condition holds.
  void start(fake_service& service, const std::function<void(std::uint64_t)>& look_up,
             const std::function<void(std::function<bool()>)>& advance) {
    look_up(0);
    advance([this] { return resting; });
    for (std::uint64_t index = 1; index < 6; ++index)
      look_up(index);
    advance([&service] { return service.counters().requests == 3; });
    look_up(6);
  }

  bool resting = false;
};

void rethrow(const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

asio::awaitable<void> look_up_in_vain(client service, image_ref ref, std::shared_ptr<int> held) {
  (void)co_await service.async_get_image(ref);
  ++*held;
}

/// Begins a lookup that completes by counting up what it holds.
using starter = void (*)(const client& service, const image_ref& ref, std::shared_ptr<int> held);
const std::vector<std::pair<const char*, starter>> starters{
    {"a callback",
     [](const client& service, const image_ref& ref, std::shared_ptr<int> held) {
       service.async_get_image(ref, [held](const result<image>&) { ++*held; });
     }},
    {"a callback that holds the client",
     [](const client& service, const image_ref& ref, std::shared_ptr<int> held) {
       service.async_get_image(ref, [held, service](const result<image>&) { ++*held; });
     }},
    {"a coroutine",
     [](const client& service, const image_ref& ref, std::shared_ptr<int> held) {
       asio::co_spawn(service.get_executor(), look_up_in_vain(service, ref, held), rethrow);
     }},
    {"a run of verifications",
     [](const client& service, const image_ref& ref, std::shared_ptr<int> held) {
       async_verify_images(
           service, std::vector<image_ref>{ref}, [](const verification&) {}, {},
           [held](std::exception_ptr, const verify_summary&) { ++*held; });
     }},
};

/// Runs two contexts in turns, the client's and its server's, until the condition holds.
void run_both_until(asio::io_context& one, asio::io_context& other,
                    const std::function<bool()>& condition) {
  const auto bound = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    REQUIRE(std::chrono::steady_clock::now() < bound);
    one.restart();
    one.poll();
    other.restart();
    other.run_one_for(1ms);
  }
}

}  // namespace

TEST_CASE("client: a handler runs on its own executor, and keeps that busy until then") {
  client_fixture fixture;
  asio::io_context elsewhere;
  const auto service = fixture.make_client();
  bool called = false;
  service.async_get_image(
      fixture.ref(1),
      asio::bind_executor(elsewhere.get_executor(), [&](const result<image>& found) {
        CHECK(found.has_value());
        CHECK(elsewhere.get_executor().running_in_this_thread());
        called = true;
      }));
  elsewhere.poll();
  CHECK(!elsewhere.stopped());
  run_until(fixture.context, [&] { return service.counters().idle == 1; });
  fixture.settle();
  CHECK(!called);
  CHECK(runs_out(elsewhere));
  CHECK(called);
}

TEST_CASE("client: the end of its last copy ends every call, once") {
  client_fixture world;
  calls_in_flight stages(world.service, world.options);
  std::optional<client> service(world.make_client());
  std::optional<client> copy(service);
  std::list<lookup> calls;
  stages.start(
      world.service, [&](std::uint64_t index) { calls.emplace_back(*service, world.ref(index)); },
      [&](const std::function<bool()>& condition) { run_until(world.context, condition); });

  service.reset();
  world.settle();
  for (const auto& call : calls)
    CHECK(!call.done());
  calls.emplace_back(*copy, world.ref(7));
  copy.reset();
  CHECK(!calls.front().done());
  for (const auto& call : calls)
    run_until(world.context, [&] { return call.done(); });
  world.settle();
  CHECK(calls.size() == 8);
  for (const auto& call : calls) {
    CHECK(call.completions() == 1);
    CHECK(call.why().code() == errc::client_closed);
    CHECK(call.why() == condition::cancelled);
  }
  run_until(world.context, [&] { return world.service.counters().open_connections == 0; });
}

TEST_CASE("client: it may end inside one of its own handlers") {
  client_fixture world;
  calls_in_flight stages(world.service, world.options);
  std::optional<client> service(world.make_client());
  std::list<lookup> calls;
  stages.start(
      world.service, [&](std::uint64_t index) { calls.emplace_back(*service, world.ref(index)); },
      [&](const std::function<bool()>& condition) { run_until(world.context, condition); });
  int completions = 0;
  asio::cancellation_signal signal;
  service->async_get_image(
      world.ref(7), asio::bind_cancellation_slot(signal.slot(), [&](const result<image>& found) {
        CHECK(found.error().code() == errc::cancelled);
        ++completions;
        service.reset();
      }));
  world.settle();
  signal.emit(asio::cancellation_type::terminal);
  for (const auto& call : calls)
    run_until(world.context, [&] { return call.done(); });
  world.settle();
  CHECK(completions == 1);
  for (const auto& call : calls) {
    CHECK(call.completions() == 1);
    CHECK(call.why().code() == errc::client_closed);
  }
}

TEST_CASE("client: its context may end with calls in flight, and nothing of them is left") {
  for (const auto& [what, start] : starters) {
    CAPTURE(what);
    client_fixture world;
    calls_in_flight stages(world.service, world.options);
    auto context = std::make_unique<asio::io_context>();
    std::optional<client> service(std::in_place, context->get_executor(), world.options);
    auto held = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = held;
    stages.start(
        world.service,
        [&, begin = start](std::uint64_t index) { begin(*service, world.ref(index), held); },
        [&](const std::function<bool()>& condition) {
          run_both_until(*context, world.context, condition);
        });
    CHECK(*held == 0);
    held.reset();
    service.reset();
    CHECK(!watched.expired());
    context.reset();
    CHECK(watched.expired());
  }
}

TEST_CASE("client: its context may end while it connects, or agrees on TLS") {
  for (const auto& [what, start] : starters) {
    CAPTURE(what);
    asio::io_context servers;
    silent_listener silent(servers);
    const full_listener full(servers);
    bool greeted = false;
    silent.when_greeted([&greeted] { greeted = true; });
    auto context = std::make_unique<asio::io_context>();
    auto held = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = held;
    {
      const auto connecting = options_for(url_of_port(full.port(), "127.0.0.1"), "");
      const auto agreeing = options_for(url_of_port(silent.port(), "127.0.0.1"), "");
      const client one(context->get_executor(), connecting);
      const client other(context->get_executor(), agreeing);
      start(one, image_ref("product", "image"), held);
      start(other, image_ref("product", "image"), held);
      run_both_until(*context, servers, [&greeted] { return greeted; });
      CHECK(*held == 0);
    }
    held.reset();
    CHECK(!watched.expired());
    context.reset();
    CHECK(watched.expired());
  }
}

TEST_CASE("client: a call that comes after its client was closed says what it was about") {
  client_fixture world;
  const auto service = world.make_client();
  bool closed = false;
  service.async_close(1h, [&closed] { closed = true; });
  run_until(world.context, [&closed] { return closed; });
  const auto refused = world.get(service, world.ref(1));
  REQUIRE(refused.has_error());
  CHECK(refused.error() == errc::client_closed);
  CHECK(refused.error().detail().operation == "get image");
  CHECK(refused.error().detail().resource == world.ref(1).path());
}

TEST_CASE("client: once a call has called its handler, client and context may end") {
  client_fixture world;
  asio::io_context other;
  auto context = std::make_unique<asio::io_context>();
  std::optional<client> service(std::in_place, context->get_executor(), world.options);
  std::optional<expectation> left(std::in_place, world.ref(1));
  SUBCASE("a lookup") {
    service->async_get_image(world.ref(1),
                             asio::bind_executor(other, [&](const result<image>& found) {
                               CHECK(found.has_value());
                               service.reset();
                               context.reset();
                             }));
  }
  SUBCASE("a run of verifications, whose source holds the client, too") {
    async_verify_images(
        *service, [&left, held = *service] { return std::exchange(left, std::nullopt); },
        [](const verification&) {}, {},
        asio::bind_executor(other, [&](const std::exception_ptr&, const verify_summary& summary) {
          CHECK(summary.count(verdict::verified) == 1);
          service.reset();
          context.reset();
        }));
  }
  while (context) {
    context->restart();
    context->poll();
    other.restart();
    other.poll();
    world.context.restart();
    world.context.run_one_for(1ms);
  }
}

TEST_CASE("client: a signal may outlive the context of what it would cancel") {
  client_fixture world;
  world.service.script(world.ref(1), {misbehaviour(fault::hang), misbehaviour(fault::hang)});
  asio::cancellation_signal lookup_signal;
  asio::cancellation_signal run_signal;
  int called = 0;
  {
    asio::io_context context;
    const client service(context.get_executor(), world.options);
    service.async_get_image(world.ref(1),
                            asio::bind_cancellation_slot(lookup_signal.slot(),
                                                         [&](const result<image>&) { ++called; }));
    async_verify_images(
        service, std::vector<image_ref>{world.ref(1)}, [&](const verification&) { ++called; }, {},
        asio::bind_cancellation_slot(run_signal.slot(),
                                     [&](std::exception_ptr, const verify_summary&) { ++called; }));
    run_both_until(context, world.context, [&] { return world.service.counters().requests == 2; });
  }
  lookup_signal.emit(asio::cancellation_type::terminal);
  run_signal.emit(asio::cancellation_type::terminal);
  world.settle();
  CHECK(called == 0);
}

TEST_CASE("client: run() returns when the client is gone, or when its connections have aged") {
  background_service service;
  auto options = options_for(*service);
  asio::io_context context;
  SUBCASE("gone") {
    std::optional<client> own(std::in_place, context.get_executor(), options);
    const lookup one(*own, service->image_at(1).ref);
    run_until(context, [&] { return one.done(); });
    CHECK(one.outcome().has_value());
    own.reset();
    CHECK(runs_out(context));
  }
  SUBCASE("aged") {
    options.pool.idle_timeout = 20ms;
    const client own(context.get_executor(), options);
    for (std::uint64_t index = 0; index < 2; ++index) {
      const lookup one(own, service->image_at(index).ref);
      CHECK(runs_out(context));
      REQUIRE(one.done());
      CHECK(one.outcome().has_value());
    }
    CHECK(service->counters().connections == 2);
  }
  SUBCASE("kept for no time at all") {
    options.pool.idle_timeout = 0ms;
    const client own(context.get_executor(), options);
    const lookup one(own, service->image_at(1).ref);
    CHECK(runs_out(context));
    REQUIRE(one.done());
    CHECK(one.outcome().has_value());
  }
  SUBCASE("never used") {
    const client own(context.get_executor(), options);
    CHECK(runs_out(context));
  }
}
