// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/circuit_breaker.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using binarly::breaker_state;
using binarly::policy::admission;
using binarly::policy::breaker_change;
using binarly::policy::breaker_settings;
using binarly::policy::circuit_breaker;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

using time_point = circuit_breaker::time_point;

constexpr time_point start{1h};

/// One attempt, which takes no time.
breaker_change attempt(circuit_breaker& breaker, bool success, time_point now) {
  const admission let = breaker.admit(now);
  REQUIRE(let.allowed);
  return breaker.record(success, let.period, now);
}

circuit_breaker opened(time_point now, const breaker_settings& settings = {}) {
  circuit_breaker breaker(settings);
  for (std::size_t i = 0; i < settings.min_attempts; ++i)
    attempt(breaker, false, now);
  REQUIRE(breaker.state() == breaker_state::open);
  return breaker;
}

TEST_CASE("a circuit breaker opens at enough failures among enough recent attempts") {
  struct span {
    int attempts;
    bool success;
    milliseconds apart;
  };
  struct row {
    std::string what;
    std::vector<span> history;
    bool opens;
  };
  const std::vector<row> table{
      {"nothing but failures, one too few", {{19, false, 0ms}}, false},
      {"nothing but failures", {{20, false, 0ms}}, true},
      {"half of them", {{10, true, 0ms}, {10, false, 0ms}}, true},
      {"not quite half", {{11, true, 0ms}, {10, false, 0ms}}, false},
      {"a success makes the number up", {{10, false, 0ms}, {10, true, 0ms}}, false},
      {"the next failure after that", {{10, false, 0ms}, {10, true, 0ms}, {1, false, 0ms}}, true},
      {"failures within the window", {{20, false, 470ms}}, true},
      {"failures too far apart", {{1000, false, 600ms}}, false},
      {"old successes are forgotten", {{1000, true, 1ms}, {1, true, 10s}, {19, false, 0ms}}, true},
      {"recent ones are not", {{1000, true, 1ms}, {1, true, 5s}, {500, false, 0ms}}, false},
      {"old failures are forgotten", {{19, false, 0ms}, {1, true, 10s}, {9, false, 0ms}}, false},
      {"forgotten after a long rest", {{19, false, 500ms}, {1, true, 1h}, {18, false, 0ms}}, false},
      {"not before nine tenths of the window",
       {{1, true, 1900ms}, {10, false, 0ms}, {1, true, 8200ms}, {8, false, 0ms}},
       true},
  };
  for (const auto& row : table) {
    CAPTURE(row.what);
    circuit_breaker breaker{breaker_settings()};
    time_point now = start;
    int changes = 0;
    bool last_opened = false;
    for (const auto& [attempts, success, apart] : row.history) {
      for (int i = 0; i < attempts; ++i) {
        now += apart;
        last_opened = attempt(breaker, success, now) == breaker_change::opened;
        if (last_opened) ++changes;
      }
    }
    CHECK(changes == (row.opens ? 1 : 0));
    CHECK(last_opened == row.opens);
    CHECK(breaker.state() == (row.opens ? breaker_state::open : breaker_state::closed));
  }
}

TEST_CASE("a circuit breaker's failure ratio is met exactly") {
  for (const auto& [ratio, failed] : {std::pair{0.07, 7}, {0.29, 29}, {0.57, 57}, {1.0, 100}}) {
    CAPTURE(ratio);
    breaker_settings settings;
    settings.failure_ratio = ratio;
    settings.min_attempts = 100;
    circuit_breaker breaker(settings);
    for (int i = 0; i < 100 - failed; ++i)
      attempt(breaker, true, start);
    for (int i = 0; i < failed; ++i) {
      CHECK(breaker.state() == breaker_state::closed);
      attempt(breaker, false, start);
    }
    CHECK(breaker.state() == breaker_state::open);
  }
}

TEST_CASE("an open circuit breaker lets nothing through until its time is over") {
  auto breaker = opened(start);
  CHECK(breaker.open_until() == start + 5s);
  for (const milliseconds later : {0ms, 1ms, 4999ms}) {
    const admission refused = breaker.admit(start + later);
    CHECK_FALSE(refused.allowed);
    CHECK_FALSE(refused.probe);
    CHECK(refused.open_until == start + 5s);
    CHECK(refused.change == breaker_change::none);
  }
  CHECK(breaker.state() == breaker_state::open);
  const admission first = breaker.admit(start + 5s);
  CHECK(first.allowed);
  CHECK(first.probe);
  CHECK(first.change == breaker_change::half_opened);
  CHECK(breaker.state() == breaker_state::half_open);
}

TEST_CASE("a half-open circuit breaker closes when its probes have succeeded") {
  auto breaker = opened(start);
  const time_point later = start + 5s;
  std::vector<admission> probes;
  for (int i = 0; i < 3; ++i) {
    probes.push_back(breaker.admit(later));
    CHECK(probes.back().probe);
    CHECK((probes.back().change == breaker_change::half_opened) == (i == 0));
  }
  const admission fourth = breaker.admit(later);
  CHECK_FALSE(fourth.allowed);
  CHECK_FALSE(fourth.probe);
  CHECK(breaker.record(true, probes[0].period, later) == breaker_change::none);
  // One that hangs holds nothing up: there is room for another.
  CHECK(breaker.admit(later).allowed);
  CHECK_FALSE(breaker.admit(later).allowed);
  CHECK(breaker.record(true, probes[1].period, later) == breaker_change::none);
  CHECK(breaker.record(true, probes[2].period, later) == breaker_change::closed);
  CHECK(breaker.state() == breaker_state::closed);
  // The failures from before are forgotten.
  for (int i = 0; i < 19; ++i)
    CHECK(attempt(breaker, false, later) == breaker_change::none);
  CHECK(attempt(breaker, false, later) == breaker_change::opened);
}

