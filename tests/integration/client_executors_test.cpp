// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The same on every kind of executor. The thread sanitizer watches.

#include "support/client_executors.hpp"

#include "support/client_fixture.hpp"
#include "support/patience.hpp"

#include <binarly/client.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

fake_service_options unreliable() {
  fake_service_options options;
  for (const fault kind : {fault::reset_before, fault::reset_in_body, fault::close_after,
                           fault::status_503, fault::truncate_body, fault::delay}) {
    misbehaviour some(kind, 0.03);
    some.duration = 2ms;
    options.faults.push_back(some);
  }
  return options;
}

client_options persistent(const fake_service& service, bool single_threaded) {
  auto options = options_for(service);
  options.pool.max_connections = 8;
  options.retry = retry_policy().max_attempts(20).base_delay(1ms).delay_cap(4ms);
  options.single_threaded = single_threaded;
  return options;
}

/// Calls the function on the client's executor, and waits until it is done.
template <class Function>
void on_executor(const asio::any_io_executor& executor, Function function) {
  std::promise<void> done;
  asio::post(executor, [&] {
    function();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace

TEST_CASE("executors: many lookups at an unreliable service, and each is right") {
  background_service service(unreliable());
  on_every_executor([&](const asio::any_io_executor& executor, bool single_threaded) {
    constexpr std::size_t lookups = 200;
    tally sum(lookups);
    std::optional<client> own;
    on_executor(executor, [&] {
      own.emplace(executor, persistent(*service, single_threaded));
      for (std::uint64_t index = 0; index < lookups; ++index)
        sum.look_up(*own, service->image_at(index).ref);
    });
    CHECK(sum.wait() == lookups);
    const auto counted = own->counters();
    CHECK(counted.waiting == 0);
    CHECK(counted.open <= 8);
    CHECK(counted.opened > 0);
  });
}

TEST_CASE("executors: lookups cancelled at any moment end once, and take no other with them") {
  background_service service(unreliable());
  on_every_executor([&](const asio::any_io_executor& executor, bool single_threaded) {
    constexpr int lookups = 200;
    const client own(executor, persistent(*service, single_threaded));
    std::atomic<int> left = lookups;
    std::promise<void> all;
    std::list<stranded_lookup> started;
    for (int index = 0; index < lookups; ++index) {
      const int turns = index % 3 == 0 ? 1 + index : 0;
      started.emplace_back(own, executor, service->image_at(static_cast<std::uint64_t>(index)).ref,
                           turns, [&] {
                             if (left.fetch_sub(1) == 1) all.set_value();
                           });
    }
    REQUIRE(all.get_future().wait_for(patience) == std::future_status::ready);
    own.async_close(10s, asio::use_future).get();
    int index = 0;
    for (const auto& each : started) {
      CHECK(each.completions() == 1);
      const bool cancelled = each.code() == errc::cancelled;
      CHECK((!each.code() || (cancelled && index % 3 == 0)));
      ++index;
    }
    CHECK(own.counters().open == 0);
  });
}

TEST_CASE("executors: closing lets those in flight finish, and refuses those who come") {
  background_service service;
  on_every_executor([&](const asio::any_io_executor& executor, bool single_threaded) {
    constexpr std::size_t lookups = 100;
    const client own(executor, persistent(*service, single_threaded));
    std::list<std::future<result<image>>> before;
    for (std::uint64_t index = 0; index < lookups; ++index) {
      before.push_back(
          own.async_get_image(service->image_at(index).ref, call_options(), asio::use_future));
    }
    auto closed = own.async_close(10min, asio::use_future);
    auto again = own.async_close(10min, asio::use_future);
    auto late = own.async_get_image(service->image_at(1).ref, call_options(), asio::use_future);
    CHECK(late.get().error().code() == errc::client_closed);
    closed.get();
    again.get();
    for (auto& each : before)
      CHECK(each.get().has_value());
    const auto counted = own.counters();
    CHECK(counted.open == 0);
    CHECK(counted.waiting == 0);
    own.async_close(1s, asio::use_future).get();  // there is nothing left to wait for
  });
}

TEST_CASE("executors: a client destroyed inside one of its handlers") {
  background_service service;
  on_every_executor([&](const asio::any_io_executor& executor, bool single_threaded) {
    constexpr std::uint64_t lookups = 50;
    std::atomic<int> completions = 0;
    std::promise<void> all;
    on_executor(executor, [&] {
      auto own = std::make_shared<std::optional<client>>(std::in_place, executor,
                                                         persistent(*service, single_threaded));
      const auto gone = std::make_shared<std::atomic<bool>>(false);
      // A copy, since a handler on another thread may take the other one away meanwhile.
      const client from = **own;
      for (std::uint64_t index = 0; index < lookups; ++index) {
        from.async_get_image(service->image_at(index).ref, [&, own, gone](const result<image>&) {
          if (!gone->exchange(true)) own->reset();
          if (completions.fetch_add(1) + 1 == static_cast<int>(lookups)) all.set_value();
        });
      }
    });
    REQUIRE(all.get_future().wait_for(patience) == std::future_status::ready);
    CHECK(completions == static_cast<int>(lookups));
  });
}
