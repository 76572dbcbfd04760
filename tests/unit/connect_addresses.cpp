// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/address_book.hpp"
#include "connect/address_list.hpp"
#include "connect/address_race.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly::connect;
using namespace std::chrono_literals;
using asio::ip::tcp;
using binarly::error_code;

address_list addresses(const std::vector<std::string>& texts) {
  address_list list;
  for (const auto& text : texts)
    list.push_back(asio::ip::make_address(text));
  return list;
}

TEST_CASE("the families take turns, and the resolver's order holds within each") {
  struct row {
    std::vector<std::string> resolved;
    std::vector<std::string> ordered;
  };
  const std::vector<row> table{
      {{}, {}},
      {{"127.0.0.1"}, {"127.0.0.1"}},
      {{"::1", "::2", "127.0.0.1"}, {"::1", "127.0.0.1", "::2"}},
      {{"::1", "::2", "::3", "127.0.0.1", "127.0.0.2"},
       {"::1", "127.0.0.1", "::2", "127.0.0.2", "::3"}},
      {{"127.0.0.1", "127.0.0.2", "::1"}, {"127.0.0.1", "::1", "127.0.0.2"}},
      {{"127.0.0.1", "127.0.0.1", "::1", "::1"}, {"127.0.0.1", "::1"}},
  };
  for (const auto& row : table)
    CHECK(interleaved(addresses(row.resolved)) == addresses(row.ordered));

  address_list many;
  for (unsigned i = 0; i < 1000; ++i)
    many.emplace_back(asio::ip::address_v4(0x7f000000U + i));
  CHECK(interleaved(many).size() == most_addresses);
}

TEST_CASE("what a name was resolved to is believed for a while, and not when it leads nowhere") {
  const address_cache::time_point start{1h};
  const auto found = std::make_shared<const address_list>(addresses({"127.0.0.1"}));
  address_cache cache(60s);
  CHECK(cache.look(start) == nullptr);
  cache.store(found, start);
  CHECK(cache.look(start) == found);
  CHECK(cache.look(start + 60s - 1ns) == found);
  CHECK(cache.look(start + 60s) == nullptr);

  cache.store(found, start);
  cache.distrust(std::make_shared<const address_list>());  // somebody else's, and older
  CHECK(cache.look(start) == found);
  cache.distrust(found);
  CHECK(cache.look(start) == nullptr);

  address_cache nothing(0s);
  nothing.store(found, start);
  CHECK(nothing.look(start) == nullptr);
}

/// A resolver that answers when the test says so.
struct resolver_world {
  using completion = asio::any_completion_handler<void(error_code, address_list)>;

  struct seen {
    int completions = 0;
    error_code failed;
    address_book::resolved found;
    std::weak_ptr<address_book::waiter> seat;
  };

  explicit resolver_world(std::chrono::nanoseconds lifetime = 1h)
      : book(
            context.get_executor(), "service.example",
            [this](const std::string& host, completion done) {
              CHECK(host == "service.example");
              asked.push_back(std::move(done));
            },
            lifetime) {}

  seen& ask() {
    auto& one = all.emplace_back();
    book.async_look_up(one.seat, context.get_executor(),
                       [&one](error_code failed, address_book::resolved found) {
                         ++one.completions;
                         one.failed = failed;
                         one.found = std::move(found);
                       });
    return one;
  }
  void answer(error_code failed, const std::vector<std::string>& found) {
    auto done = std::move(asked.front());
    asked.pop_front();
    std::move(done)(failed, addresses(found));
    run();
  }
  void run() {
    context.restart();
    context.poll();
  }

  asio::io_context context;
  std::list<completion> asked;
  address_book book;
  std::list<seen> all;
};

TEST_CASE("a name is resolved once for all who wait, and for those who come later") {
  resolver_world world;
  auto& first = world.ask();
  auto& second = world.ask();
  CHECK(world.asked.size() == 1);
  world.answer({}, {"127.0.0.1", "::1"});
  for (auto* const each : {&first, &second}) {
    CHECK(each->completions == 1);
    CHECK(*each->found == addresses({"127.0.0.1", "::1"}));
  }
  auto& third = world.ask();
  CHECK(third.completions == 0);  // never from within
  world.run();
  CHECK(third.found == first.found);
  CHECK(world.asked.empty());

  world.book.distrust(first.found);
  auto& fourth = world.ask();
  world.answer({}, {"127.0.0.2"});
  CHECK(*fourth.found == addresses({"127.0.0.2"}));
}

TEST_CASE("who waits for a name may leave; the lookup goes on for the others") {
  resolver_world world;
  auto& first = world.ask();
  auto& second = world.ask();
  address_book::leave(*first.seat.lock());
  world.run();
  CHECK(first.completions == 1);
  CHECK(first.failed == asio::error::operation_aborted);
  CHECK(second.completions == 0);
  world.answer({}, {"127.0.0.1"});
  CHECK(first.completions == 1);
  CHECK(second.completions == 1);
  CHECK(second.seat.expired());
}

TEST_CASE("a name that is not resolved is asked for again by the next one") {
  resolver_world world;
  auto& failed = world.ask();
  world.answer(asio::error::host_not_found, {});
  CHECK(failed.failed == asio::error::host_not_found);
  CHECK(failed.found == nullptr);
  auto& empty = world.ask();
  world.answer({}, {});
  CHECK(empty.failed == asio::error::host_not_found);
  auto& good = world.ask();
  world.answer({}, {"127.0.0.1"});
  CHECK(!good.failed);
}

