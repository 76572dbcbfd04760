// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What calls do together: limits, the circuit breaker, hedging.

#include "call/call.hpp"
#include "unit/word_call.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/error.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace call = binarly::call;
namespace https = binarly::https;
using binarly::errc;
using binarly::error_code;
using binarly::failure;
using binarly::phase;
using binarly::retry_policy;
using binarly::retry_stop;
using binarly::call::admission_kind;
using binarly::testing::get_word;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

class word_decoder final : public call::answer_decoder {
 public:
  void write(std::string_view piece) override { word += piece; }
  binarly::result<void> finish() override { return {}; }
  std::string word;
};

/// How a request is answered: with a status, or by a failure where that is 0.
struct reaction {
  unsigned status = 200;
  milliseconds takes{100};
  errc code = errc::connection_lost;
  phase step = phase::head;
};

/// Exchanges and waits take time, of which there is no other than this.
class timed_world final : public call::environment,
                          public call::limiter_world,
                          public call::event_sink {
 public:
  https::time_point now() const override { return time; }
  std::chrono::sys_seconds wall_clock() const override { return {}; }
  std::uint64_t random_bits() override { return std::uint64_t{1} << 63U; }
  bool enter(call::running_call&) override { return true; }
  call::shared_policies& shared() override { return common; }
  call::event_sink* events() override { return this; }
  void tell(binarly::event what) override { told.push_back(to_string(what)); }
  void remind(https::expirable& which, https::time_point when) override {
    reminders.set(which, when);
  }
  void forget(https::expirable& which) override { reminders.clear(which); }
  void on_limit(binarly::operation_kind, std::size_t) override {}
  void post(std::function<void()> function) override { at(0ms, std::move(function)); }
  std::shared_ptr<const call::authorization> authorize() override { return shown; }
  void async_authorize(std::uint64_t,
                       asio::any_completion_handler<void(call::authorized)>) override {
    throw std::logic_error("no token is waited for here");
  }

  void async_sleep(std::chrono::nanoseconds span,
                   asio::any_completion_handler<void(error_code)> done) override {
    begin<error_code>(span, error_code(), error_code(asio::error::operation_aborted),
                      std::move(done));
  }
  void async_exchange(std::shared_ptr<const https::request> what,
                      std::shared_ptr<https::response_reader> reader, https::time_point deadline,
                      https::pool::handler done) override {
    requests.push_back(what->id);
    deadlines.push_back(deadline);
    const auto fields = what->fields->reveal();
    const auto token = fields.substr(fields.rfind(' ') + 1);
    tokens.emplace_back(token.substr(0, token.size() - 2));
    if (script.empty()) throw std::logic_error("one attempt more than the script has");
    const reaction next = script.front();
    script.erase(script.begin());
    https::exchange_result ended;
    ended.carried = next.takes;
    if (next.status == 0) ended.failure.emplace(next.code, next.step, "broken by the test");
    https::exchange_result cut;
    cut.failure.emplace(errc::cancelled, phase::head, "");
    begin<https::exchange_result>(next.takes, ended, cut, std::move(done), [reader, next, what] {
      if (next.status == 0) return;
      https::response_head head;
      head.status = next.status;
      reader->on_head(head);
      reader->on_body(what->id);
    });
  }

  void run() {
    while (!events_due.empty()) {
      const auto first = events_due.begin();
      time = std::max(time, first->first);
      const auto happens = std::move(first->second);
      events_due.erase(first);
      happens();
    }
  }
  void at(std::chrono::nanoseconds later, std::function<void()> what) {
    events_due.emplace(time + later, std::move(what));
  }

  call::shared_policies common{binarly::retry_budget_options()};
  std::shared_ptr<const call::authorization> shown =
      call::make_authorization(binarly::secret(std::string("t")), "", 0);
  https::time_point time{1h};
  std::multimap<https::time_point, std::function<void()>> events_due;
  https::deadline_queue reminders;
  std::vector<reaction> script;
  std::vector<std::string> requests;
  std::vector<https::time_point> deadlines;  // of the attempts
  std::vector<std::string> tokens;           // that they showed
  std::vector<std::string> told;
  int cancelled = 0;

 private:
  template <class Result, class Handler>
  void begin(
      std::chrono::nanoseconds span, Result ends, Result cut, Handler done,
      std::function<void()> before = [] {}) {
    struct operation {
      explicit operation(Handler handler)
          : slot(handler.get_cancellation_slot()), done(std::move(handler)) {}
      void complete(Result how) {
        if (over) return;
        over = true;
        if (slot.is_connected()) slot.clear();
        Handler handler(std::move(done));
        std::move(handler)(std::move(how));
      }
      asio::cancellation_slot slot;
      Handler done;
      bool over = false;
    };
    const auto whole = std::make_shared<operation>(std::move(done));
    if (whole->slot.is_connected()) {
      whole->slot.assign([this, weak = std::weak_ptr(whole), cut](asio::cancellation_type) {
        ++cancelled;
        if (const auto here = weak.lock()) at(0ms, [here, cut] { here->complete(cut); });
      });
    }
    at(span, [whole, ends, before = std::move(before)] {
      if (whole->over) return;
      before();
      whole->complete(ends);
    });
  }
};

