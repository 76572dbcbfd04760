// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Uploads that take a while to appear.

#include "support/client_fixture.hpp"
#include "support/client_verify_run.hpp"
#include "support/growing_bound.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

/// Looks again after so long, every time.
verify_options looking_each(std::chrono::milliseconds delay, std::size_t window = 8) {
  verify_options options;
  options.window = window;
  options.look_again = retry_policy().base_delay(delay).jitter_kind(jitter::none).delay_cap(delay);
  return options;
}

/// Those that are not in the range have something else to wait for than others.
auto waiting(ledger& book, const fake_service& service, std::uint64_t count,
             std::chrono::milliseconds wait, std::uint64_t from = 0,
             std::uint64_t to = UINT64_MAX) {
  return [=, yield = book.source(service, count)]() mutable {
    auto next = yield();
    if (next && next->tag >= from && next->tag < to) next->wait = wait;
    return next;
  };
}

void hide(client_fixture& world, std::uint64_t index, std::size_t looks) {
  world.service.script(world.ref(index),
                       std::vector<misbehaviour>(looks, misbehaviour(fault::not_found)));
}

}  // namespace

TEST_CASE("verify waits: an image that appears in time is verified, after so many looks") {
  client_fixture world;
  hide(world, 3, 4);
  ledger book;
  const verify_run run(world.make_client(), waiting(book, world.service, 6, 1h), book.sink(),
                       looking_each(1ms));
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().complete);
  CHECK(run.summary().count(verdict::verified) == 6);
  CHECK(book.by_tag.at(3).looks == 5);
  CHECK(book.by_tag.at(3).attempts == 5);
  CHECK(book.by_tag.at(2).looks == 1);
  CHECK(run.summary().attempts == 10);
}

TEST_CASE("verify waits: missing is final when the time is up, and at once without a wait") {
  with_growing_bound(20ms, [](std::chrono::milliseconds wait) {
    client_fixture world;
    hide(world, 0, 100'000);
    hide(world, 1, 100'000);
    ledger book;
    const verify_run run(world.make_client(), waiting(book, world.service, 2, wait, 0, 1),
                         book.sink(), looking_each(1ms));
    run_until_done(world.context, run);
    book.check_complete(run);
    CHECK(run.summary().complete);
    CHECK(book.by_tag.at(0).verdict == verdict::missing);
    CHECK(book.by_tag.at(1).verdict == verdict::missing);
    CHECK(book.by_tag.at(1).looks == 1);
    // The time may have been up before the first answer had come.
    return book.by_tag.at(0).looks > 1;
  });
}

TEST_CASE("verify waits: the last look is at the end of the time") {
  with_growing_bound(20ms, [](std::chrono::milliseconds wait) {
    client_fixture world;
    hide(world, 0, 1);
    ledger book;
    // The next look by the policy would be in an hour.
    const verify_run run(world.make_client(), waiting(book, world.service, 1, wait), book.sink(),
                         looking_each(1h));
    run_until_done(world.context, run);
    book.check_complete(run);
    const auto& done = book.by_tag.at(0);
    // The time may have been up before the first answer had come.
    if (done.looks == 1 && done.latency >= wait) return false;
    CHECK(run.summary().count(verdict::verified) == 1);
    CHECK(done.looks == 2);
    return true;
  });
}

TEST_CASE("verify waits: who waits holds no place in the window") {
  client_fixture world;
  for (std::uint64_t index = 0; index < 5; ++index)
    hide(world, index, 1);
  ledger book;
  verify_run run(world.make_client(), waiting(book, world.service, 30, 2h, 0, 5), book.sink(),
                 looking_each(1h, 1));
  run_until(world.context, [&] { return book.delivered == 25; });
  CHECK(!run.done());
  CHECK(book.taken == 30);
  run.cancel();
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(!run.summary().complete);
  CHECK(book.count(verdict::cancelled) == 5);
}

TEST_CASE("verify waits: while as many wait as may, nothing more is taken") {
  client_fixture world;
  for (std::uint64_t index = 0; index < 30; ++index)
    hide(world, index, 1);
  ledger book;
  auto options = looking_each(1h);
  options.max_parked = 3;
  verify_run run(world.make_client(), waiting(book, world.service, 30, 2h), book.sink(), options);
  world.run_until_requested(3);
  world.settle();
  CHECK(book.taken == 3);
  CHECK(!run.done());

  SUBCASE("stopped") { run.cancel(); }
  SUBCASE("drained") { run.cancel(asio::cancellation_type::partial); }
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(book.count(verdict::cancelled) == 3);
  CHECK(world.service.counters().requests == 3);
}

TEST_CASE("verify waits: of many that wait, each is looked at until it appears") {
  client_fixture world;
  for (std::uint64_t index = 0; index < 200; ++index)
    hide(world, index, index % 7);
  ledger book;
  auto options = looking_each(1ms, 5);
  options.max_parked = 50;
  SUBCASE("as they finish") {}
  SUBCASE("in order") { options.in_order = true; }
  std::vector<std::uint64_t> delivered;
  const verify_run run(
      world.make_client(), waiting(book, world.service, 200, 1h),
      [&](verification done) {
        delivered.push_back(done.expectation.tag);
        book.accept(std::move(done));
      },
      options);
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().count(verdict::verified) == 200);
  for (const auto& [tag, done] : book.by_tag)
    CHECK(done.looks == static_cast<int>(tag % 7) + 1);
  CHECK(std::is_sorted(delivered.begin(), delivered.end()) == options.in_order);
  CHECK(book.most_out <= (options.in_order ? 5 : 55));
}

TEST_CASE("verify waits: a wait that cannot be fails its own expectation") {
  client_fixture world;
  ledger book;
  std::chrono::milliseconds wait{-1};
  SUBCASE("below zero") {}
  SUBCASE("too long") { wait = 169h; }
  const verify_run run(world.make_client(), waiting(book, world.service, 3, wait, 1, 2),
                       book.sink());
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(book.by_tag.at(1).verdict == verdict::failed);
  CHECK(book.by_tag.at(1).failure.code() == errc::invalid_argument);
  CHECK(run.summary().count(verdict::verified) == 2);
}

TEST_CASE("verify waits: max_parked has bounds") {
  client_fixture world;
  for (const std::size_t most : {std::size_t{0}, std::size_t{10'000'001}}) {
    ledger book;
    verify_options options;
    options.max_parked = most;
    const verify_run run(world.make_client(), book.source(world.service, 5), book.sink(), options);
    run_until_done(world.context, run);
    CHECK(run.problem().find("max_parked") != std::string::npos);
    CHECK(book.taken == 0);
  }
}
