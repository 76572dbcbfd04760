// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/call.hpp"

#include "unit/word_call.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace call = binarly::call;
namespace https = binarly::https;
using binarly::errc;
using binarly::error_code;
using binarly::failure;
using binarly::phase;
using binarly::retry_policy;
using binarly::testing::get_word;
using namespace std::chrono_literals;

/// What the network does to one attempt.
struct scripted {
  unsigned status = 200;
  std::string body = "good";
  std::string retry_after;
  std::string request_id;
  std::string location;
  std::optional<binarly::connect::transport_failure> broken;
  std::chrono::milliseconds takes{1000};

  scripted() = default;
};

scripted answer(unsigned status, std::string body = "") {
  scripted one;
  one.status = status;
  one.body = std::move(body);
  return one;
}

scripted breakage(errc code, phase step) {
  scripted one;
  one.broken.emplace(code, step, "broken by the test");
  return one;
}

template <class Handler>
std::shared_ptr<Handler> share(Handler handler) {
  return std::make_shared<Handler>(std::move(handler));
}

constexpr const char* hush = "t0p-s3cret";

std::shared_ptr<const call::authorization> token_of_generation(std::uint64_t generation) {
  return call::make_authorization(binarly::secret(hush), "", generation);
}

/// Time moves by what attempts and waits take; nothing waits.
class fake_world final : public call::environment, public call::event_sink {
 public:
  https::time_point now() const override { return time; }
  std::chrono::sys_seconds wall_clock() const override { return {}; }
  std::uint64_t random_bits() override { return std::uint64_t{1} << 63U; }
  call::shared_policies& shared() override { return common; }
  call::event_sink* events() override { return listens ? this : nullptr; }
  void tell(binarly::event what) override { told.push_back(to_string(what)); }
  void remind(https::expirable& which, https::time_point when) override {
    reminders.set(which, when);
  }
  void forget(https::expirable& which) override { reminders.clear(which); }

  std::shared_ptr<const call::authorization> authorize() override {
    return token_ready ? shown : nullptr;
  }
  void async_authorize(std::uint64_t rejected,
                       asio::any_completion_handler<void(call::authorized)> done) override {
    refused.push_back(rejected);
    if (tokens.empty()) throw std::logic_error("one token more than the script has");
    auto next = std::move(tokens.front());
    tokens.pop_front();
    time += token_takes;
    while (auto* const late = reminders.pop_expired(time))
      late->on_expired();
    if (next.shown) shown = next.shown;
    if (cancel_during_token) whose->cancel(errc::cancelled);
    completions.push_back([done = share(std::move(done)), next] { std::move (*done)(next); });
  }

  void async_sleep(std::chrono::nanoseconds span,
                   asio::any_completion_handler<void(error_code)> done) override {
    waits.push_back(std::chrono::round<std::chrono::milliseconds>(span));
    time += span;
    done.get_cancellation_slot().assign([this](asio::cancellation_type) { ++cancelled_sleeps; });
    if (cancel_during_sleep) whose->cancel(errc::cancelled);
    completions.push_back([done = share(std::move(done))] { std::move (*done)(error_code()); });
  }

  bool enter(call::running_call&) override { return !refuses; }

  void async_exchange(std::shared_ptr<const https::request> what,
                      std::shared_ptr<https::response_reader> reader, https::time_point deadline,
                      https::pool::handler done) override {
    requests.push_back(*what);
    deadlines.push_back(deadline - start);
    if (script.empty()) throw std::logic_error("one attempt more than the script has");
    const scripted next = std::move(script.front());
    script.pop_front();
    time += next.takes;
    if (next.status != 0 && !(next.broken && next.broken->step != phase::body)) {
      https::response_head head;
      head.status = next.status;
      head.retry_after = next.retry_after;
      head.request_id = next.request_id;
      head.location = next.location;
      reader->on_head(head);
      reader->on_body(next.body);
    }
    https::exchange_result ended;
    ended.failure = next.broken;
    completions.push_back([done = share(std::move(done)), ended] { std::move (*done)(ended); });
    if (requests.size() == cancel_during_attempt) whose->cancel(errc::client_closed);
    if (throws_after_beginning) throw std::runtime_error("too late");
  }

