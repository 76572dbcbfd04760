// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// A lookup is interrupted at each of its suspension points in turn.

#include "support/client_fixture.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <poll.h>
#include <set>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

enum class interruption { slot, deadline, close, destruction };

/// Long enough that some lookups get to their end, where nothing is slowed down.
constexpr auto deadline = 20ms;

/// The service and the client share a context, so that each handler which runs is a step of one of
/// them: between two of them stands every state that a lookup can be found in.
struct stepped_world : client_fixture {
  /// Interrupts a lookup after so many steps. False when it was done before that.
  bool interrupt(interruption by, int steps, bool warm) {
    std::optional<client> from(make_client());
    if (warm) {
      CHECK(get(*from, ref(0)).has_value());
      settle();
    }
    // An answer in pieces, so that its middle is seen too.
    misbehaviour slow(fault::slow_bytes);
    slow.duration = 3ms;
    service.script(ref(1), {slow});
    call_options call;
    if (by == interruption::deadline) call.deadline = deadline;
    const auto begun = std::chrono::steady_clock::now();
    lookup one(*from, ref(1), call);
    context.restart();
    for (int i = 0; i < steps && !one.done(); ++i)
      context.run_one_for(1min);
    const bool early = !one.done();

    bool closed = false;
    switch (by) {
      case interruption::slot:
        one.cancel();
        break;
      case interruption::deadline:
        while (early && std::chrono::steady_clock::now() < begun + deadline)
          ::poll(nullptr, 0, 1);
        break;
      case interruption::close:
        from->async_close(0ms, [&closed] { closed = true; });
        break;
      case interruption::destruction:
        from.reset();
        break;
    }
    run_until(context, [&] { return one.done(); });
    if (early) check_end(one, by);
    if (by == interruption::slot || by == interruption::deadline) {
      CHECK(get(*from, ref(2)).has_value());
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
    return early;
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
        CHECK(why.code() == errc::timed_out);
        break;
      case interruption::close:
      case interruption::destruction:
        CHECK(why.code() == errc::client_closed);
        break;
    }
  }

  std::set<phase> steps_seen;
  int successes = 0;
};

void interrupt_everywhere(interruption by, bool single_threaded) {
  for (const bool warm : {false, true}) {
    stepped_world world;
    world.options.single_threaded = single_threaded;
    int points = 0;
    while (world.interrupt(by, points, warm)) {
      ++points;
      REQUIRE(points < 1000);
    }
    CAPTURE(warm);
    CAPTURE(points);
    CHECK(points > (warm ? 9 : 20));
    CHECK(world.successes < points / 2);
    // Where the others strike is the clock's affair, and the strand's.
    if (by != interruption::slot && by != interruption::destruction) continue;
    if (!warm) CHECK(world.steps_seen.count(phase::acquire) == 1);
    CHECK(world.steps_seen.count(phase::head) == 1);
    CHECK(world.steps_seen.count(phase::body) == 1);
  }
}

}  // namespace

TEST_CASE("client: interrupted at every point, by its slot") {
  interrupt_everywhere(interruption::slot, false);
  interrupt_everywhere(interruption::slot, true);
}

TEST_CASE("client: interrupted at every point, by its deadline") {
  interrupt_everywhere(interruption::deadline, false);
  interrupt_everywhere(interruption::deadline, true);
}

TEST_CASE("client: interrupted at every point, by the client's closing") {
  interrupt_everywhere(interruption::close, false);
  interrupt_everywhere(interruption::close, true);
}

TEST_CASE("client: interrupted at every point, by the client's destruction") {
  interrupt_everywhere(interruption::destruction, false);
  interrupt_everywhere(interruption::destruction, true);
}
