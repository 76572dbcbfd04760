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
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace https = binarly::https;
using binarly::error_code;
using binarly::operation_kind;
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
  void on_limit(operation_kind kind, std::size_t limit) override {
    CHECK(kind == operation_kind::get_image);
    limits_seen.push_back(limit);
  }

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
  void enter(int number, admission_kind admission, asio::cancellation_slot slot = {},
             operation_kind kind = operation_kind::get_image) {
    if (limits->try_enter(admission, kind)) return entered.push_back(number);
    limits->async_enter(admission, kind,
                        asio::bind_cancellation_slot(slot, [this, number](error_code failed) {
                          (failed ? left : entered).push_back(number);
                        }));
    run();
  }
  void leave(operation_kind kind = operation_kind::get_image) {
    limits->leave(admission_kind::limited, kind, attempt_end::served, 10ms, time - 10ms);
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

TEST_CASE("each kind of operation has a limit of its own") {
  limiter_trial world(fixed(1), rate(0));
  world.enter(1, limited);
  world.enter(2, limited);
  world.enter(3, limited, {}, operation_kind::find_hashes);
  world.enter(4, limited, {}, operation_kind::find_hashes);
  world.enter(5, limited, {}, operation_kind::list_scans);
  CHECK(world.entered == std::vector<int>{1, 3, 5});
  world.leave(operation_kind::list_scans);
  CHECK(world.entered == std::vector<int>{1, 3, 5});
  world.leave(operation_kind::find_hashes);
  CHECK(world.entered == std::vector<int>{1, 3, 5, 4});
  world.leave();
  CHECK(world.entered == std::vector<int>{1, 3, 5, 4, 2});
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
  world.limits->leave(limited, operation_kind::get_image, attempt_end::served, 10ms, world.time);
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
  const auto limit = world.limits->limit(operation_kind::get_image);
  CHECK(limit > 2);
  CHECK(world.limits->in_flight() == limit);
  REQUIRE(!world.limits_seen.empty());
  CHECK(world.limits_seen.back() == limit);
  CHECK(world.limits->limit(operation_kind::find_hashes) == 2);
}

TEST_CASE("the end of the client is the end of all waits for a turn") {
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

/// A run whose uploads are each looked up and then have their report read, `window` at a time, at
/// a service of so many workers behind a queue.
class two_kinds final : public binarly::call::limiter_world {
 public:
  two_kinds(std::size_t workers, std::chrono::nanoseconds report)
      : report_(report), idle_(workers) {}

  https::time_point now() const override { return time_; }
  void post(std::function<void()> function) override { at(time_, std::move(function)); }
  void remind(https::expirable&, https::time_point) override {}
  void forget(https::expirable&) override {}
  void on_limit(operation_kind, std::size_t) override {}

  /// How many uploads have had both.
  std::size_t run(int window, std::chrono::nanoseconds span) {
    const auto end = time_ + span;
    for (int i = 0; i < window; ++i)
      begin(operation_kind::get_image);
    while (!events_.empty() && events_.begin()->first <= end) {
      const auto next = events_.extract(events_.begin());
      time_ = next.key();
      next.mapped()();
    }
    return done_;
  }

 private:
  void at(https::time_point when, std::function<void()> what) {
    events_.emplace(when, std::move(what));
  }
  void begin(operation_kind kind) {
    if (limits_->try_enter(limited, kind)) return arrive(kind);
    limits_->async_enter(limited, kind, [this, kind](error_code) { arrive(kind); });
  }
  void arrive(operation_kind kind) {
    queue_.emplace_back(kind, time_);
    serve();
  }
  void serve() {
    for (; idle_ > 0 && !queue_.empty(); --idle_) {
      const auto [kind, began] = queue_.front();
      queue_.pop_front();
      at(time_ + (kind == operation_kind::get_image ? 20ms : report_), [this, kind, began] {
        ++idle_;
        serve();
        limits_->leave(limited, kind, attempt_end::served, time_ - began, began);
        const bool looked_up = kind == operation_kind::get_image;
        if (!looked_up) ++done_;
        begin(looked_up ? operation_kind::find_hashes : operation_kind::get_image);
      });
    }
  }

  const std::chrono::nanoseconds report_;
  std::size_t idle_;
  std::size_t done_ = 0;
  https::time_point time_{1h};
  std::multimap<https::time_point, std::function<void()>> events_;
  std::deque<std::pair<operation_kind, https::time_point>> queue_;
  const std::shared_ptr<limiter> limits_ = [this] {
    concurrency_settings settings;
    settings.least = 1;
    settings.initial = 16;
    settings.most = 128;
    return std::make_shared<limiter>(settings, rate(0), *this);
  }();
};

TEST_CASE("reports that take longer than lookups are not taken for a queue before these") {
  for (const auto report : {20ms, 60ms, 200ms, 1000ms}) {
    for (const std::size_t workers : {8U, 32U}) {
      CAPTURE(report.count());
      CAPTURE(workers);
      two_kinds world(workers, report);
      const double most = 60.0 * 1000 / static_cast<double>((20ms + report).count());
      const auto done = static_cast<double>(world.run(256, 60s));
      CHECK(done >= 0.8 * most * static_cast<double>(workers));
    }
  }
}

}  // namespace