  void complete_all() {
    while (!completions.empty()) {
      const auto next = std::move(completions.front());
      completions.pop_front();
      next();
    }
  }

  call::shared_policies common{binarly::retry_budget_options()};
  bool listens = false;
  std::vector<std::string> told;
  std::shared_ptr<const call::authorization> shown = token_of_generation(0);
  bool token_ready = true;
  std::deque<call::authorized> tokens;
  std::vector<std::uint64_t> refused;
  std::chrono::nanoseconds token_takes{};
  https::deadline_queue reminders;
  const https::time_point start{1h};
  https::time_point time = start;
  std::deque<scripted> script;
  std::vector<https::request> requests;
  std::vector<std::chrono::nanoseconds> deadlines;
  std::vector<std::chrono::milliseconds> waits;
  std::deque<std::function<void()>> completions;
  call::running_call* whose = nullptr;
  int cancelled_sleeps = 0;
  bool cancel_during_sleep = false;
  std::size_t cancel_during_attempt = 0;
  bool cancel_during_token = false;
  bool throws_after_beginning = false;
  bool refuses = false;
};

class word_decoder final : public call::answer_decoder {
 public:
  void write(std::string_view piece) override { word += piece; }
  binarly::result<void> finish() override {
    if (word == "good") return {};
    binarly::failure_detail detail;
    detail.code = errc::bad_response;
    detail.reason = "the word is not good: " + word;
    return failure(detail);
  }
  std::string word;
};

call::settings usual() {
  call::settings how;
  how.deadline = 60s;
  how.attempt_timeout = 10s;
  how.retry =
      std::make_shared<const retry_policy>(retry_policy().max_attempts(3).base_delay(100ms));
  how.answer_limit = 1234;
  return how;
}

using outcome = call::answered;

class tested_call final : public call::call {
 public:
  using call::call;
  std::optional<outcome> seen;

 private:
  void on_done(outcome got) override {
    REQUIRE(!seen.has_value());
    seen.emplace(std::move(got));
  }
};

outcome run(fake_world& world, call::settings how = usual(),
            call::operation what = get_word<word_decoder>()) {
  const auto tested = std::make_shared<tested_call>(world, std::move(what), std::move(how));
  world.whose = tested.get();
  tested->begin();
  world.complete_all();
  REQUIRE(tested->seen.has_value());
  return std::move(*tested->seen);
}

TEST_CASE("a call whose operation is dropped goes with it") {
  fake_world world;
  world.script.resize(1);
  auto tested = std::make_shared<tested_call>(world, get_word<word_decoder>(), usual());
  const std::weak_ptr<tested_call> left = tested;
  tested->begin();
  tested.reset();
  REQUIRE(!left.expired());
  world.completions.clear();
  CHECK(left.expired());
}

TEST_CASE("a call that is cancelled before it begins does nothing") {
  fake_world world;
  const auto tested = std::make_shared<tested_call>(world, get_word<word_decoder>(), usual());
  tested->cancel(errc::cancelled);
  tested->begin();
  REQUIRE(tested->seen.has_value());
  CHECK(tested->seen->error().code() == errc::cancelled);
  CHECK(tested->seen->error().detail().step == phase::prepare);
  CHECK(world.requests.empty());
}

TEST_CASE("a wish to end that crosses a failure is heard before the call rests") {
  fake_world world;
  world.script = {breakage(errc::connect_failed, phase::connect)};
  world.cancel_during_attempt = 1;
  const auto seen = run(world);
  REQUIRE(!seen.has_value());
  CHECK(seen.error().code() == errc::client_closed);
  CHECK(world.waits.empty());
}