TEST_CASE("a half-open circuit breaker opens at the first failure") {
  auto breaker = opened(start);
  const time_point later = start + 6s;
  const admission first = breaker.admit(later);
  const admission second = breaker.admit(later);
  CHECK(breaker.record(true, first.period, later) == breaker_change::none);
  CHECK(breaker.record(false, second.period, later + 1s) == breaker_change::opened);
  CHECK(breaker.open_until() == later + 6s);
  CHECK_FALSE(breaker.admit(later + 5999ms).allowed);
  // It takes three again.
  for (int i = 0; i < 2; ++i)
    CHECK(attempt(breaker, true, later + 6s) == breaker_change::none);
  CHECK(attempt(breaker, true, later + 6s) == breaker_change::closed);
}

TEST_CASE("a probe that tells nothing is given back to the circuit breaker") {
  auto breaker = opened(start);
  const time_point later = start + 5s;
  for (int i = 0; i < 10; ++i) {
    const admission let = breaker.admit(later);
    REQUIRE(let.allowed);
    breaker.forget(let.period);
  }
  CHECK(breaker.state() == breaker_state::half_open);
  for (int i = 0; i < 3; ++i)
    CHECK(breaker.admit(later).allowed);
  CHECK_FALSE(breaker.admit(later).allowed);
}

TEST_CASE("what was admitted before a circuit breaker changed does not disturb it") {
  circuit_breaker breaker{breaker_settings()};
  const admission early = breaker.admit(start);
  for (int i = 0; i < 20; ++i)
    attempt(breaker, false, start);
  CHECK(breaker.record(true, early.period, start) == breaker_change::none);
  breaker.forget(early.period);

  // Half open: neither a failure nor successes from before the outage count.
  time_point now = start + 5s;
  const admission stale = breaker.admit(now);
  const admission failing = breaker.admit(now);
  for (int i = 0; i < 5; ++i)
    CHECK(breaker.record(i % 2 == 0, early.period, now) == breaker_change::none);
  breaker.forget(early.period);
  CHECK(breaker.record(false, failing.period, now) == breaker_change::opened);

  // Half open again: nor does what is left of the first probes.
  now += 5s;
  const admission probe = breaker.admit(now);
  CHECK(probe.period != stale.period);
  CHECK(breaker.record(false, stale.period, now) == breaker_change::none);
  breaker.forget(stale.period);
  CHECK(breaker.state() == breaker_state::half_open);
  CHECK(breaker.record(true, probe.period, now) == breaker_change::none);
  for (int i = 0; i < 2; ++i)
    attempt(breaker, true, now);
  REQUIRE(breaker.state() == breaker_state::closed);

  // Closed again: the timeouts of the outage come in.
  for (int i = 0; i < 100; ++i)
    CHECK(breaker.record(false, early.period, now) == breaker_change::none);
  CHECK(breaker.state() == breaker_state::closed);
}

TEST_CASE("no course of events leads more than its probes through a half-open circuit breaker") {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 generator(seed);
    const auto up_to = [&generator](unsigned most) { return generator() % most; };
    breaker_settings settings;
    settings.min_attempts = 1 + up_to(10);
    settings.probes = 1 + up_to(4);
    settings.open_for = milliseconds(1 + up_to(500));
    settings.window = milliseconds(10 + up_to(500));
    circuit_breaker breaker(settings);
    std::vector<admission> in_flight;
    std::uint64_t period = 0;
    std::size_t probing = 0;
    std::size_t succeeded = 0;
    time_point now = start;
    for (int i = 0; i < 2000; ++i) {
      now += milliseconds(up_to(20));
      const breaker_state before = breaker.state();
      if (in_flight.empty() || up_to(2) == 0) {
        const admission let = breaker.admit(now);
        if (let.change == breaker_change::half_opened) {
          REQUIRE(before == breaker_state::open);
          REQUIRE(now >= let.open_until);
          period = let.period;
          probing = succeeded = 0;
        }
        REQUIRE(let.probe == (let.allowed && breaker.state() == breaker_state::half_open));
        switch (breaker.state()) {
          case breaker_state::closed:
            REQUIRE(let.allowed);
            break;
          case breaker_state::open:
            REQUIRE_FALSE(let.allowed);
            REQUIRE(now < let.open_until);
            break;
          case breaker_state::half_open:
            REQUIRE(let.allowed == (probing < settings.probes));
            if (let.allowed) ++probing;
            break;
        }
        if (let.allowed) in_flight.push_back(let);
        continue;
      }
      std::swap(in_flight[generator() % in_flight.size()], in_flight.back());
      const admission ended = in_flight.back();
      in_flight.pop_back();
      const bool counts = before == breaker_state::half_open && ended.period == period;
      if (counts) --probing;
      if (up_to(4) == 0) {
        breaker.forget(ended.period);
        REQUIRE(breaker.state() == before);
        continue;
      }
      const bool success = up_to(4) != 0;
      const breaker_change change = breaker.record(success, ended.period, now);
      if (before == breaker_state::open) REQUIRE(change == breaker_change::none);
      if (before != breaker_state::half_open) continue;
      auto expected = breaker_change::none;
      if (counts && !success) expected = breaker_change::opened;
      if (counts && success && ++succeeded == settings.probes) expected = breaker_change::closed;
      REQUIRE(change == expected);
    }
  }
}

}  // namespace
