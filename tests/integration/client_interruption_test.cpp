// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What interrupts a lookup, at each stage that it may be found in.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/growing_bound.hpp"

#include <binarly/client.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

call_options within(std::chrono::milliseconds deadline) {
  call_options options;
  options.deadline = deadline;
  return options;
}

void check_ended(const lookup& one, errc code, phase step) {
  CHECK(one.completions() == 1);
  REQUIRE(one.done());
  REQUIRE(!one.outcome());
  CAPTURE(one.why().message());
  CHECK(one.why().code() == code);
  CHECK(one.why().detail().step == step);
}

/// One connection to a service, held up by a request that is never answered.
struct busy_world : client_fixture {
  busy_world() : service_client(one_connection()), blocker(service_client, ref(0)) {
    run_until_requested(1);
  }
  client one_connection() {
    options.pool.max_connections = 1;
    service.script(ref(0), {misbehaviour(fault::hang)});
    return make_client();
  }
  void check_serves_on() {
    blocker.cancel();
    run_until(context, [this] { return blocker.done(); });
    CHECK(get(service_client, ref(9)).value().id == ref(9).image_id());
  }

  client service_client;
  lookup blocker;
};

/// A connection that has served, to a server which stops in the middle of the next answer.
struct half_answered_world {
  half_answered_world()
      : server(context.get_executor(), half_of_the_second),
        service(context.get_executor(),
                options_for(url_of_port(server.port(), "127.0.0.1"), server.ca_pem())) {
    const lookup first(service, image_ref("product", "image"));
    run_until(context, [&] { return first.done(); });
    CHECK(first.outcome().value().id == "image");
  }

  static std::string half_of_the_second(const std::string& head) {
    const std::string body =
        R"({"id":"image","name":"","version":"","createTime":"2024-01-20T10:00:00Z","author":""})";
    const std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return head.find("half") == head.npos ? answer : answer.substr(0, answer.size() - 10);
  }

  asio::io_context context;
  raw_server server;
  client service;
};

/// Calls back once a call has gone to wait for its next attempt, which comes in an hour.
call_options resting(bool& rests) {
  call_options options;
  options.retry = retry_policy().delay_with([&rests](int, auto, const failure&, double) {
    rests = true;
    return retry_policy::duration(1h);
  });
  return options;
}

void settle(asio::io_context& context) {
  context.restart();
  while (context.poll() != 0) {
  }
}

}  // namespace

TEST_CASE("client: cancelled before it began") {
  client_fixture world;
  const auto service = world.make_client();
  lookup one(service, world.ref(1));
  one.cancel();
  run_until(world.context, [&] { return one.done(); });
  world.settle();
  CHECK(one.why() == condition::cancelled);
  CHECK(one.why().code() == errc::cancelled);
  CHECK(one.completions() == 1);
  CHECK(world.service.counters().requests == 0);
  CHECK(world.get(service, world.ref(2)).has_value());
}

TEST_CASE("client: cancelled while it waits in the queue") {
  busy_world world;
  lookup one(world.service_client, world.ref(1));
  lookup next(world.service_client, world.ref(2));
  world.settle();
  CHECK(!one.done());
  one.cancel();
  run_until(world.context, [&] { return one.done(); });
  world.settle();
  check_ended(one, errc::cancelled, phase::acquire);
  CHECK(!next.done());
  world.blocker.cancel();
  run_until(world.context, [&] { return next.done(); });
  CHECK(next.outcome().has_value());
  world.check_serves_on();
  CHECK(world.service.counters().requests == 3);
}

TEST_CASE("client: cancelled while its connection is being made") {
  asio::io_context context;
  const full_listener full(context);
  const client service(context.get_executor(),
                       options_for(url_of_port(full.port(), "127.0.0.1"), ""));
  lookup one(service, image_ref("product", "image"));
  settle(context);
  CHECK(!one.done());
  one.cancel();
  run_until(context, [&] { return one.done(); });
  settle(context);
  check_ended(one, errc::cancelled, phase::acquire);
}

