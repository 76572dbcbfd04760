// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The system's clock is set anew in the middle of a client's life.

#include "support/client_fixture.hpp"

#include <binarly/client.hpp>
#include <binarly/credentials.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>
#include <utility>

namespace {

std::atomic<std::int64_t> step_in_seconds{0};

}  // namespace

/// In the place of the library's own, for this whole program: a test may not set the machine's.
std::chrono::system_clock::time_point std::chrono::system_clock::now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return time_point(std::chrono::seconds(time.tv_sec + step_in_seconds) +
                    std::chrono::nanoseconds(time.tv_nsec));
}

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

struct stepped_clock {
  explicit stepped_clock(std::chrono::seconds by) { step_in_seconds = by.count(); }
  ~stepped_clock() { step_in_seconds = 0; }
  stepped_clock(const stepped_clock&) = delete;
  stepped_clock& operator=(const stepped_clock&) = delete;
};

fake_service_options identity_server() {
  fake_service_options served;
  served.identity.client_id = "robot";
  served.identity.client_secret = "hush";
  return served;
}

TEST_CASE("client: a step of the system's clock ends no token early, no call, and no connection") {
  client_fixture world(identity_server());
  client_credentials_options who;
  who.url = world.service.base_url();
  who.client_id = "robot";
  who.client_secret = secret("hush");
  world.options.auth = credentials::client_credentials(std::move(who));
  const auto from = world.make_client();
  CHECK(world.get(from, world.ref(0)).has_value());
  for (const auto by : {24h, -24h, 1000 * 24h}) {
    const stepped_clock step(by);
    CHECK(world.get(from, world.ref(1)).has_value());
    CHECK(world.service.counters().token_requests == 1);
    CHECK(from.counters().opened == 1);
    // In the middle of a lookup, too.
    const lookup one(from, world.ref(2));
    world.run_until_requested(world.service.counters().requests + 1);
    const stepped_clock back(-by);
    run_until(world.context, [&one] { return one.done(); });
    CHECK(one.outcome().has_value());
  }
  CHECK(world.service.counters().token_requests == 1);
}

TEST_CASE("client: Retry-After's date is read by the system's clock as it is then") {
  client_fixture world;
  world.options.retry = retry_policy().max_attempts(2).max_retry_after(1h);
  misbehaviour busy(fault::status_503);
  busy.retry_after = "Fri, 31 Dec 2100 23:59:59 GMT";
  world.service.script(world.ref(0), {busy, busy});
  const auto from = world.make_client();
  // Too far away to be waited for.
  CHECK(world.get(from, world.ref(0)).error().detail().stopped == retry_stop::retry_after);
  // Long past: the next attempt may be made at once.
  const stepped_clock step(100 * 366 * 24h);
  CHECK(world.get(from, world.ref(0)).has_value());
}

}  // namespace