TEST_CASE("a wish to end does not reach for a rest that is over") {
  fake_world world;
  world.script = {answer(503)};
  world.cancel_during_sleep = true;
  const auto tested = std::make_shared<tested_call>(world, get_word<word_decoder>(), usual());
  world.whose = tested.get();
  tested->begin();
  world.complete_all();
  REQUIRE(tested->seen.has_value());
  CHECK(tested->seen->error().code() == errc::cancelled);
  CHECK(world.cancelled_sleeps == 1);
  // Its caller may not have heard of the end yet.
  tested->cancel(errc::cancelled);
  CHECK(world.cancelled_sleeps == 1);
}

class throwing_call final : public call::call {
 public:
  using call::call;

 private:
  void on_done(outcome) override { throw std::runtime_error("no memory"); }
};

TEST_CASE("a call whose end cannot be told leaves nothing behind") {
  fake_world world;
  world.script.resize(1);
  auto tested = std::make_shared<throwing_call>(world, get_word<word_decoder>(), usual());
  const std::weak_ptr<throwing_call> left = tested;
  SUBCASE("at once") {
    world.refuses = true;
    CHECK_THROWS_AS(tested->begin(), std::runtime_error);
  }
  SUBCASE("later") {
    tested->begin();
    CHECK_THROWS_AS(world.complete_all(), std::runtime_error);
  }
  tested.reset();
  CHECK(left.expired());
}

TEST_CASE("an operation that cannot be begun ends the call") {
  fake_world world;
  const auto seen = run(world);
  REQUIRE(!seen.has_value());
  CHECK(seen.error().code() == errc::invalid_argument);
  CHECK(seen.error().detail().reason.find("one attempt more") != std::string::npos);
}

TEST_CASE("an operation that throws after it has begun ends the call, and may end later itself") {
  fake_world world;
  world.script.resize(1);
  world.throws_after_beginning = true;
  const auto tested = std::make_shared<tested_call>(world, get_word<word_decoder>(), usual());
  tested->begin();
  REQUIRE(tested->seen.has_value());
  CHECK(tested->seen->error().code() == errc::invalid_argument);
  SUBCASE("by completing") { world.complete_all(); }
  SUBCASE("by being dropped") { world.completions.clear(); }
  CHECK(tested.use_count() == 1);
}

TEST_CASE("no call begins where none may") {
  fake_world world;
  world.refuses = true;
  const auto seen = run(world);
  REQUIRE(!seen.has_value());
  CHECK(seen.error().code() == errc::client_closed);
  CHECK(world.requests.empty());
}

TEST_CASE("a good answer is the call's answer, after one attempt") {
  fake_world world;
  world.script = {answer(200, "good")};
  CHECK(run(world).has_value());
  REQUIRE(world.requests.size() == 1);
  CHECK(world.requests[0].target == "/words/1");
  CHECK(world.requests[0].answer_limit == 1234);
  CHECK(world.deadlines[0] == 10s);
  CHECK(world.waits.empty());
}

namespace {

/// Needs two readings, of which the second knows the first one's word; it would like a third.
class two_readings_decoder final : public call::answer_decoder {
 public:
  explicit two_readings_decoder(std::shared_ptr<const void> known)
      : first(std::static_pointer_cast<const std::string>(known)) {}
  void write(std::string_view piece) override { word += piece; }
  binarly::result<void> finish() override { return {}; }
  std::shared_ptr<const void> again() const override {
    return std::make_shared<const std::string>(word);
  }
  std::shared_ptr<const std::string> first;
  std::string word;
};

call::operation get_word_twice() {
  auto what = get_word<word_decoder>();
  what.make_decoder.make = [](const auto& context) -> std::unique_ptr<call::answer_decoder> {
    return std::make_unique<two_readings_decoder>(context);
  };
  return what;
}

}  // namespace

