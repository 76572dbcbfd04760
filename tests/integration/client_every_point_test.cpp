// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// A lookup is interrupted at each of its suspension points in turn.

#include "support/client_fixture.hpp"
#include "support/patience.hpp"
#include "support/sanitized.hpp"

#include <binarly/client.hpp>
#include <binarly/credentials.hpp>
#include <binarly/event.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <poll.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

enum class interruption { slot, deadline, close, destruction };

/// What a lookup meets, beside its exchange.
enum class course {
  plain,
  tokens,    ///< an identity server; where the client is warm, its token is refused
  provider,  ///< a token from a coroutine of the user's own
  limits,    ///< room for one attempt alone, which another lookup has; a rate
  hedging,   ///< a second attempt beside the first
  retries,   ///< a first attempt that fails, under a circuit breaker
  flight,    ///< in which another lookup was first
};

/// Of the first lookups; it grows where the machine is so busy that they do not get to their end.
constexpr auto first_deadline = 20ms;

asio::awaitable<result<access_token>> provide(bool) {
  asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
  co_await timer.async_wait(asio::use_awaitable);
  co_return access_token(secret(std::string(client_token)), 1800s);
}

/// The service and the client share a context, so that each handler which runs is a step of one of
/// them: between two of them stands every state that a lookup can be found in.
struct stepped_world : client_fixture {
  explicit stepped_world(course which) : client_fixture(served(which)), on(which) {
    switch (on) {
      case course::plain:
        break;
      case course::tokens: {
        client_credentials_options who;
        who.url = service.base_url();
        who.client_id = "robot";
        who.client_secret = secret(std::string("hush"));
        options.auth = credentials::client_credentials(std::move(who));
        break;
      }
      case course::provider:
        options.auth = credentials::provided_by(provide);
        break;
      case course::limits:
        options.concurrency.single_calls = true;
        options.concurrency.most = 1;
        options.rate.per_second = 300;
        break;
      case course::hedging:
        options.hedge.enabled = true;
        options.hedge.delay = 1ms;
        options.hedge.ratio = 1;
        break;
      case course::retries:
        options.retry = retry_policy().max_attempts(2).base_delay(1ms).jitter_kind(jitter::none);
        options.breaker.enabled = true;
        break;
      case course::flight:
        break;
    }
    options.on_event = [this](const event& what) { seen.insert(what.index()); };
  }

  static fake_service_options served(course which) {
    fake_service_options options;
    options.images = 10'000;
    if (which == course::tokens) {
      options.identity.client_id = "robot";
      options.identity.client_secret = "hush";
    }
    return options;
  }

  /// What the next lookup meets, as its course has it.
  void prepare(const image_ref& wanted, bool warm) {
    // An answer in pieces, so that its middle is seen too.
    misbehaviour slow(fault::slow_bytes);
    slow.duration = 3ms;
    std::vector<misbehaviour> script{slow};
    if (on == course::tokens) {
      service.script_token_requests({slow});
      if (warm) service.revoke_tokens();
    }
    if (on == course::hedging) script.push_back(slow);
    if (on == course::retries) script.insert(script.begin(), misbehaviour(fault::status_503));
    service.script(wanted, std::move(script));
  }

  /// Interrupts a lookup after so many steps. False when it was done before that.
  bool interrupt(interruption by, int steps, bool warm) {
    std::optional<client> from(make_client());
    if (warm) {
      CHECK(get(*from, ref(0)).has_value());
      settle();
    }
    // What one that was interrupted left of its script is in nobody's way.
    const auto wanted = ref(++images);
    prepare(wanted, warm);
    call_options call;
    call.join = on == course::flight;
    std::optional<lookup> other;
    if (on == course::flight) other.emplace(*from, wanted, call);
    if (on == course::limits) other.emplace(*from, ref(0));
    if (by == interruption::deadline) call.deadline = deadline;
    lookup one(*from, wanted, call);
    context.restart();
    for (int i = 0; i < steps && !one.done(); ++i)
      context.run_one_for(patience);
    const bool early = !one.done();
    // A call that has begun did so before; and alarms ring within a millisecond.
    const auto passed = std::chrono::steady_clock::now() + deadline + 2ms;

    bool closed = false;
    switch (by) {
      case interruption::slot:
        one.cancel();
        break;
      case interruption::deadline:
        while (early && std::chrono::steady_clock::now() < passed)
          ::poll(nullptr, 0, 1);
        break;
      case interruption::close:
        from->async_close(0ms, [&closed] { closed = true; });
        break;
      case interruption::destruction:
        from.reset();
        break;
    }
    run_until(context, [&] { return one.done() && (!other || other->done()); });
    // On a machine that others use, the deadline may come before the steps have been made.
    const bool too_late = by == interruption::deadline && !early && one.outcome().has_error();
    if (too_late) deadline *= 2;
    const bool interrupted = early || too_late;
    if (interrupted) check_end(one, by);
    if (by == interruption::slot || by == interruption::deadline) {
      if (other) CHECK(other->outcome().has_value());
      CHECK(get(*from, ref(0)).has_value());
      CHECK(from->counters().waiting == 0);
      // A connection may still be taking in what nobody waits for.
      run_until(context, [&] {
        const auto counted = from->counters();
        return counted.opening == 0 && counted.open == counted.idle;
      });
      from.reset();
    }
    if (by == interruption::close) run_until(context, [&] { return closed; });
    run_until(context, [this] { return service.counters().open_connections == 0; });
    settle();
    CHECK(one.completions() == 1);
    if (other) CHECK(other->completions() == 1);
    return interrupted;
  }

