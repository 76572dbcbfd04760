// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/progress.hpp"

#include <doctest/doctest.h>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;

const progress::time_point start{};
constexpr std::size_t wide = 200;

tally of(int verified, int missing) {
  tally run;
  journal_entry row;
  row.verdict = verdict::verified;
  for (int i = 0; i < verified; ++i)
    run.add(row);
  row.verdict = verdict::missing;
  for (int i = 0; i < missing; ++i)
    run.add(row);
  return run;
}

progress_figures in_flight(std::size_t count) {
  progress_figures figures;
  figures.in_flight = count;
  return figures;
}

}  // namespace

TEST_CASE("on a terminal the line is redrawn at most ten times a second") {
  progress shown(true, start);
  const auto figures = in_flight(8);
  CHECK(shown.update(of(1, 0), figures, wide, start + 99ms) == "");
  CHECK(shown.update(of(50, 0), figures, wide, start + 100ms) ==
        "\r50 uploads, 500 a second, 8 in flight, 100 ms\x1b[K");
  CHECK(shown.update(of(60, 0), figures, wide, start + 199ms) == "");
  CHECK(shown.update(of(1000, 2), figures, wide, start + 2s) ==
        "\r1,002 uploads, 501 a second, 2 with problems, 8 in flight, 2.00 s\x1b[K");
}

TEST_CASE("elsewhere a new line comes every ten seconds") {
  progress shown(false, start);
  auto figures = in_flight(8);
  figures.expected = 3000;
  CHECK(shown.update(of(1000, 0), figures, 5, start + 9999ms) == "");
  CHECK(shown.update(of(1000, 0), figures, 5, start + 10s) ==
        "1,000 of 3,000 uploads, 100 a second, 8 in flight, 10.0 s\n");
  CHECK(shown.update(of(2000, 0), figures, 5, start + 19999ms) == "");
  CHECK(shown.update(of(2000, 0), figures, 5, start + 20s) ==
        "2,000 of 3,000 uploads, 100 a second, 8 in flight, 20.0 s\n");
  CHECK(shown.finish() == "");
}

TEST_CASE("the line tells the limit, the retries, and how long it will take") {
  progress shown(true, start);
  tally run = of(1100, 0);
  journal_entry row;
  row.verdict = verdict::verified;
  row.retries = {{"throttled", 2}, {"timed_out", 1}};
  run.add(row);
  auto figures = in_flight(64);
  figures.limit = 32;
  figures.kept = 1001;
  figures.done = 0.25;
  CHECK(shown.update(run, figures, wide, start + 10s) ==
        "\r1,101 uploads, 10 a second, 64 in flight (limit 32), 3 retries, 10.0 s, about 30.0 s "
        "left\x1b[K");
  figures.done = 0.0001;
  CHECK(shown.update(run, figures, wide, start + 20s).find("left") == std::string::npos);
}

TEST_CASE("the line is cut to the terminal, between characters") {
  progress shown(true, start);
  CHECK(shown.update(of(50, 0), {}, 12, start + 1s) == "\r50 uploads,\x1b[K");
  CHECK(shown.update(of(50, 0), {}, 0, start + 2s) == "\r5\x1b[K");
  CHECK(shown.update(of(50, 0), {}, 1000, start + 3s) ==
        "\r50 uploads, 16 a second, 0 in flight, 3.00 s\x1b[K");
}

TEST_CASE("the terminal is left as it was") {
  progress shown(true, start);
  CHECK(shown.finish() == "");
  REQUIRE(shown.update(of(1, 0), {}, wide, start + 1s) != "");
  CHECK(shown.finish() == "\r\x1b[K");
  CHECK(shown.finish() == "");
}

}  // namespace binarly::tools
