// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/latency_histogram.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using binarly::latency_histogram;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

TEST_CASE("a percentile is never too low, and at most a thirty-second too high") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 generator(seed);
    std::lognormal_distribution<double> latency(std::log(20e6), 2);
    latency_histogram histogram;
    std::vector<std::int64_t> all;
    for (int i = 0; i < 2000; ++i) {
      all.push_back(static_cast<std::int64_t>(latency(generator)));
      histogram.add(nanoseconds(all.back()));
    }
    std::sort(all.begin(), all.end());
    for (const double part : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      CAPTURE(part);
      const auto exact = all[static_cast<std::size_t>(std::ceil(part * 2000)) - 1];
      CHECK(histogram.within(part).count() >= exact);
      CHECK(static_cast<double>(histogram.within(part).count()) <=
            static_cast<double>(exact) * (1 + 1.0 / 32) + 1);
    }
  }
}

TEST_CASE("edges of the histogram") {
  latency_histogram histogram;
  CHECK(histogram.within(0.5) == 0ns);
  histogram.add(-5ns);
  CHECK(histogram.within(1) == 0ns);
  histogram.add(nanoseconds::max());
  CHECK(histogram.within(1) == nanoseconds::max());
  CHECK(histogram.longest() == nanoseconds::max());
  CHECK(histogram.count() == 2);
  histogram.add(1ns);
  CHECK(histogram.sum() == nanoseconds::max());
}

TEST_CASE("powers of two are exact edges") {
  latency_histogram histogram;
  for (const std::int64_t value : {1023, 1024, 1025, 2047, 2048})
    histogram.add(nanoseconds(value));
  CHECK(histogram.shorter_than_power(10) == 1);
  CHECK(histogram.shorter_than_power(11) == 4);
  CHECK(histogram.shorter_than_power(12) == 5);
  CHECK(histogram.shorter_than_power(0) == 0);
}

TEST_CASE("histograms add up") {
  latency_histogram left;
  latency_histogram right;
  left.add(1ms);
  right.add(3ms);
  right.add(5ms);
  left.add(right);
  CHECK(left.count() == 3);
  CHECK(left.sum() == 9ms);
  CHECK(left.longest() == 5ms);
  CHECK(left.shorter_than_power(21) == 1);  // 2.1 ms
}

}  // namespace