TEST_CASE("a resolver that answers at once, throws, or forgets") {
  asio::io_context context;
  int calls = 0;
  address_book book(
      context.get_executor(), "service.example",
      [&calls](const std::string&, resolver_world::completion done) {
        switch (++calls) {
          case 1:
            std::move(done)(error_code(), addresses({"127.0.0.1"}));
            break;
          case 2:
            throw std::runtime_error("not today");
          default:
            break;
        }
      },
      0s);
  std::weak_ptr<address_book::waiter> seat;
  std::vector<error_code> seen;
  const auto ask = [&] {
    book.async_look_up(
        seat, context.get_executor(),
        [&](error_code failed, const address_book::resolved&) { seen.push_back(failed); });
    CHECK(context.poll() <= 1);
    context.restart();
  };
  ask();
  CHECK(seen == std::vector<error_code>{{}});
  ask();
  CHECK(seen.back() == asio::error::host_not_found);
  ask();
  CHECK(seen.size() == 2);
  CHECK(seat.expired());  // nothing is kept for an answer that cannot come
}

TEST_CASE("a lookup in flight outlives its book, and goes with its context") {
  std::weak_ptr<address_book::waiter> seat;
  int completions = 0;
  {
    resolver_world world;
    auto late = std::make_unique<address_book>(
        world.context.get_executor(), "service.example",
        [&world](const std::string&, resolver_world::completion done) {
          world.asked.push_back(std::move(done));
        },
        1h);
    late->async_look_up(seat, world.context.get_executor(),
                        [&](error_code, const address_book::resolved&) { ++completions; });
    late.reset();
    CHECK(!seat.expired());
    SUBCASE("answered") {
      world.answer({}, {"127.0.0.1"});
      CHECK(completions == 1);
    }
    SUBCASE("never answered") { CHECK(completions == 0); }
  }
  CHECK(seat.expired());
}

/// What became of a race.
struct race_end {
  int completions = 0;
  error_code failed;
  std::optional<tcp::socket> winner;
};

/// What else the context has to do, a black hole say, may go on.
void run_to_the_end(asio::io_context& context, const race_end& end) {
  context.restart();
  while (end.completions == 0 && context.run_one_for(30s) != 0) {
  }
}

std::shared_ptr<address_race> begin_race(asio::io_context& context,
                                         const std::vector<std::string>& to, std::uint16_t port,
                                         race_end& end) {
  auto race = std::make_shared<address_race>(
      context.get_executor(), std::make_shared<const address_list>(addresses(to)), port);
  race->async_run([&end](error_code failed, tcp::socket winner) {
    ++end.completions;
    end.failed = failed;
    end.winner.emplace(std::move(winner));
  });
  return race;
}

/// Listens on one loopback address with a queue that is full: who connects there, waits.
struct black_hole {
  black_hole(asio::io_context& context, const std::string& address, std::uint16_t port)
      : acceptor(context) {
    const tcp::endpoint where(asio::ip::make_address(address), port);
    acceptor.open(where.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(where);
    acceptor.listen(0);
    for (int i = 0; i < 4; ++i) {
      fillers.emplace_back(context, where.protocol())
          .async_connect(acceptor.local_endpoint(), [](error_code) {});
    }
    context.poll();
    context.restart();
  }
  tcp::acceptor acceptor;
  std::list<tcp::socket> fillers;
};

TEST_CASE("the first address that answers wins") {
  asio::io_context context;
  tcp::acceptor server(context, {asio::ip::make_address("127.0.0.1"), 0});
  const auto port = server.local_endpoint().port();
  race_end end;

  SUBCASE("the only one") { begin_race(context, {"127.0.0.1"}, port, end); }
  SUBCASE("after others refused, at once") {
    begin_race(context, {"127.0.0.2", "::1", "127.0.0.3", "127.0.0.1"}, port, end);
  }
  SUBCASE("after one that stays silent, though that one was first") {
    const black_hole dead(context, "127.0.0.2", port);
    begin_race(context, {"127.0.0.2", "127.0.0.1"}, port, end);
    run_to_the_end(context, end);
    context.poll();  // the loser comes back
  }
  run_to_the_end(context, end);
  CHECK(end.completions == 1);
  REQUIRE(!end.failed);
  CHECK(end.winner->remote_endpoint().address().to_string() == "127.0.0.1");
}

TEST_CASE("a race that is over keeps nothing busy") {
  asio::io_context context;
  tcp::acceptor server(context, {asio::ip::make_address("127.0.0.1"), 0});
  race_end end;
  begin_race(context, {"127.0.0.1", "127.0.0.2", "::1"}, server.local_endpoint().port(), end);
  context.run_for(30s);
  CHECK(end.completions == 1);
  CHECK(context.stopped());
}

TEST_CASE("when no address answers, it is told what became of each") {
  asio::io_context context;
  tcp::acceptor taken(context, {asio::ip::make_address("127.0.0.1"), 0});
  const auto port = taken.local_endpoint().port();
  taken.close();
  race_end end;
  const auto race = begin_race(context, {"127.0.0.1", "::1"}, port, end);
  context.run_for(30s);
  CHECK(end.completions == 1);
  CHECK(end.failed == asio::error::connection_refused);
  CHECK(race->troubles() == "127.0.0.1: Connection refused, ::1: Connection refused");
}

TEST_CASE("a race that is called off") {
  asio::io_context context;
  tcp::acceptor probe(context, {asio::ip::make_address("127.0.0.1"), 0});
  const auto port = probe.local_endpoint().port();
  const black_hole dead(context, "127.0.0.2", port);
  race_end end;
  const auto race = begin_race(context, {"127.0.0.2", "127.0.0.1"}, port, end);
  context.poll();
  CHECK(end.completions == 0);
  race->cancel();
  run_to_the_end(context, end);
  CHECK(end.completions == 1);
  CHECK(end.failed == asio::error::operation_aborted);
}

}  // namespace
