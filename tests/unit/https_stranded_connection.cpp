// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/strand.hpp"
#include "https/stranded_connection.hpp"
#include "unit/connection_world.hpp"
#include "unit/fake_pool_world.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using binarly::https::make_strand;
using binarly::https::make_stranded_connection;

/// A connection that does what the test says, on a strand of its own.
struct fixture {
  fixture() {
    link = make_stranded_connection(
        owners, own, diary, [this](std::weak_ptr<binarly::https::connection_listener> listener) {
          inner = std::make_shared<binarly::testing::fake_connection>(time, std::move(listener));
          return inner;
        });
  }

  void send(std::string target) {
    auto what = std::make_shared<binarly::https::request>();
    what->target = std::move(target);
    link->send(std::move(what), std::make_shared<binarly::testing::silent_reader>());
  }
  void send_first() {
    asio::post(owners, [this] { send("/1"); });
    run();
  }
  void run() {
    context.restart();
    context.run();
  }

  asio::io_context context;
  const asio::any_io_executor owners = make_strand(context.get_executor());
  const asio::any_io_executor own = make_strand(context.get_executor());
  const binarly::https::time_point time;
  const std::shared_ptr<binarly::testing::connection_diary> diary =
      std::make_shared<binarly::testing::connection_diary>();
  std::shared_ptr<binarly::testing::fake_connection> inner;
  std::shared_ptr<binarly::https::connection> link;
};

TEST_CASE("a caller that leaves as its answer comes does not release the next one's exchange") {
  fixture world;
  world.send_first();
  world.diary->when_answered = [&] { world.send("/2"); };
  asio::post(world.own, [&] {
    // As if from another thread, during the turn that reads the answer's end.
    asio::dispatch(world.owners, [&] { world.link->release(); });
    world.inner->answers();
  });
  world.run();
  CHECK(world.diary->answers == 1);
  CHECK(world.inner->targets == std::vector<std::string>{"/1", "/2"});
  CHECK_FALSE(world.inner->released);
  asio::post(world.owners, [&] { world.link->release(); });
  world.run();
  CHECK(world.inner->released);
}

TEST_CASE("a caller that leaves before its request has set out releases it all the same") {
  fixture world;
  world.send_first();
  world.diary->when_answered = [&] {
    world.send("/2");
    world.link->release();
  };
  asio::post(world.own, [&] { world.inner->answers(); });
  world.run();
  CHECK(world.inner->targets == std::vector<std::string>{"/1", "/2"});
  CHECK(world.inner->released);
}

}  // namespace
