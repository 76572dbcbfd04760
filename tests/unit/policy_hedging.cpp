// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/hedge_budget.hpp"
#include "policy/recent_latencies.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using binarly::policy::hedge_budget;
using binarly::policy::recent_latencies;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

TEST_CASE("there is no percentile of few recent latencies") {
  recent_latencies recent;
  for (int i = 0; i < 99; ++i)
    recent.add(1ms);
  CHECK_FALSE(recent.percentile(0.5));
  recent.add(1ms);
  CHECK(recent.percentile(0.5));
}

TEST_CASE("small latencies are told apart, and the bounds of time are kept") {
  recent_latencies recent;
  for (int i = 0; i < 160; ++i)
    recent.add(nanoseconds(i / 10));
  CHECK(recent.percentile(0.0) == 0ns);
  CHECK(recent.percentile(0.06) == 0ns);
  CHECK(recent.percentile(0.07) == 1ns);
  CHECK(recent.percentile(0.5) == 7ns);
  CHECK(recent.percentile(1.0) == 15ns);
  CHECK(recent.percentile(7.0) == 15ns);
  CHECK(recent.percentile(-1.0) == 0ns);
  recent.add(nanoseconds::max());
  CHECK(recent.percentile(1.0) == nanoseconds::max());
  recent_latencies negative;
  for (int i = 0; i < 100; ++i)
    negative.add(-1ns);
  CHECK(negative.percentile(1.0) == 0ns);
}

TEST_CASE("a percentile of recent latencies is not too low, and at most an eighth too high") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 generator(seed);
    const auto random = [&generator] {
      return std::ldexp(static_cast<double>(generator() >> 11U), -53);
    };
    const double exponents = 1 + 17 * random();
    const auto samples = static_cast<std::size_t>(100 + 900 * random());
    recent_latencies recent;
    std::vector<nanoseconds> sorted;
    for (std::size_t i = 0; i < samples; ++i) {
      sorted.emplace_back(std::llround(std::pow(10, exponents * random())));
      recent.add(sorted.back());
    }
    std::sort(sorted.begin(), sorted.end());
    nanoseconds previous{};
    for (const double part : {0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
      CAPTURE(part);
      const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(samples)));
      const nanoseconds exact = sorted[std::max<std::size_t>(rank, 1) - 1];
      const nanoseconds found = *recent.percentile(part);
      CHECK(found >= exact);
      CHECK(found - exact <= exact / 8);
      CHECK(found >= previous);
      previous = found;
    }
  }
}

TEST_CASE("latencies are forgotten after one to two windows") {
  recent_latencies recent;
  for (std::size_t i = 0; i < recent_latencies::window; ++i)
    recent.add(1s);
  for (std::size_t i = 0; i < recent_latencies::window; ++i)
    recent.add(1ms);
  // Half of what is remembered.
  CHECK(*recent.percentile(0.5) < 2ms);
  CHECK(*recent.percentile(0.51) >= 1s);
  recent.add(1ms);
  CHECK(*recent.percentile(1.0) < 2ms);
  for (std::size_t i = 0; i < 2 * recent_latencies::window; ++i)
    recent.add(1s);
  CHECK(*recent.percentile(0.0) >= 1s);
  // What is full is still remembered when the next window begins.
  for (std::size_t i = 1; i < 2 * recent_latencies::window; ++i)
    recent.add(1ms);
  recent.add(1s);
  CHECK(*recent.percentile(0.99) < 2ms);
}

TEST_CASE("a hedge budget starts with one, and earns one in twenty calls") {
  hedge_budget budget({});
  CHECK(budget.left() == 1);
  CHECK(budget.withdraw());
  CHECK_FALSE(budget.withdraw());
  for (int i = 0; i < 19; ++i)
    budget.deposit();
  CHECK_FALSE(budget.withdraw());
  budget.deposit();
  CHECK(budget.withdraw());
  CHECK_FALSE(budget.withdraw());
  for (int i = 0; i < 1000; ++i)
    budget.deposit();
  CHECK(budget.left() == 10);
  for (int i = 0; i < 10; ++i)
    CHECK(budget.withdraw());
  CHECK_FALSE(budget.withdraw());
}

TEST_CASE("a hedge budget does not drift, and its bounds hold") {
  struct row {
    double ratio;
    int most;
    int calls;
    int hedges;
  };
  for (const auto& [ratio, most, calls, hedges] :
       {row{0.0, 10, 1'000'000, 0}, row{0.05, 10, 1'000'000, 50'001},
        row{0.05, 1, 1'000'000, 50'000}, row{0.1, 10, 1'000'000, 100'001}, row{1.0, 10, 1000, 1001},
        row{0.0157, 10, 1'000'000, 15'701}, row{0.001, 1000, 1'000'000, 1001}}) {
    CAPTURE(ratio);
    CAPTURE(most);
    hedge_budget budget({ratio, most});
    int withdrawn = 0;
    for (int i = 0; i < calls; ++i) {
      budget.deposit();
      if (i > 0 && budget.withdraw()) ++withdrawn;
    }
    while (budget.withdraw())
      ++withdrawn;
    CHECK(withdrawn == hedges);
  }
}

TEST_CASE("whatever happens, hedges stay within their part of the calls and one") {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 generator(seed);
    const double ratio = static_cast<double>(generator() % 1001) / 1000;
    const int most = 1 + static_cast<int>(generator() % 20);
    hedge_budget budget({ratio, most});
    int calls = 0;
    int hedges = 0;
    for (int i = 0; i < 3000; ++i) {
      if (generator() % 3 != 0) {
        budget.deposit();
        ++calls;
      } else {
        const bool any = budget.left() > 0;
        const bool taken = budget.withdraw();
        REQUIRE(taken == any);
        if (taken) ++hedges;
      }
      REQUIRE(budget.left() >= 0);
      REQUIRE(budget.left() <= most);
      REQUIRE(hedges <= ratio * calls + 1 + 1e-9);
    }
  }
}

}  // namespace