TEST_CASE("a call whose answer must be read twice asks once more, within its bounds") {
  fake_world world;
  world.listens = true;
  world.script = {answer(200, "one"), answer(503), answer(200, "two")};
  const auto read = run(world, usual(), get_word_twice());
  REQUIRE(read.has_value());
  const auto& decoder = static_cast<const two_readings_decoder&>(**read);
  REQUIRE(decoder.first);
  CHECK(*decoder.first == "one");
  CHECK(decoder.word == "two");
  REQUIRE(world.requests.size() == 3);
  CHECK(world.requests[2].target == "/words/1");
  CHECK(world.requests[2].id.ends_with("-3"));
  CHECK(world.waits == std::vector<std::chrono::milliseconds>{50ms});

  // The deadline is the call's, and so is a wish to end.
  fake_world slow;
  slow.script = {answer(200, "one"), breakage(errc::timed_out, phase::head)};
  slow.script[0].takes = 55s;
  auto how = usual();
  how.attempt_timeout = how.deadline;
  const auto late = run(slow, how, get_word_twice());
  REQUIRE_FALSE(late.has_value());
  CHECK(slow.deadlines[1] == 60s);
  fake_world stopped;
  stopped.script = {answer(200, "one")};
  stopped.cancel_during_attempt = 1;
  const auto ended = run(stopped, usual(), get_word_twice());
  REQUIRE_FALSE(ended.has_value());
  CHECK(ended.error().code() == errc::client_closed);
  CHECK(stopped.requests.size() == 1);
}

TEST_CASE("what may pass is tried again, with a decoder of its own, after backoff") {
  fake_world world;
  world.script = {breakage(errc::truncated, phase::body), answer(503, "<html>"),
                  answer(200, "good")};
  CHECK(run(world).has_value());
  CHECK(world.waits == std::vector<std::chrono::milliseconds>{50ms, 100ms});
}

TEST_CASE("the last failure is the call's, with attempts, time, and what the server said") {
  fake_world world;
  auto last = answer(503, R"({"message":"busy","details":[{"reason":"load"}]})");
  last.request_id = "r-\x1b[31m7";
  last.retry_after = "2";
  world.script = {answer(500), answer(502), last};
  const auto got = run(world);
  REQUIRE_FALSE(got.has_value());
  const failure why = got.error();
  CHECK(why.code() == errc::server_error);
  const auto& detail = why.detail();
  CHECK(detail.operation == "get word");
  CHECK(detail.resource == "words/1");
  CHECK(detail.http_status == 503);
  CHECK(detail.server_message == "busy");
  CHECK(detail.details.at(0).reason == "load");
  CHECK(detail.attempts == 3);
  CHECK(detail.elapsed == 3s + 150ms);
  CHECK(detail.retry_after == 2s);
  CHECK(detail.request_id == "r-\\x1b[31m7");
}

TEST_CASE("statuses become codes, and final ones are not tried again") {
  struct row {
    unsigned status;
    errc code;
    errc of_stranger;
  };
  const std::vector<row> table{
      {301, errc::redirected, errc::redirected},     {400, errc::rejected, errc::rejected},
      {401, errc::unauthorized, errc::unauthorized}, {403, errc::forbidden, errc::bad_response},
      {404, errc::not_found, errc::bad_response},    {409, errc::rejected, errc::rejected},
      {418, errc::rejected, errc::rejected},         {422, errc::rejected, errc::rejected},
      {431, errc::rejected, errc::rejected},         {501, errc::server_error, errc::server_error},
  };
  for (const auto& [status, code, of_stranger] : table) {
    CAPTURE(status);
    for (const bool platform : {true, false}) {
      fake_world world;
      world.script = {answer(status, platform ? R"({"message":"no"})" : "<html>no</html>")};
      const auto got = run(world);
      REQUIRE_FALSE(got.has_value());
      CHECK(got.error().code() == (platform ? code : of_stranger));
      CHECK(got.error().detail().answered_by ==
            (platform ? binarly::responder::platform : binarly::responder::stranger));
      CHECK(got.error().detail().http_status == status);
      CHECK(got.error().detail().attempts == 1);
    }
  }
}