class tested_call final : public call::call {
 public:
  using call::call;
  using call::extend_to;
  std::optional<binarly::call::answered> seen;
  https::time_point ended;
  timed_world* world = nullptr;

 private:
  void on_done(binarly::call::answered got) override {
    REQUIRE(!seen.has_value());
    seen.emplace(std::move(got));
    ended = world->time;
  }
};

call::settings usual() {
  call::settings how;
  how.deadline = 60s;
  how.attempt_timeout = 10s;
  how.retry = std::make_shared<const retry_policy>(retry_policy().max_attempts(3));
  return how;
}

std::shared_ptr<tested_call> begin(timed_world& world, call::settings how) {
  const auto made = std::make_shared<tested_call>(world, get_word<word_decoder>(), std::move(how));
  made->world = &world;
  made->begin();
  return made;
}

/// The id of the request whose answer it was.
std::string word_of(const tested_call& ended) {
  REQUIRE(ended.seen.has_value());
  REQUIRE(ended.seen->has_value());
  return static_cast<word_decoder&>(***ended.seen).word;
}

failure why_of(const tested_call& ended) {
  REQUIRE(ended.seen.has_value());
  REQUIRE(!ended.seen->has_value());
  return ended.seen->error();
}

std::shared_ptr<call::limiter> limit_of(timed_world& world, std::size_t limit, double rate = 0) {
  binarly::policy::concurrency_settings concurrency;
  concurrency.least = concurrency.initial = concurrency.most = limit;
  binarly::policy::rate_settings rated;
  rated.per_second = rate;
  return std::make_shared<call::limiter>(concurrency, rated, world);
}

call::settings limited() {
  auto how = usual();
  how.admission = admission_kind::limited;
  return how;
}

TEST_CASE("calls under a limit wait for room, and give it back however they end") {
  timed_world world;
  world.common.limits = limit_of(world, 2);
  world.script = {{200, 100ms}, {404, 100ms}, {0, 100ms, errc::bad_response}, {200, 100ms}};
  std::vector<std::shared_ptr<tested_call>> calls;
  for (int i = 0; i < 4; ++i)
    calls.push_back(begin(world, limited()));
  CHECK(world.requests.size() == 2);
  CHECK(world.common.limits->waiting() == 2);
  world.run();
  for (const auto& each : calls)
    CHECK(each->seen.has_value());
  CHECK(calls[3]->ended - https::time_point(1h) == 200ms);
  CHECK(world.common.limits->in_flight() == 0);
  CHECK(world.reminders.empty());
}

TEST_CASE("a call holds no room while it waits to try again") {
  timed_world world;
  world.common.limits = limit_of(world, 1);
  world.script = {{503, 10ms}, {200, 10ms}, {200, 10ms}};
  const auto first = begin(world, limited());
  const auto second = begin(world, limited());
  world.run();
  CHECK(word_of(*first).ends_with("-2"));
  CHECK(second->ended < first->ended);
  CHECK(world.common.limits->in_flight() == 0);
}

