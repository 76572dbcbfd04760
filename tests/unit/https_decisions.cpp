// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/deadline_queue.hpp"
#include "https/origin_health.hpp"
#include "https/pool_decisions.hpp"
#include "https/reuse_terms.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace binarly::https;
using namespace std::chrono_literals;

TEST_CASE("how many connections to open") {
  struct row {
    std::string what;
    std::size_t waiting, opening, open, closing;
    std::chrono::milliseconds exchange, making, waited;
    std::size_t expected;
  };
  const std::vector<row> table{
      // a cap of 40, at most 16 in the making
      {"nobody waits", 0, 0, 0, 0, 0ms, 0ms, 0ms, 0},
      {"one waits", 1, 0, 0, 0, 0ms, 0ms, 0ms, 1},
      {"one waits, and its connection comes", 1, 1, 0, 0, 0ms, 0ms, 0ms, 0},
      {"a burst: the first few", 1000, 0, 0, 0, 0ms, 0ms, 0ms, 8},
      {"a burst, some are coming", 1000, 3, 0, 0, 0ms, 0ms, 0ms, 5},
      {"more are coming than wait", 1, 3, 2, 0, 0ms, 0ms, 0ms, 0},
      {"a short way: the first few serve the queue sooner", 1000, 0, 8, 0, 1ms, 40ms, 9ms, 0},
      {"a long way: twice as many", 1000, 0, 8, 0, 20ms, 60ms, 9ms, 8},
      {"and again", 1000, 0, 16, 0, 20ms, 60ms, 9ms, 16},
      {"those coming are counted", 1000, 5, 16, 0, 20ms, 60ms, 9ms, 11},
      {"up to the cap", 1000, 0, 32, 0, 20ms, 60ms, 9ms, 8},
      {"those being closed count", 1000, 0, 32, 6, 20ms, 60ms, 9ms, 2},
      {"at the cap", 1000, 0, 40, 0, 20ms, 60ms, 9ms, 0},
      {"few wait: not worth it", 20, 0, 8, 0, 20ms, 60ms, 9ms, 0},
      {"the head waits in vain: what is open must be stuck", 1, 0, 8, 0, 1ms, 40ms, 321ms, 1},
  };
  for (const auto& row : table) {
    CAPTURE(row.what);
    pool_census now;
    now.waiting = row.waiting;
    now.opening = row.opening;
    now.open = row.open;
    now.connections = row.open + row.opening + row.closing;
    now.exchange_time = row.exchange;
    now.opening_time = row.making;
    now.head_waited = row.waited;
    CHECK(connections_to_open(now, 40, 16) == row.expected);
  }

  // Whoever was replayed waits for a new one.
  pool_census now;
  now.waiting = 5;
  now.replayed = 2;
  now.open = 10;
  now.connections = 10;
  CHECK(connections_to_open(now, 40, 16) == 2);
  now.opening = 1;
  CHECK(connections_to_open(now, 40, 16) == 1);
  now.connections = 40;
  CHECK(connections_to_open(now, 40, 16) == 0);
}

TEST_CASE("an average of what was recent") {
  recent_average average;
  CHECK(average.value() == 0ns);
  average.add(800ns);
  CHECK(average.value() == 800ns);
  average.add(1600ns);
  CHECK(average.value() == 900ns);
  for (int i = 0; i < 100; ++i)
    average.add(80ns);
  CHECK(average.value() < 100ns);
}

TEST_CASE("the least of what was recent, once there is enough of it") {
  recent_least least;
  least.add(50ms);
  for (int i = 0; i < 14; ++i)
    least.add(5ms);
  CHECK(least.value() == 0ns);
  least.add(2ms);
  CHECK(least.value() == 2ms);
  least.add(66ms);
  CHECK(least.value() == 3ms);  // it forgets
  least.add(1ms);
  CHECK(least.value() == 1ms);
}

TEST_CASE("the gate for reuse") {
  const auto gate = [](bool reusable, std::chrono::nanoseconds age, std::uint64_t served,
                       std::optional<std::uint32_t> max_requests,
                       std::chrono::nanoseconds max_lifetime) {
    service_record record;
    record.age = age;
    record.served = served;
    record.max_requests = max_requests;
    return after_answer(reusable, record, max_lifetime);
  };
  CHECK(gate(true, 5s, 1, {}, 10s) == next_use::lend);
  CHECK(gate(true, 10s, 1, {}, 10s) == next_use::worn_out);
  CHECK(gate(true, 1000h, 1, {}, 0s) == next_use::lend);
  CHECK(gate(true, 5s, 99, 100, 10s) == next_use::lend);
  CHECK(gate(true, 5s, 100, 100, 10s) == next_use::worn_out);
  CHECK(gate(true, 5s, 1, 0, 10s) == next_use::worn_out);
  CHECK(gate(false, 5s, 1, {}, 10s) == next_use::end);
}

TEST_CASE("how long a connection may be idle") {
  CHECK(idle_bound(25s, {}) == 25s);
  CHECK(idle_bound(25s, 60s) == 25s);
  CHECK(idle_bound(25s, 5s) == 4s);
  CHECK(idle_bound(25s, 1s) == 500ms);
  CHECK(idle_bound(25s, 0s) == 0s);
}

TEST_CASE("who shares the fate of a connection that was found dead") {
  CHECK(suspect(5s, 5s));
  CHECK(suspect(6s, 5s));
  CHECK_FALSE(suspect(4s, 5s));
  CHECK_FALSE(suspect(4s, 999ms));  // that is no idle timeout
}

