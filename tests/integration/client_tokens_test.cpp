// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_fixture.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/co_spawn.hpp>
#include <boost/asio/experimental/coro.hpp>
#include <boost/asio/experimental/promise.hpp>
#include <boost/asio/experimental/use_coro.hpp>
#include <boost/asio/experimental/use_promise.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;
using asio::awaitable;
using asio::use_awaitable;

// g++ 12 destroys an aggregate temporary of a co_await expression twice: every parameter is given
// here in each of its forms, for the address sanitizer to see.
awaitable<void> await_every_form(client service, std::string product, std::string id) {
  const image_ref ref(product, id);
  const call_options options;

  auto found = co_await service.async_get_image(ref);
  CHECK(found.value().id == id);
  found = co_await service.async_get_image({product, id});
  CHECK(found.value().id == id);
  found = co_await service.async_get_image(image_ref(product, id));
  CHECK(found.value().id == id);
  found = co_await service.async_get_image({});
  CHECK(found.error().code() == errc::invalid_argument);

  found = co_await service.async_get_image(ref, options);
  CHECK(found.value().id == id);
  found = co_await service.async_get_image(ref, {});
  CHECK(found.value().id == id);
  found = co_await service.async_get_image(ref, call_options());
  CHECK(found.value().id == id);
  found = co_await service.async_get_image({product, id}, {});
  CHECK(found.value().id == id);
  found = co_await service.async_get_image(image_ref(product, id), call_options());
  CHECK(found.value().id == id);
  found = co_await service.async_get_image({}, {});
  CHECK(found.error().code() == errc::invalid_argument);
}

awaitable<void> await_every_form_with_token(client service, std::string product, std::string id) {
  const image_ref ref(product, id);
  auto found = co_await service.async_get_image(ref, use_awaitable);
  CHECK(found.value().id == id);
  found = co_await service.async_get_image({product, id}, use_awaitable);
  CHECK(found.value().id == id);
  found = co_await service.async_get_image({product, id}, {}, use_awaitable);
  CHECK(found.value().id == id);
  found = co_await service.async_get_image(image_ref(product, id), call_options(), use_awaitable);
  CHECK(found.value().id == id);
  found = co_await service.async_get_image({}, {}, use_awaitable);
  CHECK(found.error().code() == errc::invalid_argument);
  found = co_await service.async_get_image({product, id}, {}, asio::deferred);
  CHECK(found.value().id == id);

  auto [one] = co_await service.async_get_image(ref, asio::as_tuple(use_awaitable));
  CHECK(one.value().id == id);
  auto [other] =
      co_await service.async_get_image({product, id}, {}, asio::as_tuple(asio::deferred));
  CHECK(other.value().id == id);

  auto later = service.async_get_image(ref);
  found = co_await std::move(later)(use_awaitable);
  CHECK(found.value().id == id);
}

// The temporary lives to the end of the whole expression, and its call is served.
awaitable<void> await_of_temporary_client(asio::any_io_executor executor, client_options options,
                                          image_ref ref) {
  auto found = co_await client(executor, options).async_get_image(ref);
  CHECK(found.value().id == ref.image_id());
  found = co_await client(executor, options).async_get_image(ref, {}, use_awaitable);
  CHECK(found.value().id == ref.image_id());
}

awaitable<void> both_at_once(client service, image_ref first, image_ref second) {
  using namespace asio::experimental::awaitable_operators;
  auto [one, other] = co_await (service.async_get_image(first, use_awaitable) &&
                                service.async_get_image(second, {}, use_awaitable));
  CHECK(one.value().id == first.image_id());
  CHECK(other.value().id == second.image_id());
}

awaitable<void> first_of_two(client service, image_ref hanging, image_ref answering) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor);

  timer.expires_after(1ms);
  auto race =
      co_await (service.async_get_image(hanging, use_awaitable) || timer.async_wait(use_awaitable));
  CHECK(race.index() == 1);

  timer.expires_after(1h);
  race = co_await (service.async_get_image(answering, use_awaitable) ||
                   timer.async_wait(use_awaitable));
  REQUIRE(race.index() == 0);
  CHECK(std::get<0>(race).value().id == answering.image_id());
}

asio::experimental::coro<void, std::string> id_from_coro(asio::io_context&, client service,
                                                         image_ref ref) {
  const auto found = co_await service.async_get_image(ref);
  co_return found.value().id;
}

std::optional<expectation> only(std::optional<expectation>& left) {
  return std::exchange(left, std::nullopt);
}

awaitable<std::optional<expectation>> only_later(std::optional<expectation>& left) {
  asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
  co_await timer.async_wait(use_awaitable);
  co_return std::exchange(left, std::nullopt);
}

struct counting_sink {
  int* verified;
  void operator()(verification done) const { *verified += done.verdict == verdict::verified; }
};

struct slow_counting_sink {
  int* verified;
  awaitable<void> operator()(verification done) const {
    return count(verified, done.verdict == verdict::verified);
  }
  static awaitable<void> count(int* verified, bool good) {
    asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
    co_await timer.async_wait(use_awaitable);
    *verified += good;
  }
};

