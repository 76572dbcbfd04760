// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/limiter.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace https = binarly::https;
using binarly::error_code;
using binarly::call::admission_kind;
using binarly::call::limiter;
using binarly::policy::attempt_end;
using binarly::policy::concurrency_settings;
using binarly::policy::rate_settings;
using namespace std::chrono_literals;

concurrency_settings fixed(std::size_t limit) {
  concurrency_settings settings;
  settings.least = settings.initial = settings.most = limit;
  return settings;
}

rate_settings rate(double per_second, std::size_t burst = 1) {
  rate_settings settings;
  settings.per_second = per_second;
  settings.burst = burst;
  return settings;
}

class limiter_trial final : public binarly::call::limiter_world {
 public:
  limiter_trial(const concurrency_settings& concurrency, const rate_settings& rate)
      : limits(std::make_shared<limiter>(concurrency, rate, *this)) {}

  https::time_point now() const override { return time; }
  void post(std::function<void()> function) override { posted.push_back(std::move(function)); }
  void remind(https::expirable& which, https::time_point when) override {
    reminders.set(which, when);
  }
  void forget(https::expirable& which) override { reminders.clear(which); }
  void on_limit(std::size_t limit) override { limits_seen.push_back(limit); }

  void run() {
    while (!posted.empty()) {
      const auto next = std::move(posted.front());
      posted.pop_front();
      next();
    }
  }
  void pass(std::chrono::nanoseconds span) {
    const auto end = time + span;
    while (!reminders.empty() && reminders.earliest() <= end) {
      time = std::max(time, reminders.earliest());
      reminders.pop_expired(time)->on_expired();
      run();
    }
    time = end;
  }

  /// An attempt, which is told by its number in `entered`, or in `left` when it is not let through.
  void enter(int number, admission_kind kind, asio::cancellation_slot slot = {}) {
    if (limits->try_enter(kind)) return entered.push_back(number);
    limits->async_enter(kind, asio::bind_cancellation_slot(slot, [this, number](error_code failed) {
                          (failed ? left : entered).push_back(number);
                        }));
    run();
  }
  void leave(attempt_end how = attempt_end::served) {
    limits->leave(admission_kind::limited, how, 10ms, time - 10ms);
    run();
  }

  https::time_point time{1h};
  std::deque<std::function<void()>> posted;
  https::deadline_queue reminders;
  std::vector<std::size_t> limits_seen;
  std::vector<int> entered;
  std::vector<int> left;
  std::shared_ptr<limiter> limits;
};

constexpr auto limited = admission_kind::limited;
constexpr auto rated = admission_kind::rated;

TEST_CASE("attempts wait for room, and set out in their order") {
  limiter_trial world(fixed(2), rate(0));
  for (int i = 1; i <= 5; ++i)
    world.enter(i, limited);
  CHECK(world.entered == std::vector<int>{1, 2});
  CHECK(world.limits->waiting() == 3);
  world.leave();
  CHECK(world.entered == std::vector<int>{1, 2, 3});
  world.leave();
  world.leave();
  CHECK(world.entered == std::vector<int>{1, 2, 3, 4, 5});
  CHECK(world.limits->in_flight() == 2);
  CHECK(world.reminders.empty());
}

TEST_CASE("attempts wait for the rate, and set out in their order") {
  limiter_trial world(fixed(1), rate(10, 2));
  for (int i = 1; i <= 5; ++i)
    world.enter(i, rated);
  CHECK(world.entered == std::vector<int>{1, 2});
  world.pass(99ms);
  CHECK(world.entered.size() == 2);
  world.pass(1ms);
  CHECK(world.entered == std::vector<int>{1, 2, 3});
  world.pass(200ms);
  CHECK(world.entered == std::vector<int>{1, 2, 3, 4, 5});
  CHECK(world.reminders.empty());
}

TEST_CASE("those who wait for room keep nobody else waiting") {
  limiter_trial world(fixed(1), rate(0));
  world.enter(1, limited);
  world.enter(2, limited);
  world.enter(3, rated);
  CHECK(world.entered == std::vector<int>{1, 3});
}