TEST_CASE("a stranger's 404 says so, and what to do") {
  fake_world world;
  world.script = {answer(404, R"({"code":5,"message":"Not Found","details":[]})")};
  const std::string line = run(world).error().message();
  CAPTURE(line);
  CHECK(line.find("(HTTP 404)") != std::string::npos);
  CHECK(line.find("does not have the form of the platform's errors") != std::string::npos);
  CHECK(line.find("the answer says \"Not Found\"") != std::string::npos);
  CHECK(line.find("check that the base URL is the platform's own address") != std::string::npos);
}

TEST_CASE("a success that cannot be read is final") {
  fake_world world;
  world.script = {answer(200, "evil")};
  const auto got = run(world);
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code() == errc::bad_response);
  CHECK(got.error().detail().step == phase::decode);
  CHECK(got.error().detail().reason == "the word is not good: evil");
}

TEST_CASE("an attempt's bound and the call's deadline: whichever is first, and it says which") {
  fake_world world;
  auto slow = breakage(errc::timed_out, phase::head);
  slow.takes = 10s;
  auto how = usual();
  how.deadline = 25s;
  how.retry = std::make_shared<const retry_policy>(
      retry_policy(*how.retry).max_attempts(9).jitter_kind(binarly::jitter::none));
  world.script = {slow, slow, slow};
  world.script[2].takes = 4700ms;
  const auto got = run(world, how);
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code() == errc::timed_out);
  CHECK(got.error().detail().attempts == 3);
  CHECK(world.deadlines == std::vector<std::chrono::nanoseconds>{10s, 20s + 100ms, 25s});
  CHECK(got.error().detail().reason == "broken by the test; the call's deadline is 25 s");

  fake_world other;
  other.script = {slow};
  how.retry = std::make_shared<const retry_policy>(retry_policy::none());
  CHECK(run(other, how).error().detail().reason == "broken by the test; an attempt may take 10 s");
}

TEST_CASE("a wait that cannot end before the deadline is not begun") {
  fake_world world;
  auto busy = answer(429);
  busy.retry_after = "59";
  world.script = {busy};
  const auto got = run(world);
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code() == errc::throttled);
  CHECK(world.waits.empty());
}

TEST_CASE("a call cancelled during backoff makes no further attempt") {
  fake_world world;
  world.cancel_during_sleep = true;
  world.script = {answer(503)};
  const auto got = run(world);
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code() == errc::cancelled);
  CHECK(got.error().detail().step == phase::backoff);
  CHECK(got.error().detail().attempts == 1);
}

TEST_CASE("the token is in no failure, whatever the server echoes") {
  const std::string echo = "you sent t0p-s3cret";
  std::vector<scripted> table{
      answer(400, R"({"message":")" + echo + R"("})"),
      // At the very place where the message is cut.
      answer(400, R"({"message":")" + std::string(505, 'x') + R"(t0p-s3cret"})"),
      answer(403, R"({"message":"m","permission":"t0p-s3cret","resourceName":"t0p-s3cret"})"),
      answer(400, R"({"details":[{"reason":"t0p-s3cret","error":"t0p-s3cret"}]})"),
      answer(200, echo),
      answer(302),
  };
  table.back().location = "https://elsewhere.example/?token=t0p-s3cret";
  for (auto& each : table) {
    CAPTURE(each.body);
    each.request_id = echo;
    fake_world world;
    world.script = {each};
    const auto got = run(world);
    REQUIRE_FALSE(got.has_value());
    const std::string line = got.error().message();
    CAPTURE(line);
    CHECK(line.find("t0p") == std::string::npos);
    CHECK(line.find("[secret]") != std::string::npos);
    CHECK(got.error().json().find("t0p") == std::string::npos);
  }
}

TEST_CASE("the caller's own policy decides") {
  fake_world world;
  world.script = {answer(404, R"({"message":"not yet"})"), answer(200, "good")};
  auto how = usual();
  retry_policy own = *how.retry;
  own.classify_with([](const failure& why) { return why == binarly::condition::not_found; })
      .delay_with([](int, std::chrono::milliseconds, const failure&, double) { return 7ms; });
  how.retry = std::make_shared<const retry_policy>(own);
  CHECK(run(world, how).has_value());
  CHECK(world.waits == std::vector<std::chrono::milliseconds>{7ms});
}