TEST_CASE("the wait for room ends with the call's deadline, or when it is cancelled") {
  timed_world world;
  world.common.limits = limit_of(world, 1);
  world.script = {{200, 1s}};
  const auto carried = begin(world, limited());
  const auto late = begin(world, limited());
  const auto gone = begin(world, limited());
  gone->cancel(errc::cancelled);
  world.time += 60s;
  while (auto* const one = world.reminders.pop_expired(world.time))
    one->on_expired();
  world.run();
  CHECK(why_of(*late).code() == errc::timed_out);
  CHECK(why_of(*late).detail().step == phase::admission);
  CHECK(why_of(*gone).code() == errc::cancelled);
  CHECK(why_of(*gone).detail().step == phase::admission);
  CHECK(carried->seen.has_value());
  CHECK(world.common.limits->in_flight() == 0);
  CHECK(world.common.limits->waiting() == 0);
}

TEST_CASE("a deadline that is put off while the call waits counts from then on") {
  timed_world world;
  world.common.limits = limit_of(world, 1);
  world.script = {{200, 1s}};
  const auto expire = [&world](std::chrono::nanoseconds when) {
    world.time = https::time_point(1h) + when;
    while (auto* const one = world.reminders.pop_expired(world.time))
      one->on_expired();
  };
  (void)begin(world, limited());
  const auto waits = begin(world, limited());
  waits->extend_to(world.time + 90s);
  expire(60s);
  CHECK(!world.reminders.empty());
  expire(90s);
  CHECK(world.reminders.empty());
  world.run();
  CHECK(why_of(*waits).code() == errc::timed_out);
  CHECK(why_of(*waits).message().find("the call's deadline is 90 s") != std::string::npos);
}

TEST_CASE("an attempt that was let through for a call that is gone gives its room back") {
  timed_world world;
  world.common.limits = limit_of(world, 1);
  world.script = {{200, 10ms}, {200, 10ms}};
  const auto first = begin(world, limited());
  const auto gone = begin(world, limited());
  const auto last = begin(world, limited());
  // At the very moment at which the first makes room.
  world.at(10ms, [&] { gone->cancel(errc::cancelled); });
  world.run();
  CHECK(gone->seen.has_value());
  CHECK(word_of(*last).ends_with("-1"));
  CHECK(world.common.limits->in_flight() == 0);
}

TEST_CASE("the rate is kept by all attempts, retries among them") {
  timed_world world;
  world.common.limits = limit_of(world, 1, 1);
  auto how = usual();
  how.admission = admission_kind::rated;
  world.script = {{503, 0ms}, {200, 0ms}, {200, 0ms}};
  const auto first = begin(world, how);
  const auto second = begin(world, how);
  for (int i = 0; i < 4; ++i) {
    world.run();
    world.time += 1s;
    while (auto* const one = world.reminders.pop_expired(world.time))
      one->on_expired();
  }
  CHECK(first->seen->has_value());
  CHECK(second->seen->has_value());
  CHECK(world.requests.size() == 3);
}

TEST_CASE("the circuit breaker opens on failures, says for how long, and closes again") {
  timed_world world;
  binarly::policy::breaker_settings settings;
  settings.min_attempts = 4;
  settings.probes = 1;
  world.common.breaker.emplace(settings);
  auto how = usual();
  how.retry = std::make_shared<const retry_policy>(retry_policy::none());
  world.script = {{500, 0ms}, {0, 0ms}, {404, 0ms}, {503, 0ms}};
  for (int i = 0; i < 4; ++i) {
    (void)begin(world, how);
    world.run();
  }
  world.time += 1s;
  const auto refused = begin(world, how);
  CHECK(world.requests.size() == 4);
  const failure why = why_of(*refused);
  CHECK(why.code() == errc::circuit_open);
  CHECK(why == binarly::condition::unavailable);
  CHECK(why.detail().attempts == 0);
  CHECK(why.message().find("the circuit breaker is open for another 4 s") != std::string::npos);
  world.time += 4s;
  world.script = {{200, 10ms}, {200, 0ms}};
  const auto probe = begin(world, how);
  const auto beside = begin(world, how);
  CHECK(why_of(*beside).message().find("waits for its probes") != std::string::npos);
  world.run();
  CHECK(probe->seen->has_value());
  const auto after = begin(world, how);
  world.run();
  CHECK(after->seen->has_value());
  std::erase_if(world.told, [](const auto& line) { return !line.starts_with("circuit"); });
  CHECK(world.told == std::vector<std::string>{"circuit breaker: open for 5 s",
                                               "circuit breaker: half_open",
                                               "circuit breaker: closed"});
}

