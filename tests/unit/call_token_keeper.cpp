// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/token_keeper.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace call = binarly::call;
using binarly::access_token;
using binarly::errc;
using binarly::failure;
using binarly::secret;
using namespace std::chrono_literals;

struct fetch_log {
  std::vector<bool> asked;  // whether the last token was rejected
  call::token_fetcher::handler done;
  std::optional<std::chrono::nanoseconds> look_again;
  bool shut = false;
  bool tries_again = false;
};

class scripted_fetcher final : public call::token_fetcher {
 public:
  explicit scripted_fetcher(fetch_log& log) : log_(log) {}
  void async_fetch(bool rejected, handler done) override {
    REQUIRE(!log_.done);
    log_.asked.push_back(rejected);
    log_.done = std::move(done);
  }
  std::optional<std::chrono::nanoseconds> look_again() const override { return log_.look_again; }
  bool tries_again() const override { return log_.tries_again; }
  void shutdown() override { log_.shut = true; }
  void abandon() override { log_.done = nullptr; }

 private:
  fetch_log& log_;
};

class keeper_world final : public call::token_world {
 public:
  binarly::https::time_point now() const override { return time; }
  double random() override { return dice; }
  void post(std::function<void()> function) override { posted.push_back(std::move(function)); }
  void on_token(const access_token&) override { ++tokens; }
  void on_no_token(const failure&, bool usable) override { failures.push_back(usable); }
  void on_fetched() override { ++fetched; }

  void run_posted() {
    while (!posted.empty()) {
      const auto next = std::move(posted.front());
      posted.pop_front();
      next();
    }
  }

  /// The fetch under way ends so.
  void answer(binarly::result<access_token> got) {
    REQUIRE(log.done);
    std::exchange(log.done, nullptr)(std::move(got));
    run_posted();
  }
  void give(const std::string& token, std::optional<std::chrono::seconds> life = 100s) {
    answer(access_token(secret(token), life));
  }
  void refuse(errc code = errc::connect_failed) { answer(failure(code, "down")); }

  /// What was said to one who waits, once it is.
  using answer_slot = std::shared_ptr<std::optional<call::authorized>>;
  answer_slot ask(std::uint64_t rejected = 0, asio::cancellation_slot slot = {}) {
    auto heard = std::make_shared<std::optional<call::authorized>>();
    keeper->async_get(rejected, asio::bind_cancellation_slot(slot, [heard](call::authorized got) {
                        REQUIRE(!heard->has_value());
                        *heard = std::move(got);
                      }));
    CHECK(!heard->has_value());  // never from within
    run_posted();
    return heard;
  }

  std::string current() {
    const auto shown = keeper->current();
    return shown ? std::string(shown->token.reveal()) : "";
  }

  binarly::https::time_point time{1h};
  double dice = 0.5;
  std::deque<std::function<void()>> posted;
  int tokens = 0;
  int fetched = 0;
  std::vector<bool> failures;
  fetch_log log;
  std::shared_ptr<call::token_keeper> keeper = std::make_shared<call::token_keeper>(
      std::make_unique<scripted_fetcher>(log), *this, "Accept: a\r\n");
};