TEST_CASE("of both kinds, whoever came first sets out first") {
  limiter_trial world(fixed(10), rate(10));
  world.enter(1, rated);
  world.enter(2, limited);
  world.enter(3, rated);
  world.enter(4, limited);
  CHECK(world.entered == std::vector<int>{1});
  world.pass(1s);
  CHECK(world.entered == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("nobody overtakes those whose time has come, and who have not been told yet") {
  limiter_trial world(fixed(10), rate(10));
  world.enter(1, rated);
  world.enter(2, limited);
  world.time += 100ms;  // the reminder is on its way
  world.enter(3, rated);
  world.pass(1s);
  CHECK(world.entered == std::vector<int>{1, 2, 3});
}

TEST_CASE("who cancels leaves the queue, and the others their places") {
  limiter_trial world(fixed(1), rate(0));
  asio::cancellation_signal signal;
  world.enter(1, limited);
  world.enter(2, limited, signal.slot());
  world.enter(3, limited);
  signal.emit(asio::cancellation_type::partial);
  CHECK(world.left.empty());
  world.run();
  CHECK(world.left == std::vector<int>{2});
  world.leave();
  CHECK(world.entered == std::vector<int>{1, 3});
}

TEST_CASE("a cancellation that comes too late is not heard") {
  limiter_trial world(fixed(1), rate(0));
  asio::cancellation_signal signal;
  world.enter(1, limited);
  world.enter(2, limited, signal.slot());
  world.limits->leave(limited, attempt_end::served, 10ms, world.time);
  signal.emit(asio::cancellation_type::terminal);
  world.run();
  CHECK(world.entered == std::vector<int>{1, 2});
  CHECK(world.left.empty());
  CHECK(world.limits->in_flight() == 1);
}

TEST_CASE("when the last one who waits for the rate leaves, no alarm is left") {
  limiter_trial world(fixed(1), rate(1));
  asio::cancellation_signal signal;
  world.enter(1, rated);
  world.enter(2, rated, signal.slot());
  CHECK(!world.reminders.empty());
  signal.emit(asio::cancellation_type::terminal);
  CHECK(world.reminders.empty());
}

TEST_CASE("a limit that grows lets more through, and is told") {
  concurrency_settings settings;
  settings.least = 1;
  settings.initial = 2;
  settings.most = 64;
  limiter_trial world(settings, rate(0));
  for (int i = 1; i <= 2000; ++i)
    world.enter(i, limited);
  for (int i = 0; i < 1000; ++i) {
    world.time += 1ms;
    world.leave();
  }
  CHECK(world.limits->limit() > 2);
  CHECK(world.limits->in_flight() == world.limits->limit());
  REQUIRE(!world.limits_seen.empty());
  CHECK(world.limits_seen.back() == world.limits->limit());
}

TEST_CASE("the end of the client is the end of all waits") {
  limiter_trial world(fixed(1), rate(1));
  world.enter(1, limited);
  world.enter(2, limited);
  world.enter(3, rated);
  world.limits->shutdown();
  world.run();
  std::ranges::sort(world.left);
  CHECK(world.left == std::vector<int>{2, 3});
  world.enter(4, limited);
  CHECK(world.left.size() == 3);
  world.leave();  // of the one that was under way
  CHECK(world.reminders.empty());
}

TEST_CASE("whatever happens, order is kept and no room is lost") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 dice(seed);
    const std::size_t limit = 1 + dice() % 8;
    limiter_trial world(fixed(limit), rate(dice() % 2 == 0 ? 0 : 100, 1 + dice() % 4));
    std::deque<asio::cancellation_signal> signals;
    std::size_t ended = 0;
    for (int i = 0; i < 300; ++i) {
      world.enter(i, limited, signals.emplace_back().slot());
      if (dice() % 4 == 0) {
        signals[dice() % signals.size()].emit(asio::cancellation_type::terminal);
        world.run();
      }
      if (dice() % 3 == 0) world.pass(std::chrono::milliseconds(dice() % 20));
      if (dice() % 2 == 0 && world.limits->in_flight() > 0) {
        world.leave();
        ++ended;
      }
      REQUIRE(world.limits->in_flight() <= limit);
    }
    while (world.limits->in_flight() > 0 || world.limits->waiting() > 0) {
      world.pass(1s);
      for (; world.limits->in_flight() > 0; ++ended)
        world.leave();
    }
    CHECK(std::ranges::is_sorted(world.entered));
    CHECK(world.entered.size() == ended);
    CHECK(world.entered.size() + world.left.size() == 300);
    CHECK(world.limits->waiting() == 0);
  }
}

}  // namespace