/// A breaker that one failure opens and one probe closes, and room for one attempt.
void be_strict(timed_world& world) {
  binarly::policy::breaker_settings settings;
  settings.min_attempts = 1;
  settings.probes = 1;
  world.common.breaker.emplace(settings);
  world.common.limits = limit_of(world, 1);
}

TEST_CASE("attempts that end for the client's own reasons are no probes' failures") {
  timed_world world;
  be_strict(world);
  auto how = limited();
  how.retry = std::make_shared<const retry_policy>(retry_policy::none());
  world.script = {{500, 0ms}};
  (void)begin(world, how);
  world.run();
  world.time += 5s;
  world.script = {{200, 1s}};
  const auto gone = begin(world, how);
  gone->cancel(errc::cancelled);
  world.run();
  CHECK(world.common.breaker->state() == binarly::breaker_state::half_open);
  // The place of the probe is free again, and so is the room of those that were refused.
  world.script = {{200, 1s}};
  const auto next = begin(world, how);
  world.run();
  CHECK(next->seen->has_value());
  CHECK(world.common.breaker->state() == binarly::breaker_state::closed);
  CHECK(world.common.limits->in_flight() == 0);
}

TEST_CASE("an attempt that cannot be handed over gives back what it was let through with") {
  timed_world world;
  be_strict(world);
  world.script = {{500, 0ms}};
  (void)begin(world, limited());
  world.run();
  world.time += 5s;
  const auto broken = begin(world, limited());  // the script is at its end, and the world throws
  world.run();
  CHECK(why_of(*broken).message().find("one attempt more") != std::string::npos);
  CHECK(world.common.limits->in_flight() == 0);
  world.script = {{200, 0ms}};
  const auto next = begin(world, limited());
  world.run();
  CHECK(next->seen->has_value());
  CHECK(world.common.breaker->state() == binarly::breaker_state::closed);
}

TEST_CASE("a call that the breaker stops between its attempts keeps their history") {
  timed_world world;
  binarly::policy::breaker_settings settings;
  settings.min_attempts = 1;
  world.common.breaker.emplace(settings);
  world.script = {{500, 0ms}};
  const auto stopped = begin(world, usual());
  world.run();
  CHECK(why_of(*stopped).code() == errc::circuit_open);
  REQUIRE(why_of(*stopped).detail().history.size() == 1);
  CHECK(why_of(*stopped).detail().history[0].http_status == 500);
}

call::settings hedged(timed_world& world, binarly::hedge_options options) {
  world.common.hedges.emplace(options);
  auto how = usual();
  how.hedge = true;
  return how;
}

binarly::hedge_options after(milliseconds delay) {
  binarly::hedge_options options;
  options.delay = delay;
  options.ratio = 1;
  return options;
}

TEST_CASE("an attempt that is quick is not hedged") {
  timed_world world;
  world.script = {{200, 49ms}};
  const auto ended = begin(world, hedged(world, after(50ms)));
  world.run();
  CHECK(word_of(*ended).ends_with("-1"));
  CHECK(world.requests.size() == 1);
}

TEST_CASE("the first answer counts, and the other attempt is cancelled") {
  timed_world world;
  const auto how = hedged(world, after(50ms));
  std::string expected;
  int attempts_cancelled = 0;
  SUBCASE("the hedge is first") {
    world.script = {{200, 200ms}, {200, 20ms}};
    expected = "-2";
    attempts_cancelled = 1;
  }
  SUBCASE("the hedge is second") {
    world.script = {{200, 60ms}, {200, 20ms}};
    expected = "-1";
    attempts_cancelled = 1;
  }
  SUBCASE("the hedge says what nobody would try again") {
    world.script = {{200, 200ms}, {404, 20ms}};
    attempts_cancelled = 1;
  }
  SUBCASE("the first fails, and the hedge comes through") {
    world.script = {{503, 60ms}, {200, 200ms}};
    expected = "-2";
  }
  SUBCASE("the hedge fails, and the first comes through") {
    world.script = {{200, 200ms}, {0, 20ms}};
    expected = "-1";
  }
  const auto ended = begin(world, how);
  world.run();
  CHECK(world.requests.size() == 2);
  if (expected.empty()) {
    CHECK(why_of(*ended).code() == errc::bad_response);
    CHECK(why_of(*ended).detail().history.size() == 1);
    CHECK(why_of(*ended).detail().history[0].hedge);
  } else {
    CHECK(word_of(*ended).ends_with(expected));
  }
  const auto losers = std::ranges::count_if(world.told, [](const std::string& line) {
    return line.find("cancelled") != std::string::npos;
  });
  CHECK(losers == attempts_cancelled);
  CHECK(std::ranges::count_if(world.told, [](const std::string& line) {
          return line.starts_with("hedge sent") && line.ends_with("after 0.05 s");
        }) == 1);
}