TEST_CASE("each attempt bears the call's name and its own number, and the failure has them all") {
  fake_world world;
  auto first = answer(503);
  first.request_id = "r-1";
  first.takes = 30ms;
  world.script = {first, breakage(errc::connection_lost, phase::head), answer(404)};
  const auto got = run(world);
  REQUIRE(!got.has_value());
  REQUIRE(world.requests.size() == 3);
  const std::string id = world.requests[0].id.substr(0, 13);
  CHECK(world.requests[0].id == id + "-1");
  CHECK(world.requests[1].id == id + "-2");
  CHECK(world.requests[2].id == id + "-3");
  const auto& detail = got.error().detail();
  CHECK(detail.call_id == id);
  CHECK(detail.stopped == binarly::retry_stop::final);
  REQUIRE(detail.history.size() == 3);
  CHECK(detail.history[0].number == 1);
  CHECK(detail.history[0].code == errc::server_error);
  CHECK(detail.history[0].step == phase::decode);
  CHECK(detail.history[0].http_status == 503);
  CHECK(detail.history[0].wait == 0ms);
  CHECK(detail.history[0].duration == 30ms);
  CHECK(detail.history[0].request_id == "r-1");
  CHECK(detail.history[1].code == errc::connection_lost);
  CHECK(detail.history[1].step == phase::head);
  CHECK(detail.history[1].wait == 50ms);
  CHECK(detail.history[2].http_status == 404);
  CHECK(detail.history[2].wait == 100ms);
}

TEST_CASE("a failure remembers the latest attempts, and no more") {
  fake_world world;
  auto how = usual();
  how.retry = std::make_shared<const retry_policy>(retry_policy().max_attempts(40));
  how.deadline = 1h;
  world.script.assign(40, answer(500));
  const auto got = run(world, how);
  REQUIRE(!got.has_value());
  const auto& detail = got.error().detail();
  CHECK(detail.attempts == 40);
  CHECK(detail.stopped == binarly::retry_stop::attempts);
  REQUIRE(detail.history.size() == binarly::longest_history);
  CHECK(detail.history.front().number == 25);
  CHECK(detail.history.back().number == 40);
}

TEST_CASE("a wait that cannot end in time is not begun, and the failure says so") {
  fake_world world;
  auto how = usual();
  how.deadline = 1040ms;
  world.script = {answer(503)};
  const auto got = run(world, how);
  REQUIRE(!got.has_value());
  CHECK(got.error().detail().stopped == binarly::retry_stop::deadline);
  CHECK(got.error().message().find("not tried again: the next attempt would begin after 0.05 s, "
                                   "when the call's deadline has passed") != std::string::npos);
}

TEST_CASE("a server's wish beyond the policy's bound is in the failure") {
  fake_world world;
  world.script = {answer(429)};
  world.script.back().retry_after = "61";
  const auto got = run(world);
  REQUIRE(!got.has_value());
  CHECK(got.error().detail().retry_after == 61s);
  CHECK(got.error().detail().stopped == binarly::retry_stop::retry_after);
  const std::string line = got.error().message();
  CHECK(line.find("the service asks to wait 61 s") != std::string::npos);
  CHECK(line.find("the policy waits for 60 s at most") != std::string::npos);
}

