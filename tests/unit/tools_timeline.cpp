// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/timeline.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;

constexpr timeline::time_point start{1'700'000'000s};

journal_entry at(std::chrono::milliseconds after, std::chrono::milliseconds latency = 0ms,
                 std::size_t limit = 0) {
  journal_entry row;
  row.verdict = verdict::verified;
  row.at = start + after;
  row.latency = latency;
  row.limit = limit;
  return row;
}

std::uint64_t finished(const timeline::picture& all) {
  std::uint64_t sum = 0;
  for (const auto& one : all.stretches) {
    for (const auto& slice : one.slices)
      sum += slice.finished;
  }
  return sum;
}

std::size_t slices(const timeline::picture& all) {
  std::size_t sum = 0;
  for (const auto& one : all.stretches)
    sum += one.slices.size();
  return sum;
}

}  // namespace

TEST_CASE("a timeline without rows") {
  timeline times;
  journal_entry row = at(1s);
  row.at = {};
  times.add(row);
  row = at(1s);
  row.verdict = verdict::cancelled;
  times.add(row);
  CHECK(times.empty());
  CHECK(times.active() == 0ms);
  CHECK(times.drawn().stretches.empty());
}

TEST_CASE("slices widen as the run gets longer, and nothing is lost, in any order") {
  constexpr int rows = 100'000;
  timeline forward;
  timeline backward;
  timeline mixed;
  for (int row = 0; row < rows; ++row) {
    forward.add(at(row * 7ms, 20ms, 5));
    backward.add(at((rows - 1 - row) * 7ms, 20ms, 5));
    mixed.add(at((row * 7919 % rows) * 7ms, 20ms, 5));
  }
  for (const auto* times : {&forward, &backward, &mixed}) {
    const auto all = times->drawn();
    REQUIRE(all.stretches.size() == 1);
    CHECK(finished(all) == rows);
    CHECK(slices(all) > timeline::slices_kept / 3);
    CHECK(slices(all) <= timeline::slices_kept);
    CHECK(times->began() == start - 20ms);
    CHECK(times->ended() == start + (rows - 1) * 7ms);
    CHECK(times->active() == (rows - 1) * 7ms + 20ms);
    for (const auto& slice : all.stretches.front().slices) {
      CHECK(slice.limits == slice.finished);
      CHECK(slice.limit_sum == 5 * slice.finished);
    }
  }
}

TEST_CASE("the pause before a run is resumed is no part of its time") {
  timeline times;
  for (int row = 0; row < 1000; ++row) {
    times.add(at(row * 10ms));
    times.add(at(24h + row * 10ms, 1s));
  }
  CHECK(times.active() == 2 * 9990ms + 1s);
  const auto all = times.drawn();
  REQUIRE(all.stretches.size() == 2);
  CHECK(all.stretches[0].pause == 0ms);
  CHECK(all.stretches[1].pause == 24h - 9990ms - 1s);
  CHECK(finished(all) == 2000);
  CHECK(all.width <= 256ms);
}

TEST_CASE("what is in flight is no pause, however long nothing finishes") {
  timeline times;
  times.add(at(0ms));
  times.add(at(10min, 10min));
  CHECK(times.active() == 10min);
  CHECK(times.drawn().stretches.size() == 1);
  CHECK(slices(times.drawn()) <= timeline::slices_kept);
}

TEST_CASE("the limits of a slice are summed, and how far they are apart is kept") {
  timeline times;
  times.add(at(0ms, 0ms, 8));
  times.add(at(0ms, 0ms, 0));
  times.add(at(0ms, 0ms, 4));
  const auto slice = times.drawn().stretches.front().slices.front();
  CHECK(slice.finished == 3);
  CHECK(slice.limits == 2);
  CHECK(slice.limit_sum == 12);
  CHECK(slice.limit_low == 4);
  CHECK(slice.limit_high == 8);
}

TEST_CASE("times that no run can have are borne") {
  timeline times;
  journal_entry row = at(0ms);
  row.at = timeline::time_point::max();
  row.latency = std::chrono::nanoseconds::max();
  times.add(row);
  row.at = timeline::time_point(1ms);
  row.latency = -1h;
  times.add(row);
  CHECK(finished(times.drawn()) == 2);
  CHECK(slices(times.drawn()) <= timeline::slices_kept);
}

}  // namespace binarly::tools
