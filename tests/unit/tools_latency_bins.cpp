// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/latency_bins.hpp"

#include <doctest/doctest.h>

namespace binarly::tools {

using namespace std::chrono_literals;

TEST_CASE("there are ten bins to each power of ten, and every latency has one") {
  CHECK(latency_bins::bin_of(-1h) == 0);
  CHECK(latency_bins::bin_of(0ns) == 0);
  CHECK(latency_bins::bin_of(10us) == 0);
  CHECK(latency_bins::bin_of(1ms) == 20);
  CHECK(latency_bins::bin_of(999us) == 19);
  CHECK(latency_bins::bin_of(1s) == 50);
  CHECK(latency_bins::bin_of(999s) == latency_bins::size - 1);
  CHECK(latency_bins::bin_of(std::chrono::nanoseconds::max()) == latency_bins::size - 1);
  for (std::size_t bin = 0; bin < latency_bins::size; ++bin) {
    CHECK(latency_bins::bin_of(latency_bins::edge(bin) + 1us) == bin);
    CHECK(latency_bins::edge(bin) < latency_bins::edge(bin + 1));
  }
  CHECK(latency_bins::edge(20) == 1ms);
  CHECK(latency_bins::edge(latency_bins::size) == 1000s);
}

TEST_CASE("bins count what was added to them") {
  latency_bins counts;
  counts.add(1ms);
  counts.add(1100us);
  counts.add(1h);
  CHECK(counts[20] == 2);
  CHECK(counts[latency_bins::size - 1] == 1);
  CHECK(counts[21] == 0);
}

}  // namespace binarly::tools