TEST_CASE("calls share a budget, which denies with its figures and is paid back by successes") {
  fake_world world;
  binarly::retry_budget_options few;
  few.capacity = 12;
  world.common.budget = binarly::policy::retry_budget(few);
  world.script = {answer(500), answer(500), answer(500)};
  CHECK(!run(world).has_value());  // two retries
  CHECK(world.common.budget.tokens() == 2);
  world.script = {answer(500)};
  const auto got = run(world);
  REQUIRE(!got.has_value());
  CHECK(got.error().detail().stopped == binarly::retry_stop::budget);
  CHECK(got.error().message().find("the client's retry budget holds 2 of 12 tokens, and this retry "
                                   "costs 5") != std::string::npos);
  world.script = {answer(200, "good"), answer(200, "good"), answer(200, "good")};
  for (int i = 0; i < 3; ++i)
    CHECK(run(world).has_value());
  CHECK(world.common.budget.tokens() == 5);
  // A retry that succeeds brings back what it took.
  world.script = {answer(500), answer(200, "good")};
  CHECK(run(world).has_value());
  CHECK(world.common.budget.tokens() == 5);
  // A timeout costs more, and there is not so much.
  world.script = {breakage(errc::timed_out, phase::head)};
  CHECK(!run(world).has_value());
  CHECK(world.common.budget.tokens() == 5);
}

TEST_CASE("a call waits for a token before its first attempt") {
  fake_world world;
  world.token_ready = false;
  world.token_takes = 300ms;
  world.tokens = {call::authorized(token_of_generation(1))};
  world.script = {answer(200, "good")};
  CHECK(run(world).has_value());
  CHECK(world.refused == std::vector<std::uint64_t>{0});
  REQUIRE(world.requests.size() == 1);
  CHECK(world.requests[0].fields->reveal() == "Authorization: Bearer t0p-s3cret\r\n");
  CHECK(world.deadlines[0] == 10300ms);
  CHECK(world.reminders.empty());
}

TEST_CASE("a token that is refused is renewed, and the attempt made again, once") {
  fake_world world;
  world.shown = token_of_generation(7);
  auto how = usual();
  how.retry = std::make_shared<const retry_policy>(retry_policy::none());
  SUBCASE("and accepted") {
    world.tokens = {call::authorized(token_of_generation(8))};
    world.script = {answer(401), answer(200, "good")};
    CHECK(run(world, how).has_value());
    CHECK(world.waits.empty());
    CHECK(world.common.budget.tokens() == world.common.budget.capacity());
  }
  SUBCASE("and refused again: that is the answer") {
    world.tokens = {call::authorized(token_of_generation(8))};
    world.script = {answer(401), answer(401)};
    const auto got = run(world, how);
    REQUIRE(!got.has_value());
    CHECK(got.error().code() == errc::unauthorized);
    CHECK(got.error().detail().step == phase::decode);
    CHECK(got.error().detail().attempts == 2);
    CHECK(got.error().detail().history.size() == 2);
    CHECK(got.error().message().find("a new token is not accepted either") != std::string::npos);
    CHECK(got.error().advice().starts_with("check the audience"));
  }
  SUBCASE("and comes again: the service's own words are the answer") {
    binarly::failure_detail why;
    why.code = errc::token_refused;
    why.reason = "there is no other";
    call::authorized none{failure(why)};
    none.same_again = true;
    world.tokens = {none};
    world.script = {answer(401, R"({"message": "audience invalid"})")};
    const auto got = run(world, how);
    REQUIRE(!got.has_value());
    CHECK(got.error() == errc::unauthorized);
    CHECK(got.error().detail().step == phase::decode);
    CHECK(got.error().detail().http_status == 401);
    CHECK(got.error().detail().server_message == "audience invalid");
    CHECK(got.error().detail().answered_by == binarly::responder::platform);
    CHECK(got.error().detail().reason == "there is no other");
    CHECK(got.error().detail().history.size() == 1);
  }
  SUBCASE("and there is none: that is the answer, with what was refused before") {
    binarly::failure_detail why;
    why.code = errc::token_refused;
    why.http_status = 400;
    why.server_message = "invalid_client";
    world.tokens = {call::authorized(failure(why))};
    world.script = {answer(401)};
    const auto got = run(world, how);
    REQUIRE(!got.has_value());
    CHECK(got.error() == errc::token_refused);
    CHECK(got.error().detail().http_status == 400);
    CHECK(got.error().detail().step == phase::token);
    CHECK(got.error().detail().resource == "words/1");
    REQUIRE(got.error().detail().history.size() == 1);
    CHECK(got.error().detail().history[0].code == errc::unauthorized);
  }
  CHECK(world.refused == std::vector<std::uint64_t>{7});
}

