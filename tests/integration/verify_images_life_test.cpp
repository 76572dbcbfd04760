// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What slows a run of verifications down, and what ends it early.

#include "support/client_fixture.hpp"
#include "support/client_verify_run.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;
using asio::awaitable;

verify_options window_of(std::size_t window) {
  verify_options options;
  options.window = window;
  return options;
}

/// Holds coroutines up until it is opened.
class gate {
 public:
  explicit gate(asio::io_context& context)
      : timer_(context, asio::steady_timer::time_point::max()) {}

  void open() {
    open_ = true;
    timer_.cancel();
  }
  awaitable<void> pass() {
    ++waiting;
    while (!open_)
      (void)co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  /// Throws when the wait is cancelled.
  awaitable<void> pass_unless_cancelled() {
    ++waiting;
    if (open_) co_return;
    const auto [ended] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!open_) throw boost::system::system_error(ended);
  }

  int waiting = 0;

 private:
  asio::steady_timer timer_;
  bool open_ = false;
};

// Shared, since g++ 12 sees a mismatched delete where a coroutine takes it by value.
awaitable<void> accept_behind(gate& way, ledger& book, std::shared_ptr<verification> done) {
  co_await way.pass();
  book.accept(std::move(*done));
}

awaitable<std::optional<expectation>> take_behind(gate& way, ledger& book,
                                                  const fake_service& service, std::uint64_t free) {
  if (book.taken >= free) co_await way.pass_unless_cancelled();
  co_return book.source(service, 50)();
}

awaitable<void> refuse_later(gate& way, ledger& book, verification) {
  co_await way.pass();
  ++book.delivered;
  throw std::runtime_error("the sink is full");
}

awaitable<std::optional<expectation>> fail_later(gate& way) {
  co_await way.pass();
  throw std::runtime_error("the source ran dry");
}

awaitable<std::optional<expectation>> none_once_cancelled() {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer never(co_await asio::this_coro::executor,
                           asio::steady_timer::time_point::max());
  (void)co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return std::nullopt;
}

/// Every other lookup is never answered.
struct half_hanging_world : client_fixture {
  half_hanging_world() {
    for (std::uint64_t index = 0; index < 50; index += 2)
      service.script(ref(index), {misbehaviour(fault::hang)});
  }
  /// Lookups that were in flight are ended: no connection is left but those that are free.
  void check_ended(const verify_run& run) {
    run_until_done(context, run);
    settle();
    CHECK(run.completions() == 1);
    CHECK(!run.summary().complete);
    run_until(context, [this] { return service.counters().open_connections == 0; });
  }
};

}  // namespace

TEST_CASE("verify: a sink that suspends holds back the source") {
  client_fixture world;
  gate way(world.context);
  ledger book;
  const verify_run run(
      world.make_client(), book.source(world.service, 50),
      [&](verification done) {
        return accept_behind(way, book, std::make_shared<verification>(std::move(done)));
      },
      window_of(8));
  world.run_until_requested(8);
  run_until(world.context, [&] { return way.waiting == 1; });
  world.settle();
  CHECK(book.taken == 8);
  CHECK(book.delivered == 0);
  CHECK(way.waiting == 1);
  CHECK(world.service.counters().requests == 8);
  way.open();
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(book.taken == 50);
  CHECK(book.most_out == 8);
  CHECK(run.summary().complete);
}

TEST_CASE("verify: a source that suspends holds back no verification") {
  client_fixture world;
  gate way(world.context);
  ledger book;
  const verify_run run(
      world.make_client(), [&] { return take_behind(way, book, world.service, 3); }, book.sink(),
      window_of(8));
  run_until(world.context, [&] { return book.delivered == 3; });
  CHECK(way.waiting == 1);
  CHECK(!run.done());
  way.open();
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(book.taken == 50);
}

TEST_CASE("verify: what a source throws ends the run, and reaches the caller") {
  half_hanging_world world;
  ledger book;
  bool once = true;
  auto yield = book.source(world.service, 50);
  const verify_run run(
      world.make_client(),
      [&]() -> std::optional<expectation> {
        CHECK(std::exchange(once, book.taken < 4));
        if (book.taken == 4) throw std::runtime_error("the source ran dry");
        return yield();
      },
      book.sink(), window_of(8));
  world.check_ended(run);
  CHECK(run.problem() == "the source ran dry");
  CHECK(book.taken == 4);
}

TEST_CASE("verify: what an awaitable source throws ends the run, too") {
  half_hanging_world world;
  gate way(world.context);
  ledger book;
  const auto source = [&]() -> awaitable<std::optional<expectation>> {
    return book.taken == 4 ? fail_later(way) : take_behind(way, book, world.service, 50);
  };
  const verify_run run(world.make_client(), source, book.sink(), window_of(8));
  run_until(world.context, [&] { return book.delivered == 2; });
  CHECK(!run.done());
  way.open();
  world.check_ended(run);
  CHECK(run.problem() == "the source ran dry");
}

TEST_CASE("verify: what a sink throws ends the run, and reaches the caller") {
  half_hanging_world world;
  ledger book;
  const verify_run run(
      world.make_client(), book.source(world.service, 50),
      [&](const verification&) {
        if (++book.delivered == 3) throw std::runtime_error("the sink is full");
      },
      window_of(8));
  world.check_ended(run);
  CHECK(run.problem() == "the sink is full");
  CHECK(book.delivered == 3);
  CHECK(run.summary().total() == 2);
  CHECK(book.taken < 50);
}

