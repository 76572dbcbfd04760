// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/progress.hpp"

#include <doctest/doctest.h>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;

const progress::time_point start{};

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

}  // namespace

TEST_CASE("on a terminal the line is redrawn at most ten times a second") {
  progress shown(true, std::nullopt, start);
  CHECK(shown.update(of(1, 0), start + 99ms) == "");
  CHECK(shown.update(of(50, 0), start + 100ms) == "\r50 uploads, 500 a second, 100 ms\x1b[K");
  CHECK(shown.update(of(60, 0), start + 199ms) == "");
  CHECK(shown.update(of(1000, 2), start + 2s) ==
        "\r1,002 uploads, 2 with problems, 501 a second, 2.00 s\x1b[K");
}

TEST_CASE("elsewhere a new line comes every ten seconds") {
  progress shown(false, 3000, start);
  CHECK(shown.update(of(1000, 0), start + 9999ms) == "");
  CHECK(shown.update(of(1000, 0), start + 10s) == "1,000 of 3,000 uploads, 100 a second, 10.0 s\n");
  CHECK(shown.update(of(2000, 0), start + 19999ms) == "");
  CHECK(shown.update(of(2000, 0), start + 20s) == "2,000 of 3,000 uploads, 100 a second, 20.0 s\n");
  CHECK(shown.finish() == "");
}

TEST_CASE("the terminal is left as it was") {
  progress shown(true, std::nullopt, start);
  CHECK(shown.finish() == "");
  REQUIRE(shown.update(of(1, 0), start + 1s) != "");
  CHECK(shown.finish() == "\r\x1b[K");
  CHECK(shown.finish() == "");
}

}  // namespace binarly::tools