TEST_CASE("a fixed token that is refused is the answer") {
  fake_world world;
  world.script = {answer(401)};
  const auto got = run(world);
  REQUIRE(!got.has_value());
  CHECK(got.error().code() == errc::unauthorized);
  CHECK(world.refused.empty());
}

TEST_CASE("a token that cannot be had for the moment is asked for again, after the hold-off") {
  fake_world world;
  world.token_ready = false;
  binarly::failure_detail why;
  why.code = errc::token_unavailable;
  world.tokens = {call::authorized(failure(why), 2s), call::authorized(token_of_generation(1))};
  world.script = {answer(200, "good")};
  CHECK(run(world).has_value());
  CHECK(world.waits == std::vector<std::chrono::milliseconds>{2050ms});
  // The service was spared nothing by it.
  CHECK(world.common.budget.tokens() == world.common.budget.capacity());
}

TEST_CASE("a token that was asked for as often as is right is not asked for again") {
  fake_world world;
  world.token_ready = false;
  binarly::failure_detail why;
  why.code = errc::token_unavailable;
  why.stopped = binarly::retry_stop::budget;
  why.stop_reason = "the budget is spent";
  call::authorized none(failure(why), 2s);
  none.settled = true;
  world.tokens = {none};
  const auto got = run(world);
  REQUIRE(!got.has_value());
  CHECK(got.error() == errc::token_unavailable);
  CHECK(got.error().detail().step == phase::token);
  CHECK(got.error().detail().attempts == 0);
  CHECK(got.error().detail().stopped == binarly::retry_stop::budget);
  CHECK(got.error().detail().stop_reason == "the budget is spent");
  CHECK(world.waits.empty());
  CHECK(world.refused == std::vector<std::uint64_t>{0});
}

TEST_CASE("the wait for a token ends with the call's deadline, or when it is cancelled") {
  fake_world world;
  world.token_ready = false;
  errc expected{};
  SUBCASE("deadline") {
    world.token_takes = 61s;
    expected = errc::timed_out;
  }
  SUBCASE("cancelled") {
    world.cancel_during_token = true;
    expected = errc::cancelled;
  }
  world.tokens = {call::authorized(failure(errc::cancelled, ""))};
  const auto got = run(world);
  REQUIRE(!got.has_value());
  CHECK(got.error().code() == expected);
  CHECK(got.error().detail().step == phase::token);
  CHECK(got.error().detail().attempts == 0);
  CHECK(world.reminders.empty());
}

TEST_CASE("a call tells of its attempts, its retries and its end") {
  fake_world world;
  world.listens = true;
  world.script = {answer(503), breakage(errc::connection_lost, phase::head), answer(200, "good")};
  CHECK(run(world).has_value());
  CHECK(world.told == std::vector<std::string>{
                          "attempt started: 8000000000000-1 words/1",
                          "attempt finished: 8000000000000-1 words/1: server_error (HTTP 503) "
                          "[decode] after 1 s",
                          "retry scheduled: 8000000000000-1 words/1: server_error; again in 0.05 s",
                          "attempt started: 8000000000000-2 words/1",
                          "attempt finished: 8000000000000-2 words/1: connection_lost [head] "
                          "after 1 s",
                          "retry scheduled: 8000000000000-2 words/1: connection_lost; again in "
                          "0.1 s",
                          "attempt started: 8000000000000-3 words/1",
                          "attempt finished: 8000000000000-3 words/1: ok (HTTP 200) after 1 s",
                          "call finished: 8000000000000 words/1: ok, 3 attempts, 3.15 s",
                      });
}

TEST_CASE("a call that makes no attempt tells of its end alone") {
  fake_world world;
  world.listens = true;
  world.refuses = true;
  CHECK(!run(world).has_value());
  CHECK(world.told ==
        std::vector<std::string>{"call finished:  words/1: client_closed, 0 attempts, 0 s"});
}

}  // namespace