TEST_CASE("verify: what an awaitable sink throws ends the run, too") {
  half_hanging_world world;
  gate way(world.context);
  ledger book;
  const verify_run run(
      world.make_client(), book.source(world.service, 50),
      [&](verification done) { return refuse_later(way, book, std::move(done)); }, window_of(8));
  run_until(world.context, [&] { return way.waiting == 1; });
  way.open();
  world.check_ended(run);
  CHECK(run.problem() == "the sink is full");
  CHECK(book.delivered == 1);
  CHECK(run.summary().total() == 0);
}

TEST_CASE("verify: a cancelled run delivers all that it took") {
  half_hanging_world world;
  ledger book;
  verify_run run(world.make_client(), book.source(world.service, 50), book.sink(), window_of(8));
  // The window has filled with lookups that hang.
  run_until(world.context, [&] { return book.taken - book.delivered == 8 && book.taken >= 15; });
  world.settle();
  run.cancel();
  world.check_ended(run);
  book.check_complete(run);
  CHECK(!run.thrown());
  CHECK(book.taken < 50);
  CHECK(run.summary().count(verdict::cancelled) > 0);
  for (const auto& [tag, done] : book.by_tag) {
    CHECK((done.verdict == verdict::cancelled || tag % 2 == 1));
    if (done.verdict == verdict::cancelled) CHECK(done.failure == condition::cancelled);
  }
}

TEST_CASE("verify: a run cancelled before it began takes nothing") {
  client_fixture world;
  ledger book;
  verify_run run(world.make_client(), book.source(world.service, 50), book.sink());
  run.cancel();
  run_until_done(world.context, run);
  world.settle();
  book.check_complete(run);
  CHECK(!run.thrown());
  CHECK(!run.summary().complete);
  CHECK(book.taken == 0);
}

TEST_CASE("verify: cancellation reaches a source that is suspended") {
  client_fixture world;
  gate way(world.context);
  ledger book;
  verify_run run(
      world.make_client(), [&] { return take_behind(way, book, world.service, 3); }, book.sink());
  run_until(world.context, [&] { return book.delivered == 3; });
  run.cancel();
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(!run.thrown());
  CHECK(!run.summary().complete);
  CHECK(book.taken == 3);
}

TEST_CASE("verify: a source that takes its cancellation for an end makes no run complete") {
  client_fixture world;
  ledger book;
  verify_run run(world.make_client(), none_once_cancelled, book.sink());
  world.settle();
  CHECK(!run.done());
  run.cancel();
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(!run.thrown());
  CHECK(!run.summary().complete);
}

TEST_CASE("verify: cancellation leaves a sink that is suspended its time") {
  client_fixture world;
  gate way(world.context);
  ledger book;
  verify_run run(
      world.make_client(), book.source(world.service, 50),
      [&](verification done) {
        return accept_behind(way, book, std::make_shared<verification>(std::move(done)));
      },
      window_of(8));
  run_until(world.context, [&] { return way.waiting == 1; });
  run.cancel();
  world.settle();
  CHECK(!run.done());
  way.open();
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(book.taken == 8);
  CHECK(!run.summary().complete);
}

TEST_CASE("verify: its context may end in the middle of it, and nothing of it is left") {
  background_service service;
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = held;
  ledger book;
  {
    asio::io_context context;
    gate way(context);
    const client own(context.get_executor(), options_for(*service));
    async_verify_images(
        own, book.source(*service, 50),
        [&, held](verification done) {
          return accept_behind(way, book, std::make_shared<verification>(std::move(done)));
        },
        window_of(8), [held](const std::exception_ptr&, const verify_summary&) { ++*held; });
    held.reset();
    run_until(context, [&] { return way.waiting == 1; });
    CHECK(!watched.expired());
  }
  CHECK(watched.expired());
  CHECK(book.taken == 8);
  CHECK(book.delivered == 0);
}

TEST_CASE("verify: a drained run takes nothing more, and finishes what is in flight") {
  fake_service_options served;
  served.latency = 5ms;
  client_fixture world(served);
  ledger book;
  verify_run run(world.make_client(), book.source(world.service, 50), book.sink(), window_of(8));
  world.run_until_requested(10);
  const auto taken = book.taken;
  CHECK(book.delivered < taken);
  SUBCASE("partial") { run.cancel(asio::cancellation_type::partial); }
  SUBCASE("total") { run.cancel(asio::cancellation_type::total); }
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(!run.thrown());
  CHECK(!run.summary().complete);
  CHECK(book.taken == taken);
  CHECK(run.summary().count(verdict::verified) == taken);
}

TEST_CASE("verify: a run that drains can be stopped") {
  half_hanging_world world;
  ledger book;
  verify_run run(world.make_client(), book.source(world.service, 50), book.sink(), window_of(8));
  run_until(world.context, [&] { return book.taken - book.delivered == 8 && book.taken >= 15; });
  world.settle();
  run.cancel(asio::cancellation_type::partial);
  world.settle();
  CHECK(!run.done());
  run.cancel();
  world.check_ended(run);
  book.check_complete(run);
  CHECK(run.summary().count(verdict::cancelled) == 8);
}