TEST_CASE("all who have no token wait for one fetch") {
  keeper_world world;
  CHECK(world.keeper->current() == nullptr);
  CHECK(world.log.asked.empty());  // nothing ahead of need
  std::vector<keeper_world::answer_slot> heard;
  for (int i = 0; i < 10'000; ++i)
    heard.push_back(world.ask());
  CHECK(world.log.asked == std::vector<bool>{false});
  world.give("one");
  for (const auto& each : heard) {
    REQUIRE(each->has_value());
    CHECK((*each)->shown->fields.reveal() == "Accept: a\r\nAuthorization: Bearer one\r\n");
  }
  CHECK(world.tokens == 1);
  CHECK(world.fetched == 1);
  CHECK(world.current() == "one");
}

TEST_CASE("ten thousand attempts that one token failed make one request, and share the new one") {
  keeper_world world;
  (void)world.ask();
  world.give("one");
  const auto old = world.keeper->current()->generation;
  std::vector<keeper_world::answer_slot> heard;
  for (int i = 0; i < 5'000; ++i)
    heard.push_back(world.ask(old));
  // Whoever is about to begin does not show what is known to be refused.
  CHECK(world.keeper->current() == nullptr);
  world.give("two");
  // Those that the old one failed later find the new one.
  for (int i = 0; i < 5'000; ++i)
    heard.push_back(world.ask(old));
  CHECK(world.log.asked == std::vector<bool>{false, true});
  for (const auto& each : heard) {
    REQUIRE(each->has_value());
    CHECK((*each)->shown->token.reveal() == "two");
  }
}

TEST_CASE("a token is fetched ahead of its end, while the old one serves") {
  struct row {
    double dice;
    std::chrono::seconds due;
  };
  for (const auto& [dice, due] : {row{0, 75s}, row{0.5, 80s}, row{1, 85s}}) {
    CAPTURE(dice);
    keeper_world world;
    world.dice = dice;
    (void)world.ask();
    world.give("one", 100s);
    world.time += due - 1ms;
    CHECK(world.current() == "one");
    CHECK(world.log.asked.size() == 1);
    world.time += 1ms;
    CHECK(world.current() == "one");
    CHECK(world.log.asked == std::vector<bool>{false, false});
    CHECK(world.current() == "one");
    CHECK(world.log.asked.size() == 2);
    world.give("two", 100s);
    CHECK(world.current() == "two");
  }
}

TEST_CASE("the end is counted from before the token was asked for") {
  keeper_world world;
  const auto heard = world.ask();
  world.time += 10s;
  world.give("one", 100s);
  world.time += 89s;
  CHECK(world.current() == "one");
  world.time += 1s;
  CHECK(world.current().empty());
  const auto next = world.ask();
  CHECK(!next->has_value());
  world.give("two");
  CHECK((*next)->shown->token.reveal() == "two");
}

TEST_CASE("a fetch that fails while the old token is good is nothing but an event") {
  keeper_world world;
  (void)world.ask();
  world.give("one", 100s);
  world.time += 80s;
  CHECK(world.current() == "one");
  world.refuse();
  CHECK(world.failures == std::vector<bool>{true});
  CHECK(world.current() == "one");
  CHECK(world.log.asked.size() == 2);  // held off
  world.time += 750ms;
  CHECK(world.current() == "one");
  CHECK(world.log.asked.size() == 3);
  world.refuse();
  world.time += 1499ms;
  CHECK(world.current() == "one");
  CHECK(world.log.asked.size() == 3);  // for longer and longer
  world.time += 1ms;
  CHECK(world.current() == "one");
  CHECK(world.log.asked.size() == 4);
  world.time += 20s;
  CHECK(world.current().empty());  // it is over
}

TEST_CASE("without a token a failed fetch is told to all who wait, and the next is held off") {
  keeper_world world;
  const auto first = world.ask();
  const auto second = world.ask();
  world.refuse();
  REQUIRE(first->has_value());
  REQUIRE(second->has_value());
  CHECK((*first)->shown == nullptr);
  CHECK((*first)->why == errc::token_unavailable);
  CHECK((*first)->why.detail().cause == make_error_code(errc::connect_failed));
  CHECK((*first)->why.detail().step == binarly::phase::token);
  CHECK((*first)->why.detail().reason == "down");
  CHECK_FALSE((*first)->settled);  // it may be asked again
  CHECK((*second)->retry_in == 750ms);
  CHECK(world.failures == std::vector<bool>{false});
  world.time += 700ms;
  const auto third = world.ask();
  REQUIRE(third->has_value());
  CHECK((*third)->retry_in == 50ms);
  CHECK(world.log.asked.size() == 1);
  world.time += 50ms;
  const auto fourth = world.ask();
  CHECK(world.log.asked.size() == 2);
  world.give("one");
  CHECK((*fourth)->shown->token.reveal() == "one");
}

TEST_CASE("the hold-off grows to half a minute, and no success leaves it") {
  keeper_world world;
  world.dice = 1;
  std::vector<std::chrono::nanoseconds> seen;
  for (int i = 0; i < 8; ++i) {
    const auto heard = world.ask();
    world.refuse();
    seen.push_back((*heard)->retry_in);
    world.time += (*heard)->retry_in;
  }
  CHECK(seen == std::vector<std::chrono::nanoseconds>{1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s});
  (void)world.ask();
  world.give("one", 1s);
  world.time += 1s;
  const auto heard = world.ask();
  world.refuse();
  CHECK((*heard)->retry_in == 1s);
}

TEST_CASE("what somebody who tries again by himself failed of is final to those who waited") {
  keeper_world world;
  world.log.tries_again = true;
  const auto waited = world.ask();
  world.refuse(errc::server_error);
  REQUIRE(waited->has_value());
  CHECK((*waited)->settled);
  // Who comes in the hold-off has asked nobody, and may wait for its end.
  const auto late = world.ask();
  REQUIRE(late->has_value());
  CHECK_FALSE((*late)->settled);
  CHECK((*late)->retry_in == 750ms);
  CHECK((*late)->why == errc::token_unavailable);
  CHECK(world.log.asked.size() == 1);
}

TEST_CASE("the hold-off is as long as the server asks for, within reason") {
  struct row {
    std::chrono::seconds wish;
    std::chrono::nanoseconds hold_off;
  };
  for (const auto& [wish, hold_off] : {row{0s, 750ms}, row{20s, 20s}, row{1h, 5min}}) {
    CAPTURE(wish.count());
    keeper_world world;
    const auto heard = world.ask();
    binarly::failure_detail busy;
    busy.code = errc::throttled;
    busy.http_status = 429;
    busy.retry_after = wish;
    world.answer(failure(busy));
    REQUIRE(heard->has_value());
    CHECK((*heard)->retry_in == hold_off);
    CHECK((*heard)->why == errc::token_unavailable);
    CHECK((*heard)->why.detail().answered_by == binarly::responder::identity_server);
  }
}

TEST_CASE("a refused token that comes again is the end of the matter") {
  keeper_world world;
  (void)world.ask();
  world.give("one");
  const auto old = world.keeper->current()->generation;
  const auto heard = world.ask(old);
  world.give("one");
  REQUIRE(heard->has_value());
  CHECK((*heard)->why == errc::token_refused);
  CHECK((*heard)->same_again);
  // Somebody else who shows it may hear the same at once.
  const auto late = world.ask(old);
  REQUIRE(late->has_value());
  CHECK((*late)->same_again);
  CHECK(world.log.asked.size() == 2);
  world.time += 1s;
  (void)world.ask(old);
  world.refuse();
  // It may have been refused by mistake.
  CHECK(world.current() == "one");
}

TEST_CASE("the same token again is no new one") {
  keeper_world world;
  world.log.look_again = 1s;
  (void)world.ask();
  world.give("one", std::nullopt);
  const auto first = world.keeper->current();
  world.time += 999ms;
  (void)world.keeper->current();
  CHECK(world.log.asked.size() == 1);
  world.time += 1ms;
  (void)world.keeper->current();
  CHECK(world.log.asked.size() == 2);
  world.give("one", std::nullopt);
  CHECK(world.keeper->current() == first);
  CHECK(world.tokens == 1);
  world.time += 1s;
  (void)world.keeper->current();
  world.give("two", std::nullopt);
  CHECK(world.current() == "two");
  CHECK(world.tokens == 2);
}

TEST_CASE("a token that cannot be sent is none") {
  keeper_world world;
  const auto heard = world.ask();
  world.give("hush\r\nX-Evil: 1");
  REQUIRE(heard->has_value());
  CHECK((*heard)->why == errc::token_refused);
  CHECK((*heard)->why.detail().cause == make_error_code(errc::bad_response));
  CHECK((*heard)->why.message().find("hush") == std::string::npos);
}

TEST_CASE("lifetimes that no clock holds, or that are none") {
  keeper_world world;
  (void)world.ask();
  world.give("one", std::chrono::seconds::max());
  CHECK(world.current() == "one");
  world.time += 24h * 200;
  CHECK(world.current() == "one");

  keeper_world other;
  const auto heard = other.ask();
  other.give("one", 0s);
  CHECK((*heard)->shown->token.reveal() == "one");  // good for those who waited
  CHECK(other.current().empty());
}

TEST_CASE("who cancels leaves, and the others go on waiting") {
  keeper_world world;
  asio::cancellation_signal signal;
  const auto leaves = world.ask(0, signal.slot());
  const auto stays = world.ask();
  signal.emit(asio::cancellation_type::terminal);
  CHECK(!leaves->has_value());
  world.run_posted();
  REQUIRE(leaves->has_value());
  CHECK((*leaves)->why.code() == errc::cancelled);
  signal.emit(asio::cancellation_type::terminal);
  world.run_posted();
  world.give("one");
  CHECK((*stays)->shown->token.reveal() == "one");
}

TEST_CASE("a cancellation that crosses the answer is not heard") {
  keeper_world world;
  asio::cancellation_signal signal;
  const auto heard = world.ask(0, signal.slot());
  std::exchange(world.log.done, nullptr)(access_token(secret("one"), 100s));
  signal.emit(asio::cancellation_type::terminal);
  world.run_posted();
  REQUIRE(heard->has_value());
  CHECK((*heard)->shown->token.reveal() == "one");
}

TEST_CASE("the end of the client is the end of all waits for a token") {
  keeper_world world;
  const auto heard = world.ask();
  world.keeper->shutdown();
  world.run_posted();
  REQUIRE(heard->has_value());
  CHECK((*heard)->why.code() == errc::client_closed);
  CHECK(world.log.shut);
  const auto late = world.ask();
  REQUIRE(late->has_value());
  CHECK((*late)->why.code() == errc::client_closed);
  CHECK(world.keeper->empty());
  world.give("too late");
  CHECK(world.tokens == 0);
}

}  // namespace