TEST_CASE("the bound of what a connection does") {
  const phase_bounds bounds{1s, 2s, 7s, 3s, 4s, 5s, 6s};
  CHECK(bound_of(bounds, binarly::phase::resolve, false) == 1s);
  CHECK(bound_of(bounds, binarly::phase::connect, false) == 2s);
  CHECK(bound_of(bounds, binarly::phase::proxy, false) == 7s);
  CHECK(bound_of(bounds, binarly::phase::handshake, false) == 3s);
  CHECK(bound_of(bounds, binarly::phase::write, false) == 4s);
  CHECK(bound_of(bounds, binarly::phase::head, false) == 5s);
  CHECK(bound_of(bounds, binarly::phase::head, true) == 6s);
  CHECK(bound_of(bounds, binarly::phase::body, true) == 6s);
}

TEST_CASE("what a Keep-Alive header says") {
  struct row {
    std::string value;
    std::optional<std::chrono::seconds> timeout;
    std::optional<std::uint32_t> max;
  };
  const std::vector<row> table{
      {"timeout=5", 5s, {}},
      {"timeout=5, max=100", 5s, 100},
      {"MAX=7 ,\tTimeout = 65 ", 65s, 7},
      {"timeout=\"5\"", 5s, {}},
      {"timeout=99999999999999999999", std::chrono::seconds(UINT32_MAX), {}},
      {"timeout=-1, max=1x", {}, {}},
      {"timeout, =5, ,=,, max=", {}, {}},
      {"", {}, {}},
      {"something=else, max=3", {}, 3},
  };
  for (const auto& row : table) {
    CAPTURE(row.value);
    reuse_terms terms;
    read_keep_alive(row.value, terms);
    CHECK(terms.idle_timeout == row.timeout);
    CHECK(terms.max_requests == row.max);
  }
}

TEST_CASE("an origin that refuses is tried by one connection at a time, ever more rarely") {
  const time_point start{1h};
  const binarly::connect::transport_failure refused(binarly::errc::connect_failed,
                                                    binarly::phase::connect, "refused");
  origin_health health;
  CHECK(health.allow(8, 0, start) == 8);
  // Eight were begun together, and fail one after the other: that is one failure.
  for (int i = 0; i < 8; ++i)
    health.on_failed(refused, start, start + 1ms * (1 + i), 1.0);
  CHECK(health.next_try() == start + 1ms + 50ms);
  CHECK(health.allow(8, 0, start + 50ms) == 0);
  CHECK(health.allow(8, 0, start + 51ms) == 1);
  CHECK(health.allow(8, 1, start + 51ms) == 0);  // one at a time

  auto now = start + 51ms;
  for (const auto backoff : {100ms, 200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms}) {
    health.on_failed(refused, now, now + 1ms, 1.0);
    CHECK(health.next_try() == now + 1ms + backoff);
    now = health.next_try();
  }
  health.on_failed(refused, now, now, 0.0);  // jitter takes half at most
  CHECK(health.next_try() == now + 1s);
  REQUIRE(health.refused() != nullptr);
  CHECK(health.refused()->reason == "refused");

  health.on_opened();
  CHECK(health.refused() == nullptr);
  CHECK(health.allow(8, 3, now) == 8);
  health.on_failed(refused, now + 1s, now + 1s, 1.0);
  CHECK(health.next_try() == now + 1s + 50ms);
}

TEST_CASE("only what nobody can have heard is replayed, and only once") {
  CHECK(exchange_after_break(true, false, false) == after_break::replay);
  CHECK(exchange_after_break(false, false, false) == after_break::fail);
  CHECK(exchange_after_break(true, true, false) == after_break::fail);
  CHECK(exchange_after_break(true, false, true) == after_break::fail);
}

TEST_CASE("a replayed exchange takes a new connection, or any while none can be made") {
  CHECK(may_take(false, false, false));
  CHECK(may_take(true, true, false));
  CHECK_FALSE(may_take(true, false, false));
  CHECK(may_take(true, false, true));
}

struct item final : expirable {
  void on_expired() override { ++expired; }
  int expired = 0;
};

TEST_CASE("deadlines come out in their order, moved and cleared ones included") {
  const time_point start{};
  deadline_queue queue;
  item first, second, third, cleared;
  CHECK(queue.pop_expired(start + 1h) == nullptr);
  queue.set(third, start + 3s);
  queue.set(first, start + 9s);
  queue.set(cleared, start + 1s);
  queue.set(second, start + 2s);
  queue.set(first, start + 1s);
  queue.clear(cleared);
  queue.clear(cleared);
  CHECK(queue.earliest() == start + 1s);
  CHECK(queue.pop_expired(start + 999ms) == nullptr);
  CHECK(queue.pop_expired(start + 2s) == &first);
  CHECK(queue.pop_expired(start + 2s) == &second);
  CHECK(queue.pop_expired(start + 2s) == nullptr);
  CHECK_FALSE(queue.empty());
  queue.clear(third);
  CHECK(queue.empty());
  queue.set(third, start + 4s);
  CHECK(queue.pop_expired(start + 4s) == &third);
  queue.bring_forward(first, start + 5s);
  queue.bring_forward(first, start + 6s);
  CHECK(queue.earliest() == start + 5s);
  queue.bring_forward(first, start + 3s);
  CHECK(queue.earliest() == start + 3s);
  queue.set(second, start + 7s);
  queue.clear();
  CHECK(queue.empty());
  CHECK(queue.pop_expired(start + 1h) == nullptr);
}

}  // namespace
