// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What becomes of a client in a child process, and of its parent's connections. One thread: it is
// all that a child has.

#include "support/client_fixture.hpp"
#include "support/patience.hpp"

#include <binarly/client.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

/// A service on one context, and a client on another, which a child may run without serving.
struct two_contexts {
  explicit two_contexts(bool single_threaded)
      : service(served.get_executor(), fake_service_options()), options(options_for(service)) {
    // A name would be resolved by a thread, and a child has none.
    options.base_url = "https://127.0.0.1:" + std::to_string(service.port());
    options.single_threaded = single_threaded;
    own.emplace(context->get_executor(), options);
  }

  void advance() {
    context->restart();
    context->poll();
    served.restart();
    served.run_one_for(1ms);
  }
  void run_until(const std::function<bool()>& condition) {
    const auto bound = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      REQUIRE(std::chrono::steady_clock::now() < bound);
      advance();
    }
  }
  result<image> get(std::uint64_t index) {
    const lookup one(*own, service.image_at(index).ref);
    run_until([&one] { return one.done(); });
    return one.outcome();
  }

  asio::io_context served;
  fake_service service;
  client_options options;
  std::optional<asio::io_context> context{std::in_place};
  std::optional<client> own;
};

/// Runs the function in a child, which ends with what it returns, while the parent serves. The
/// child's own checks are told by numbers, since its output is lost.
template <class Child>
int in_child(two_contexts& world, Child function) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int told = 99;
    try {
      told = function();
    } catch (...) {
    }
    ::_exit(told);
  }
  int status = 0;
  pid_t ended = 0;
  world.run_until([&] {
    ended = ::waitpid(child, &status, WNOHANG);
    return ended != 0;
  });
  REQUIRE(ended == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// In the child: until the lookup is done, within bounds.
bool finish(asio::io_context& context, const lookup& one) {
  const auto bound = std::chrono::steady_clock::now() + patience;
  context.restart();
  while (!one.done() && context.run_one_until(bound) != 0) {
  }
  return one.done();
}

bool tells_of_the_fork(const lookup& one) {
  return one.completions() == 1 && !one.outcome() && one.why() == errc::client_closed &&
         one.why().detail().reason.find("forked") != std::string::npos &&
         one.why().detail().operation == "get image" && !one.why().detail().resource.empty();
}

/// What is left of the parent's only connection serves on.
void check_parent(two_contexts& world) {
  CHECK(world.get(5).has_value());
  CHECK(world.service.counters().connections == 1);
  CHECK(world.own->counters().opened == 1);
}

}  // namespace

TEST_CASE("fork: a child's calls fail, and the parent's connection lives on") {
  for (const bool single_threaded : {false, true}) {
    CAPTURE(single_threaded);
    two_contexts world(single_threaded);
    REQUIRE(world.get(0).has_value());
    const auto told = in_child(world, [&world] {
      const lookup first(*world.own, world.service.image_at(1).ref);
      world.context->notify_fork(asio::execution_context::fork_child);
      if (!finish(*world.context, first)) return 1;
      if (!tells_of_the_fork(first)) return 2;
      const lookup second(*world.own, world.service.image_at(1).ref);
      if (!finish(*world.context, second) || !tells_of_the_fork(second)) return 3;
      if (world.own->counters().open != 0) return 4;
      bool closed = false;
      world.own->async_close(1min, [&closed] { closed = true; });
      world.context->restart();
      world.context->run_for(patience);
      return closed ? 0 : 5;
    });
    CHECK(told == 0);
    check_parent(world);
  }
}

TEST_CASE("fork: a child may destroy its copy, with or without its context") {
  for (const bool single_threaded : {false, true}) {
    CAPTURE(single_threaded);
    two_contexts world(single_threaded);
    REQUIRE(world.get(0).has_value());
    CHECK(in_child(world, [&world] {
            world.own.reset();
            return 0;
          }) == 0);
    check_parent(world);
    CHECK(in_child(world, [&world] {
            world.context->notify_fork(asio::execution_context::fork_child);
            world.own.reset();
            world.context->restart();
            world.context->run_for(patience);
            return world.context->stopped() ? 0 : 1;
          }) == 0);
    check_parent(world);
    CHECK(in_child(world, [&world] {
            world.context.reset();
            world.own.reset();
            return 0;
          }) == 0);
    check_parent(world);
  }
}

TEST_CASE("fork: what is in flight goes on in the parent, and ends in a child that runs on") {
  for (const bool single_threaded : {false, true}) {
    CAPTURE(single_threaded);
    for (const bool sent : {false, true}) {
      CAPTURE(sent);
      two_contexts world(single_threaded);
      REQUIRE(world.get(0).has_value());
      const lookup call(*world.own, world.service.image_at(1).ref);
      if (sent) {
        world.context->restart();
        world.context->poll();
      }
      const auto told = in_child(world, [&] {
        world.context->notify_fork(asio::execution_context::fork_child);
        if (!finish(*world.context, call)) return 1;
        return call.why() == errc::client_closed ? 0 : 2;
      });
      CHECK(told == 0);
      world.run_until([&] { return call.done(); });
      CHECK(call.outcome().has_value());
      check_parent(world);
    }
  }
}

TEST_CASE("fork: a child makes a client of its own") {
  two_contexts world(false);
  REQUIRE(world.get(0).has_value());
  const auto told = in_child(world, [&world] {
    asio::io_context context;
    const client own(context.get_executor(), world.options);
    const lookup one(own, world.service.image_at(1).ref);
    return finish(context, one) && one.outcome().has_value() ? 0 : 1;
  });
  CHECK(told == 0);
  CHECK(world.get(5).has_value());
  CHECK(world.service.counters().connections == 2);
}