  void check_end(const lookup& one, interruption by) {
    // What was complete already may be delivered all the same.
    if (one.outcome().has_value()) {
      ++successes;
      return;
    }
    const failure why = one.why();
    CAPTURE(why.message());
    steps_seen.insert(why.detail().step);
    switch (by) {
      case interruption::slot:
        CHECK(why.code() == errc::cancelled);
        break;
      case interruption::deadline:
        CHECK((why.code() == errc::timed_out || why.detail().stopped == retry_stop::deadline));
        break;
      case interruption::close:
      case interruption::destruction:
        CHECK(why.code() == errc::client_closed);
        break;
    }
  }

  const course on;
  std::chrono::milliseconds deadline = first_deadline;
  std::uint64_t images = 0;  // asked for
  std::set<phase> steps_seen;
  std::set<std::size_t> seen;  // events, by their kinds
  int successes = 0;
};

template <class T>
bool saw(const stepped_world& world) {
  return world.seen.count(event(T()).index()) == 1;
}

/// That the course was what it says.
void check_course(const stepped_world& world) {
  switch (world.on) {
    case course::plain:
      CHECK(world.steps_seen.count(phase::acquire) == 1);
      break;
    case course::tokens:
      CHECK(saw<token_renewed>(world));
      [[fallthrough]];
    case course::provider:
      CHECK(world.steps_seen.count(phase::token) == 1);
      break;
    case course::limits:
      CHECK(world.steps_seen.count(phase::admission) == 1);
      break;
    case course::hedging:
      CHECK(saw<hedge_sent>(world));
      break;
    case course::retries:
      CHECK(world.steps_seen.count(phase::backoff) == 1);
      break;
    case course::flight:
      // One for both, and the one that comes after them.
      CHECK(world.service.counters().requests <= 2 * world.images);
      return;
  }
  CHECK(world.steps_seen.count(phase::head) == 1);
  CHECK(world.steps_seen.count(phase::body) == 1);
}

void interrupt_everywhere(interruption by, course on, bool single_threaded) {
  for (const bool warm : {false, true}) {
    stepped_world world(on);
    world.options.single_threaded = single_threaded;
    // A sanitizer makes this some twenty times as slow; so each turn takes other points, save
    // where those that were seen are counted.
    const int stride = sanitized && by != interruption::slot ? 4 : 1;
    int points = (static_cast<int>(on) + (warm ? 2 : 0) + (single_threaded ? 1 : 0)) % stride;
    while (world.interrupt(by, points, warm)) {
      points += stride;
      REQUIRE(points < 1000);
    }
    CAPTURE(warm);
    CAPTURE(points);
    CHECK(points > (warm ? 9 : 20));
    // The last steps may come too late to matter. Where two exchanges are under way, they are more;
    // and so they are where the machine was too busy for the first deadline.
    const bool in_pairs = on == course::hedging || on == course::flight;
    const int most = in_pairs ? 2 * points / 3 : points / 2;
    CHECK(world.successes < (world.deadline == first_deadline ? most : points));
    // Where the others strike is the clock's affair, and the strand's.
    if (by == interruption::slot && !warm) check_course(world);
  }
}

void interrupt_everywhere(interruption by) {
  for (const auto on : {course::plain, course::tokens, course::provider, course::limits,
                        course::hedging, course::retries, course::flight}) {
    CAPTURE(static_cast<int>(on));
    interrupt_everywhere(by, on, false);
    interrupt_everywhere(by, on, true);
  }
}

}  // namespace

TEST_CASE("client: interrupted at every point, by its slot") {
  interrupt_everywhere(interruption::slot);
}

TEST_CASE("client: interrupted at every point, by its deadline") {
  interrupt_everywhere(interruption::deadline);
}

TEST_CASE("client: interrupted at every point, by the client's closing") {
  interrupt_everywhere(interruption::close);
}

TEST_CASE("client: interrupted at every point, by the client's destruction") {
  interrupt_everywhere(interruption::destruction);
}
