// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/rate_limit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using binarly::policy::rate_limit;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

using time_point = rate_limit::time_point;

constexpr time_point start{1h};

double seconds_of(nanoseconds span) { return std::chrono::duration<double>(span).count(); }

TEST_CASE("after a burst, attempts are spaced by the rate limit") {
  rate_limit limit({10, 3});
  const std::vector<nanoseconds> expected{0ms, 0ms, 0ms, 100ms, 200ms, 300ms};
  time_point now = start;
  for (const nanoseconds when : expected) {
    now = limit.next(now);
    CHECK(now - start == when);
    limit.take(now);
  }
  // A rest brings back what it is worth, and never more than the burst.
  struct row {
    nanoseconds rest;
    int at_once;
  };
  for (const auto& [rest, at_once] :
       {row{99ms, 0}, row{100ms, 1}, row{250ms, 2}, row{300ms, 3}, row{24h, 3}}) {
    CAPTURE(rest.count());
    rate_limit rested = limit;
    const time_point later = now + rest;
    int passed = 0;
    for (; rested.next(later) == later; ++passed)
      rested.take(later);
    CHECK(passed == at_once);
  }
}

TEST_CASE("a rate limit of zero limits nothing") {
  rate_limit limit({0, 1});
  for (int i = 0; i < 1000; ++i) {
    CHECK(limit.next(start) == start);
    limit.take(start);
  }
}

TEST_CASE("who sets out before the rate limit allows it lets the others wait") {
  rate_limit limit({1, 2});
  for (int i = 0; i < 5; ++i)
    limit.take(start);
  CHECK(limit.next(start) == start + 4s);
  CHECK(limit.next(start + 10s) == start + 10s);
}

TEST_CASE("a rate limit never allows more than the burst and the rate, and grants them") {
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 generator(seed);
    const auto random = [&generator] {
      return std::ldexp(static_cast<double>(generator() >> 11U), -53);
    };
    const double rate = std::pow(10, -3 + 9 * random());
    const auto burst = static_cast<std::size_t>(std::pow(10, 2 * random()));
    CAPTURE(rate);
    CAPTURE(burst);
    rate_limit limit({rate, burst});
    std::vector<time_point> taken;
    time_point now = start;
    time_point previous_next = start;
    for (int i = 0; i < 300; ++i) {
      if (random() < 0.5) {
        now += nanoseconds(std::llround(1e9 / rate * 3 * random()));
      }
      const time_point next = limit.next(now);
      REQUIRE(next >= now);
      REQUIRE(next >= previous_next);
      previous_next = next;
      now = next;
      limit.take(now);
      taken.push_back(now);
    }
    for (std::size_t first = 0; first < taken.size(); ++first) {
      for (std::size_t last = first; last < taken.size(); ++last) {
        const double span = seconds_of(taken[last] - taken[first]) + 1e-9;
        // One assertion for each pair would take a sanitizer minutes.
        if (static_cast<double>(last - first + 1) >
            static_cast<double>(burst) + rate * span + 1e-6) {
          FAIL("too many between attempts " << first << " and " << last);
        }
      }
    }
  }
}

TEST_CASE("a rate limit does not drift over hours") {
  // The odd ones have no whole number of nanoseconds between two attempts.
  for (const double rate : {0.001, 0.7, 3.0, 999.9, 30'000.0, 300'000.0, 999'999.0, 1'000'000.0}) {
    for (const std::size_t burst : {std::size_t{1}, std::size_t{50}, std::size_t{1'000'000}}) {
      CAPTURE(rate);
      CAPTURE(burst);
      rate_limit limit({rate, burst});
      for (std::size_t i = 0; i < burst; ++i) {
        if (i % 9973 == 0) REQUIRE(limit.next(start) == start);
        limit.take(start);
      }
      const std::uint64_t attempts = 1'000'000;
      time_point now = start;
      for (std::uint64_t i = 0; i < attempts; ++i) {
        now = limit.next(now);
        limit.take(now);
      }
      const double expected = static_cast<double>(attempts) / rate * 1e9;
      CHECK(std::abs(static_cast<double>((now - start).count()) - expected) < 2 + expected * 1e-14);
    }
  }
}

TEST_CASE("a rate limit at its bounds does not overflow") {
  // Far into a clock's life, and before its beginning.
  for (const time_point now :
       {time_point(nanoseconds(std::int64_t{4} << 60U)), time_point(), time_point(-24h * 365)}) {
    rate_limit limit({0.001, 1'000'000});
    CHECK(limit.next(now) == now);
    for (int i = 0; i < 1'000'000; ++i)
      limit.take(now);
    CHECK(limit.next(now) == now + 1000s);
  }
}

}  // namespace