TEST_CASE("client: cancelled while it agrees on TLS") {
  asio::io_context context;
  silent_listener silent(context);
  std::optional<client> service(std::in_place, context.get_executor(),
                                options_for(url_of_port(silent.port(), "127.0.0.1"), ""));
  bool greeted = false;
  silent.when_greeted([&] { greeted = true; });
  lookup one(*service, image_ref("product", "image"));
  run_until(context, [&] { return greeted; });
  one.cancel();
  run_until(context, [&] { return one.done(); });
  settle(context);
  check_ended(one, errc::cancelled, phase::acquire);
  // The connection in the making goes with the client.
  service.reset();
  CHECK(runs_out(context));
}

TEST_CASE("client: cancelled while it waits for the answer, by any type of cancellation") {
  for (const auto type : {asio::cancellation_type::partial, asio::cancellation_type::total,
                          asio::cancellation_type::terminal, asio::cancellation_type::all}) {
    busy_world world;
    lookup next(world.service_client, world.ref(1));
    world.blocker.cancel(type);
    run_until(world.context, [&] { return world.blocker.done() && next.done(); });
    world.settle();
    check_ended(world.blocker, errc::cancelled, phase::head);
    CHECK(world.blocker.why().detail().attempts == 1);
    CHECK(next.outcome().has_value());
    world.check_serves_on();
    // The connection whose answer nobody waits for is closed, since that answer may come yet.
    run_until(world.context, [&] { return world.service.counters().open_connections == 1; });
  }
}

TEST_CASE("client: cancelled in the middle of the answer") {
  half_answered_world world;
  lookup one(world.service, image_ref("product", "half"));
  run_until(world.context, [&] { return world.server.answered() == 2; });
  settle(world.context);
  CHECK(!one.done());
  one.cancel();
  run_until(world.context, [&] { return one.done(); });
  settle(world.context);
  check_ended(one, errc::cancelled, phase::body);
  CHECK(one.why().detail().http_status == 200);
  const lookup next(world.service, image_ref("product", "image"));
  run_until(world.context, [&] { return next.done(); });
  CHECK(next.outcome().has_value());
}

TEST_CASE("client: cancelled while it waits for its next attempt") {
  client_fixture world;
  const auto service = world.make_client();
  bool rests = false;
  world.service.script(world.ref(1), {misbehaviour(fault::status_503)});
  lookup one(service, world.ref(1), resting(rests));
  run_until(world.context, [&] { return rests; });
  world.settle();
  CHECK(!one.done());
  one.cancel();
  run_until(world.context, [&] { return one.done(); });
  world.settle();
  check_ended(one, errc::cancelled, phase::backoff);
  CHECK(one.why().detail().attempts == 1);
  CHECK(world.get(service, world.ref(2)).has_value());
}

TEST_CASE("client: cancelled after its completion, nothing happens") {
  client_fixture world;
  const auto service = world.make_client();
  lookup one(service, world.ref(1));
  run_until(world.context, [&] { return one.done(); });
  one.cancel();
  world.settle();
  CHECK(one.completions() == 1);
  CHECK(one.outcome().has_value());
}

TEST_CASE("client: out of time in the queue") {
  busy_world world;
  const lookup one(world.service_client, world.ref(1), within(20ms));
  run_until(world.context, [&] { return one.done(); });
  check_ended(one, errc::timed_out, phase::acquire);
  CHECK(one.why().message().find("1 of 1 connections are open") != std::string::npos);
  CHECK(one.why().message().find("the call's deadline is 0.02 s") != std::string::npos);
  world.check_serves_on();
}