TEST_CASE("when both fail, the call tries again, and remembers both") {
  timed_world world;
  world.script = {{503, 100ms}, {500, 100ms}, {200, 10ms}};
  const auto ended = begin(world, hedged(world, after(50ms)));
  world.run();
  CHECK(word_of(*ended).ends_with("-3"));

  timed_world other;
  other.script = {{503, 100ms}, {500, 100ms}, {404, 10ms}};
  const auto failed = begin(other, hedged(other, after(50ms)));
  other.run();
  const auto& detail = why_of(*failed).detail();
  CHECK(detail.attempts == 3);
  REQUIRE(detail.history.size() == 3);
  CHECK(detail.history[0].number == 1);
  CHECK(detail.history[1].number == 2);
  CHECK(detail.history[1].hedge);
  CHECK(detail.history[2].http_status == 404);
}

TEST_CASE("a failure before the hedge is due is tried again without one") {
  timed_world world;
  world.script = {{503, 10ms}, {200, 10ms}};
  const auto ended = begin(world, hedged(world, after(50ms)));
  world.run();
  CHECK(word_of(*ended).ends_with("-2"));
  CHECK(
      std::ranges::none_of(world.told, [](const auto& line) { return line.starts_with("hedge"); }));
}

TEST_CASE("a hedged call that is cancelled leaves nothing behind") {
  for (const milliseconds when : {10ms, 60ms}) {
    timed_world world;
    world.common.limits = limit_of(world, 2);
    auto how = hedged(world, after(50ms));
    how.admission = admission_kind::limited;
    world.script = {{200, 1s}, {200, 1s}};
    const auto gone = begin(world, how);
    world.at(when, [&] { gone->cancel(errc::cancelled); });
    world.run();
    CHECK(why_of(*gone).code() == errc::cancelled);
    CHECK(gone->ended - https::time_point(1h) == when);
    CHECK(world.common.limits->in_flight() == 0);
    CHECK(gone.use_count() == 1);
  }
}

TEST_CASE("a hedge needs room under the limit, and waits for none") {
  timed_world world;
  world.common.limits = limit_of(world, 1);
  auto how = hedged(world, after(50ms));
  how.admission = admission_kind::limited;
  world.script = {{200, 200ms}};
  const auto ended = begin(world, how);
  world.run();
  CHECK(word_of(*ended).ends_with("-1"));
  CHECK(world.common.limits->in_flight() == 0);
}

TEST_CASE("a hedge that finds no room costs none of the budget, and one too many takes no room") {
  timed_world world;
  auto options = after(50ms);
  options.ratio = 0;  // no hedge at all
  auto how = hedged(world, options);
  how.admission = admission_kind::limited;
  world.common.limits = limit_of(world, 2);
  world.script = {{200, 200ms}};
  (void)begin(world, how);
  world.run();
  CHECK(world.common.limits->in_flight() == 0);

  timed_world other;
  options.ratio = 0.05;  // and the one that is there from the start
  how = hedged(other, options);
  how.admission = admission_kind::limited;
  other.common.limits = limit_of(other, 1);
  other.script = {{200, 200ms}};
  (void)begin(other, how);
  other.run();
  other.common.limits = limit_of(other, 2);
  other.script = {{200, 200ms}, {200, 10ms}};
  CHECK(word_of(*[&] {
          auto next = begin(other, how);
          other.run();
          return next;
        }())
            .ends_with("-2"));
}

TEST_CASE("a token that is replaced while a call waits for its turn is shown") {
  timed_world world;
  world.common.limits = limit_of(world, 1);
  world.script = {{200, 100ms}, {200, 100ms}};
  (void)begin(world, limited());
  const auto waits = begin(world, limited());
  world.at(50ms, [&world] {
    world.shown = call::make_authorization(binarly::secret(std::string("new")), "", 0);
  });
  world.run();
  CHECK(waits->seen->has_value());
  CHECK(world.tokens == std::vector<std::string>{"t", "new"});
}

