// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_UNIT_FAKE_POOL_WORLD_HPP
#define BINARLY_TESTS_UNIT_FAKE_POOL_WORLD_HPP

#include "https/pool.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace binarly::testing {

using namespace std::chrono_literals;

/// A connection that does what the test says.
class fake_connection final : public https::connection {
 public:
  fake_connection(const https::time_point& time, std::weak_ptr<https::connection_listener> listener)
      : time_(time), listener_(std::move(listener)) {}

  void open() override {
    opening = true;
    steps_to(phase::connect);
  }
  void send(std::shared_ptr<const https::request> what,
            std::shared_ptr<https::response_reader>) override {
    targets.push_back(what->target);
    watched = false;
    steps_to(phase::head);
  }
  void watch() override { watched = true; }
  void release() override { released = true; }
  void close() override { closing = true; }
  void abort() override {
    aborted = true;
    listener_.reset();
  }
  connect::progress::snapshot doing() const override { return now_; }

  void steps_to(phase step, bool answer_begun = false) {
    now_.step = step;
    now_.answer_begun = answer_begun;
    now_.since = time_;
  }
  /// It has done what it was to do, and the news of that is on its way.
  void rests() { now_ = {}; }
  void opens(bool resumed = false) {
    steps_to(phase::acquire);
    if (const auto listener = listener_.lock()) listener->on_open(resumed);
  }
  void answers(bool reusable = true) { answers(https::reuse_terms(reusable)); }
  void answers(const https::reuse_terms& terms) {
    steps_to(phase::acquire);
    if (const auto listener = listener_.lock()) listener->on_answer(terms);
  }
  void breaks(errc code = errc::connection_lost, bool answer_begun = false) {
    if (const auto listener = std::exchange(listener_, {}).lock()) {
      listener->on_closed({code, now_.step, "broken by the test"}, answer_begun);
    }
  }

  std::vector<std::string> targets;  // of all it was sent
  bool opening = false;
  bool watched = false;  // since the last request
  bool released = false;
  bool closing = false;
  bool aborted = false;

 private:
  const https::time_point& time_;
  connect::progress::snapshot now_;
  std::weak_ptr<https::connection_listener> listener_;
};

/// Time that passes when the test says so, and the connections that the pool asked for.
class fake_pool_world final : public https::pool_environment {
 public:
  https::time_point now() const override { return time; }
  double random() override { return 1.0; }
  void set_alarm(https::time_point when) override { alarm = when; }
  void stop_alarm() override { alarm.reset(); }
  void post(std::function<void()> function) override { posted.push_back(std::move(function)); }
  std::shared_ptr<https::connection> make_connection(
      std::weak_ptr<https::connection_listener> listener) override {
    connections.push_back(std::make_shared<fake_connection>(time, std::move(listener)));
    return connections.back();
  }
  void on_empty() override { ++emptied; }

  void run_posted() {
    while (!posted.empty()) {
      const auto next = std::move(posted.front());
      posted.pop_front();
      next();
    }
  }

  https::time_point time{1h};
  std::optional<https::time_point> alarm;
  std::deque<std::function<void()>> posted;
  std::vector<std::shared_ptr<fake_connection>> connections;
  int emptied = 0;
};

class silent_reader final : public https::response_reader {
 public:
  void on_head(https::response_head) override {}
  void on_body(std::string_view) override {}
};

/// What became of an exchange.
struct outcome {
  int completions = 0;
  std::optional<connect::transport_failure> failure;
};

inline bool succeeded(const outcome& seen) { return seen.completions == 1 && !seen.failure; }

inline bool failed_with(const outcome& seen, errc code) {
  return seen.completions == 1 && seen.failure && seen.failure->code == code;
}

/// A pool in that world, and shorthands.
class pool_fixture {
 public:
  explicit pool_fixture(https::pool_settings settings = usual())
      : pool(std::make_shared<https::pool>(settings, world)) {}

  static https::pool_settings usual() {
    https::pool_settings settings;
    settings.max_connections = 4;
    settings.max_opening = 2;
    settings.max_waiting = 10;
    settings.idle_timeout = 25s;
    settings.max_lifetime = 600s;
    settings.acquire = 1h;
    settings.bounds.resolve = 10s;
    settings.bounds.connect = 10s;
    settings.bounds.proxy = 10s;
    settings.bounds.handshake = 10s;
    settings.bounds.write = 10s;
    settings.bounds.first_byte = 1h;
    settings.bounds.between_bytes = 10s;
    return settings;
  }

  std::shared_ptr<outcome> exchange(std::string target, std::chrono::seconds within = 30s) {
    auto seen = std::make_shared<outcome>();
    start(std::move(target), within, [seen](https::exchange_result result) {
      ++seen->completions;
      seen->failure = std::move(result.failure);
    });
    return seen;
  }

  template <class Handler>
  void start(std::string target, std::chrono::seconds within, Handler handler) {
    const auto what = std::make_shared<https::request>();
    what->target = std::move(target);
    pool->async_exchange(what, std::make_shared<silent_reader>(), world.time + within,
                         std::move(handler));
  }

  /// Lets time pass, and the alarm ring as often as it is set.
  void pass(std::chrono::nanoseconds span) {
    const auto until = world.time + span;
    while (world.alarm && *world.alarm <= until) {
      world.time = std::max(world.time, *world.alarm);
      world.alarm.reset();
      pool->on_alarm();
    }
    world.time = until;
    world.run_posted();
  }

  fake_connection& at(std::size_t index) { return *world.connections.at(index); }

  fake_pool_world world;
  std::shared_ptr<https::pool> pool;
};

}  // namespace binarly::testing

#endif