TEST_CASE("client: out of time while its connection is being made") {
  asio::io_context context;
  silent_listener silent(context);
  const client service(context.get_executor(),
                       options_for(url_of_port(silent.port(), "127.0.0.1"), ""));
  bool greeted = false;
  silent.when_greeted([&] { greeted = true; });
  const lookup first(service, image_ref("product", "image"));
  run_until(context, [&] { return greeted; });
  const lookup one(service, image_ref("product", "image"), within(20ms));
  run_until(context, [&] { return one.done(); });
  check_ended(one, errc::timed_out, phase::acquire);
  CHECK(one.why().message().find("being opened (at the step \"handshake\")") != std::string::npos);
  CHECK(!first.done());
}

TEST_CASE("client: out of time while it waits for the answer") {
  with_growing_bound(250ms, [](std::chrono::milliseconds bound) {
    client_fixture world;
    world.options.pool.max_connections = 1;
    const auto service = world.make_client();
    CHECK(world.get(service, world.ref(1)).has_value());
    world.service.script(world.ref(2), {misbehaviour(fault::hang)});
    const lookup one(service, world.ref(2), within(bound));
    run_until(world.context, [&] { return one.done(); });
    if (world.service.counters().requests < 2) return false;
    check_ended(one, errc::timed_out, phase::head);
    CHECK(world.get(service, world.ref(3)).has_value());
    return true;
  });
}

TEST_CASE("client: out of time in the middle of the answer") {
  with_growing_bound(250ms, [](std::chrono::milliseconds bound) {
    half_answered_world world;
    const lookup one(world.service, image_ref("product", "half"), within(bound));
    run_until(world.context, [&] { return one.done(); });
    // It may have been over before half of the answer had come.
    if (one.why().detail().http_status == 0) return false;
    check_ended(one, errc::timed_out, phase::body);
    CHECK(one.why().detail().http_status == 200);
    return true;
  });
}

TEST_CASE("client: a wait that the deadline would interrupt is not begun") {
  client_fixture world;
  bool asked = false;
  world.service.script(world.ref(1), {misbehaviour(fault::status_503)});
  auto options = resting(asked);
  options.deadline = 30min;
  const failure why = world.get(world.make_client(), world.ref(1), options).error();
  CHECK(asked);
  CHECK(why == condition::unavailable);
  CHECK(why.detail().attempts == 1);
}

TEST_CASE("client: an attempt that takes too long is made again") {
  with_growing_bound(250ms, [](std::chrono::milliseconds bound) {
    client_fixture world;
    world.options.timeouts.attempt = bound;
    world.options.retry = retry_policy().max_attempts(2).base_delay(0ms).delay_cap(0ms);
    const auto service = world.make_client();
    auto seen = std::make_shared<call_report>();
    call_options reporting;
    reporting.report = seen;
    const auto first = world.get(service, world.ref(1), reporting);
    if (!first || seen->attempts > 1) return false;
    world.service.script(world.ref(2), {misbehaviour(fault::hang)});
    const auto second = world.get(service, world.ref(2), reporting);
    // An attempt that should have been answered ran out of time, too.
    if (!second) return false;
    CHECK(seen->attempts == 2);
    if (world.service.counters().requests < 3) return false;
    CHECK(world.service.counters().requests == 3);
    world.service.script(world.ref(3), {misbehaviour(fault::hang), misbehaviour(fault::hang)});
    const failure why = world.get(service, world.ref(3)).error();
    CHECK(why == condition::timed_out);
    CHECK(why.detail().attempts == 2);
    CHECK(why.message().find("an attempt may take ") != std::string::npos);
    return true;
  });
}

TEST_CASE("client: a deadline that cannot be is refused") {
  client_fixture world;
  const auto service = world.make_client();
  for (const auto deadline : {0ms, -1ms, std::chrono::milliseconds(25h)}) {
    const failure why = world.get(service, world.ref(1), within(deadline)).error();
    CHECK(why.code() == errc::invalid_argument);
    CHECK(why.detail().attempts == 0);
  }
  CHECK(world.service.counters().connections == 0);
}
