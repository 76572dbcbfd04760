// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/deadline_queue.hpp"
#include "https/pool_decisions.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace binarly::https;
using namespace std::chrono_literals;

TEST_CASE("how many connections to open") {
  struct row {
    std::string what;
    std::size_t waiting, opening, connections;
    std::size_t expected;
  };
  const std::vector<row> table{
      // a cap of 10, at most 4 at a time
      {"nobody waits", 0, 0, 0, 0},
      {"one waits", 1, 0, 0, 1},
      {"one waits, and its connection comes", 1, 1, 1, 0},
      {"a burst", 1000, 0, 0, 4},
      {"a burst, some are coming", 1000, 3, 3, 1},
      {"a burst, enough are coming", 1000, 4, 7, 0},
      {"near the cap", 1000, 0, 8, 2},
      {"at the cap", 1000, 0, 10, 0},
      {"more are coming than wait", 1, 3, 5, 0},
  };
  for (const auto& row : table) {
    CAPTURE(row.what);
    pool_census now;
    now.waiting = row.waiting;
    now.opening = row.opening;
    now.connections = row.connections;
    CHECK(connections_to_open(now, 10, 4) == row.expected);
  }
}

TEST_CASE("the gate for reuse") {
  CHECK(after_answer(true, 5s, 10s) == next_use::lend);
  CHECK(after_answer(true, 10s, 10s) == next_use::close);
  CHECK(after_answer(true, 1000h, 0s) == next_use::lend);
  CHECK(after_answer(false, 5s, 10s) == next_use::close);
}

TEST_CASE("only what nobody can have heard is replayed, and only once") {
  CHECK(exchange_after_break(true, false, false) == after_break::replay);
  CHECK(exchange_after_break(false, false, false) == after_break::fail);
  CHECK(exchange_after_break(true, true, false) == after_break::fail);
  CHECK(exchange_after_break(true, false, true) == after_break::fail);
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
}

}  // namespace