TEST_CASE("a deadline need not cover the waits for a turn") {
  for (const bool spares : {true, false}) {
    CAPTURE(spares);
    timed_world world;
    const auto start = world.time;
    world.common.limits = limit_of(world, 1);
    world.script = {{200, 90s}, {503, 1s}, {200, 1s}};
    (void)begin(world, limited());
    auto how = limited();
    how.deadline = 20s;
    how.attempt_timeout = 1h;
    how.spares_limits = spares;
    const auto second = begin(world, how);
    second->extend_to(start + 60s);
    CHECK(world.reminders.earliest() == start + (spares ? milliseconds(24h) : 20s));
    world.run();
    REQUIRE(world.deadlines.size() == (spares ? 3 : 2));
    CHECK(world.deadlines[1] == start + (spares ? 150s : 60s));
    CHECK(second->seen->has_value() == spares);
    if (!spares) CHECK(why_of(*second).detail().stopped == binarly::retry_stop::deadline);
  }
}

TEST_CASE("a deadline that does not cover the waits for a turn is told so") {
  timed_world world;
  world.common.limits = limit_of(world, 1);
  world.script = {{200, 90s}, {0, 60s, errc::timed_out}};
  (void)begin(world, limited());
  auto how = limited();
  how.attempt_timeout = 1h;
  how.spares_limits = true;
  const auto late = begin(world, how);
  world.run();
  CHECK(why_of(*late).message().find(
            "the call's deadline is 60 s, its waits for a turn not counted") != std::string::npos);
}

TEST_CASE("a wait for a turn that no deadline covers ends after a day") {
  timed_world world;
  world.common.limits = limit_of(world, 1);
  world.script = {{200, 90s}};
  (void)begin(world, limited());
  auto how = limited();
  how.spares_limits = true;
  const auto waits = begin(world, how);
  world.time += 24h;
  world.reminders.pop_expired(world.time)->on_expired();
  world.run();
  CHECK(why_of(*waits).code() == errc::timed_out);
  CHECK(why_of(*waits).detail().step == phase::admission);
  CHECK(why_of(*waits).message().find("until a day after the call's start") != std::string::npos);
}

TEST_CASE("hedges are no more than their budget has") {
  timed_world world;
  auto options = after(50ms);
  options.ratio = 0.1;
  auto how = hedged(world, options);
  constexpr int calls = 100;
  world.script.assign(2 * calls, {200, 100ms});
  for (int i = 0; i < calls; ++i) {
    (void)begin(world, how);
    world.run();
  }
  // A tenth of the calls, and the one that is there from the start.
  CHECK(world.requests.size() == calls + calls / 10 + 1);
}

TEST_CASE("without a delay of its own, a hedge waits for what most attempts take") {
  timed_world world;
  binarly::hedge_options options;
  options.ratio = 1;
  auto how = hedged(world, options);
  world.script.assign(100, {200, 10ms});
  for (int i = 0; i < 100; ++i) {
    (void)begin(world, how);
    world.run();
  }
  CHECK(world.requests.size() == 100);
  world.script = {{200, 500ms}, {200, 10ms}};
  const auto slow = begin(world, how);
  const auto from = world.time;
  world.run();
  CHECK(word_of(*slow).ends_with("-2"));
  // The percentile is at most an eighth too high.
  CHECK(slow->ended - from <= 22ms);
}

TEST_CASE("how long one kind of operation takes says nothing of when to hedge another") {
  using binarly::operation_kind;
  call::hedging hedges{binarly::hedge_options()};
  for (int i = 0; i < 100; ++i)
    hedges.on_success(operation_kind::find_hashes, 1s);
  CHECK(hedges.delay(operation_kind::find_hashes) >= 1s);
  CHECK_FALSE(hedges.delay(operation_kind::get_image));
}

TEST_CASE("a policy that throws while a hedge is under way ends the call, and leaves nothing") {
  timed_world world;
  auto how = hedged(world, after(50ms));
  how.retry = std::make_shared<const retry_policy>(retry_policy().classify_with(
      [](const failure&) -> bool { throw std::runtime_error("undecided"); }));
  world.script = {{503, 60ms}, {200, 1s}};
  const auto ended = begin(world, how);
  world.run();
  CHECK(why_of(*ended).message().find("undecided") != std::string::npos);
  CHECK(ended.use_count() == 1);
}

}  // namespace