// (g++ 12 does not compile a braced list in a co_await expression.)
awaitable<void> verify_every_form(client service, image_ref ref) {
  const expectation one(ref);
  const std::vector<expectation> expected(2, one);
  int verified = 0;
  std::optional<expectation> left = one;

  auto summary = co_await async_verify_images(service, expected, counting_sink{&verified});
  CHECK(summary.count(verdict::verified) == 2);
  summary = co_await async_verify_images(service, std::vector<image_ref>(1, ref),
                                         counting_sink{&verified}, {});
  CHECK(summary.count(verdict::verified) == 1);
  summary = co_await async_verify_images(
      service, [&left] { return only(left); }, slow_counting_sink{&verified}, verify_options());
  CHECK(summary.count(verdict::verified) == 1);
  left = one;
  summary = co_await async_verify_images(
      service, [&left] { return only_later(left); }, slow_counting_sink{&verified}, {},
      use_awaitable);
  CHECK(summary.count(verdict::verified) == 1);
  const auto [thrown, last] = co_await async_verify_images(
      service, std::vector<expectation>(3, one), counting_sink{&verified}, verify_options(),
      asio::as_tuple(use_awaitable));
  CHECK(!thrown);
  CHECK(last.complete);
  CHECK(verified == 2 + 1 + 1 + 1 + 3);
}

}  // namespace

TEST_CASE("client: a lookup is awaited with every form of its arguments") {
  client_fixture world;
  const auto ref = world.ref(1);
  const auto service = world.make_client();
  run_task(world.context, await_every_form(service, ref.product_id(), ref.image_id()));
  run_task(world.context, await_every_form_with_token(service, ref.product_id(), ref.image_id()));
}

TEST_CASE("client: a temporary client serves the co_await expression that it stands in") {
  client_fixture world;
  run_task(world.context,
           await_of_temporary_client(world.context.get_executor(), world.options, world.ref(1)));
}

TEST_CASE("client: lookups take part in the awaitable operators") {
  client_fixture world;
  world.service.script(world.ref(3), {misbehaviour(fault::hang)});
  const auto service = world.make_client();
  run_task(world.context, both_at_once(service, world.ref(1), world.ref(2)));
  run_task(world.context, first_of_two(service, world.ref(3), world.ref(4)));
}

TEST_CASE("client: a lookup with a callback that only moves") {
  client_fixture world;
  const auto service = world.make_client();
  std::string id;
  service.async_get_image(world.ref(5), [&id, held = std::make_unique<int>(5)](auto found) {
    if (*held == 5) id = found.value().id;
  });
  run_until(world.context, [&] { return !id.empty(); });
  CHECK(id == world.ref(5).image_id());
}

TEST_CASE("client: a lookup as a future") {
  client_fixture world;
  const auto service = world.make_client();
  auto found = service.async_get_image(world.ref(5), asio::use_future);
  auto refused = service.async_get_image({}, {}, asio::use_future);
  CHECK(await_future(world.context, std::move(found)).value().id == world.ref(5).image_id());
  CHECK_THROWS_AS((void)await_future(world.context, std::move(refused)).value(), failure_error);
}

TEST_CASE("client: a lookup as a promise") {
  client_fixture world;
  const auto service = world.make_client();
  auto promise = service.async_get_image(
      world.ref(5), asio::bind_executor(world.context, asio::experimental::use_promise));
  run_until(world.context, [&] { return promise.completed(); });
  std::string id;
  promise(asio::bind_executor(world.context,
                              [&id](const result<image>& found) { id = found.value().id; }));
  run_until(world.context, [&] { return !id.empty(); });
  CHECK(id == world.ref(5).image_id());
}

TEST_CASE("client: a lookup awaited in a coro") {
  client_fixture world;
  std::string id;
  asio::experimental::co_spawn(id_from_coro(world.context, world.make_client(), world.ref(5)),
                               [&id](std::exception_ptr thrown, std::string found) {
                                 CHECK(!thrown);
                                 id = std::move(found);
                               });
  run_until(world.context, [&] { return !id.empty(); });
  CHECK(id == world.ref(5).image_id());
}

TEST_CASE("client: a handler runs on its own executor, not on the client's") {
  client_fixture world;
  const auto service = world.make_client();
  asio::thread_pool pool(1);
  auto strand = asio::make_strand(world.context);
  std::promise<bool> in_pool;
  std::optional<bool> on_strand;
  std::optional<bool> refused_on_strand;

  service.async_get_image(world.ref(1), asio::bind_executor(pool, [&](const result<image>&) {
                            in_pool.set_value(pool.get_executor().running_in_this_thread());
                          }));
  service.async_get_image(world.ref(2), asio::bind_executor(strand, [&](const result<image>&) {
                            on_strand = strand.running_in_this_thread();
                          }));
  service.async_get_image({}, asio::bind_executor(strand, [&](const result<image>&) {
                            refused_on_strand = strand.running_in_this_thread();
                          }));
  CHECK(await_future(world.context, in_pool.get_future()));
  run_until(world.context, [&] { return on_strand && refused_on_strand; });
  CHECK(*on_strand);
  CHECK(*refused_on_strand);
  pool.join();
}

TEST_CASE("client: a handler is called once, and never from within the initiating function") {
  client_fixture world;
  const auto service = world.make_client();
  const image_ref empty;
  for (const auto& ref : {world.ref(1), empty}) {
    bool initiating = true;
    int completions = 0;
    bool inside = false;
    // From the context's own thread, where an executor might run a handler at once.
    asio::post(world.context, [&] {
      service.async_get_image(ref, [&](const result<image>&) {
        ++completions;
        inside = initiating;
      });
      initiating = false;
    });
    run_until(world.context, [&] { return completions > 0; });
    world.settle();
    CHECK(completions == 1);
    CHECK(!inside);
  }
}

TEST_CASE("client: a run of verifications with every kind of source and sink") {
  client_fixture world;
  run_task(world.context, verify_every_form(world.make_client(), world.ref(7)));
}

TEST_CASE("client: a run of verifications as a future") {
  client_fixture world;
  int verified = 0;
  auto summary =
      async_verify_images(world.make_client(), std::vector<image_ref>{world.ref(1), world.ref(2)},
                          counting_sink{&verified}, {}, asio::use_future);
  CHECK(await_future(world.context, std::move(summary)).count(verdict::verified) == 2);
  CHECK(verified == 2);
}
