// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_executors.hpp"
#include "support/client_fixture.hpp"
#include "support/patience.hpp"
#include "support/sanitized.hpp"

#include <binarly/client.hpp>
#include <binarly/credentials.hpp>
#include <binarly/event.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

constexpr const char* hush = "the client's s&cret";

fake_service_options identity_server() {
  fake_service_options served;
  served.identity.client_id = "robot 7";
  served.identity.client_secret = hush;
  return served;
}

client_credentials_options asking_at(const fake_service& identity) {
  client_credentials_options who;
  who.url = identity.base_url();
  who.client_id = "robot 7";
  who.client_secret = secret(hush);
  tls_options trust;
  trust.system_authorities = false;
  trust.ca_pem = identity.ca_pem();
  who.tls = trust;
  return who;
}

/// A service that asks for tokens, and the identity server that issues them: two origins, each with
/// an authority of its own.
struct two_services {
  explicit two_services(const fake_service_options& identity_options = identity_server())
      : identity(context.get_executor(), identity_options),
        service(context.get_executor(), api_options()),
        options(options_for(service)) {
    service.accept_tokens_of(identity);
    options.auth = client_credentials();
    options.timeouts.token = 2h;
    options.on_event = [this](const event& what) { heard.push_back(what); };
  }

  static fake_service_options api_options() {
    fake_service_options served;
    served.record_heads = true;
    return served;
  }

  client_credentials_options asking() const { return asking_at(identity); }
  credentials client_credentials() const { return credentials::client_credentials(asking()); }

  [[nodiscard]] client make_client() { return client(context.get_executor(), options); }
  [[nodiscard]] image_ref ref(std::uint64_t index) const { return service.image_at(index).ref; }
  result<image> get(const client& from, std::uint64_t index,
                    const call_options& call = call_options()) {
    const lookup one(from, ref(index), call);
    run_until(context, [&one] { return one.done(); });
    return one.outcome();
  }
  template <class T>
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        heard, [](const event& what) { return std::holds_alternative<T>(what); }));
  }

  std::vector<event> heard;
  asio::io_context context;
  fake_service identity;
  fake_service service;
  client_options options;
};

TEST_CASE("credentials: a token is had from another origin, with its own authority") {
  for (const auto how : {client_authentication::body, client_authentication::basic}) {
    CAPTURE(static_cast<int>(how));
    auto served = identity_server();
    served.identity.scope = "images read";
    served.identity.audience = "https://api.example";
    two_services world(served);
    auto who = world.asking();
    who.authentication = how;
    who.scope = "images read";
    who.audience = "https://api.example";
    world.options.auth = credentials::client_credentials(std::move(who));
    const auto from = world.make_client();
    REQUIRE(world.get(from, 0).has_value());
    REQUIRE(world.get(from, 1).has_value());
    CHECK(world.identity.counters().token_requests == 1);
    CHECK(world.count<token_renewed>() == 1);
  }
}

TEST_CASE("credentials: a token is read out of gzip's coding, and behind a byte order mark") {
  for (const auto form : {fault::gzip, fault::byte_order_mark}) {
    CAPTURE(to_string(form));
    two_services world;
    world.identity.script_token_requests({misbehaviour(form)});
    CHECK(world.get(world.make_client(), 0).has_value());
    CHECK(world.identity.counters().faults == 1);
    CHECK(world.identity.counters().token_requests == 1);
  }
}

TEST_CASE("credentials: what the identity server refuses is told, and no secret with it") {
  two_services world;
  auto who = world.asking();
  who.client_secret = secret("another s&cret");
  world.options.auth = credentials::client_credentials(std::move(who));
  const auto found = world.get(world.make_client(), 0);
  REQUIRE(!found.has_value());
  const failure why = found.error();
  CHECK(why == errc::token_refused);
  CHECK(why.detail().cause == make_error_code(errc::unauthorized));
  CHECK(why.detail().answered_by == responder::identity_server);
  CHECK(why.detail().http_status == 401);
  CHECK(why.detail().step == phase::token);
  CHECK(why.detail().operation == "get image");
  CHECK(why.detail().attempts == 0);
  const std::string line = why.message();
  CAPTURE(line);
  const auto host = world.identity.base_url().substr(std::string("https://").size());
  CHECK(line.find("no token is given (HTTP 401): from " + host +
                  ": the identity server says "
                  "\"invalid_client: Invalid client") != std::string::npos);
  CHECK(line.find("check the client id and the client secret") != std::string::npos);
  CHECK(line.find("another") == std::string::npos);
  CHECK(line.find("s&cret") == std::string::npos);
  CHECK(line.find("s%26cret") == std::string::npos);
  CHECK(world.service.counters().requests == 0);
  CHECK(world.count<token_failed>() == 1);
}

// A sanitizer makes them some thirty times as slow.
constexpr int callers = sanitized ? 1'000 : 10'000;

/// That many lookups, all of which are there before the next request for a token is answered.
void succeed_in_thousands(two_services& world, const client& from) {
  misbehaviour slow(fault::delay);
  slow.duration = 300ms;
  world.identity.script_token_requests({slow});
  std::deque<lookup> lookups;
  for (int i = 0; i < callers; ++i)
    lookups.emplace_back(from, world.ref(static_cast<std::uint64_t>(i) % 1000));
  auto waits = lookups.begin();
  run_until(world.context, [&] {
    waits = std::find_if(waits, lookups.end(), [](const lookup& one) { return !one.done(); });
    return waits == lookups.end();
  });
  for (const lookup& one : lookups)
    REQUIRE(one.outcome().has_value());
}

TEST_CASE("credentials: thousands of callers, one request for a token") {
  two_services world;
  succeed_in_thousands(world, world.make_client());
  CHECK(world.identity.counters().token_requests == 1);
  CHECK(world.service.counters().unauthorized == 0);
}

TEST_CASE("credentials: thousands of callers, one token that is refused, one request for another") {
  two_services world;
  const auto from = world.make_client();
  REQUIRE(world.get(from, 0).has_value());
  world.identity.revoke_tokens();
  succeed_in_thousands(world, from);
  CHECK(world.identity.counters().token_requests == 2);
  // Those that were refused made their one attempt again.
  CHECK(world.service.counters().requests == callers + 1U + world.service.counters().unauthorized);
}

TEST_CASE("credentials: tokens that come to their end in the middle of a run lose nothing") {
  auto served = identity_server();
  served.identity.uses_per_token = 100;
  two_services world(served);
  std::size_t verified = 0;
  std::size_t others = 0;
  bool done = false;
  verify_options options;
  options.window = 32;
  std::uint64_t next = 0;
  async_verify_images(
      world.make_client(),
      [&]() -> std::optional<expectation> {
        if (next == 1000) return std::nullopt;
        return expectation(world.ref(next++));
      },
      [&](verification got) { ++(got.verdict == verdict::verified ? verified : others); }, options,
      [&](std::exception_ptr thrown, verify_summary summary) {
        CHECK(!thrown);
        CHECK(summary.complete);
        done = true;
      });
  run_until(world.context, [&] { return done; });
  CHECK(verified == 1000);
  CHECK(others == 0);
  const auto tokens = world.identity.counters().token_requests;
  CHECK(tokens >= 10);
  CHECK(tokens <= 15);
}

TEST_CASE("credentials: a second refusal is the answer") {
  two_services world;
  fake_service other(world.context.get_executor(), identity_server());
  auto who = world.asking();
  who.url = other.base_url();
  who.tls->ca_pem = other.ca_pem();
  world.options.auth = credentials::client_credentials(std::move(who));
  const auto found = world.get(world.make_client(), 0);
  REQUIRE(!found.has_value());
  CHECK(found.error().code() == errc::unauthorized);
  CHECK(found.error().detail().step == phase::decode);
  CHECK(found.error().detail().attempts == 2);
  CHECK(found.error().detail().history.size() == 2);
  // The service's own words, and what they mean here.
  CHECK(found.error().detail().http_status == 401);
  CHECK(found.error().detail().answered_by == responder::platform);
  CHECK(!found.error().detail().server_message.empty());
  CHECK(found.error().message().find("a new token is not accepted either") != std::string::npos);
  CHECK(found.error().advice().starts_with("check the audience and the scope"));
  CHECK(world.service.counters().requests == 2);
  CHECK(other.counters().token_requests == 2);
}

TEST_CASE("credentials: what passes at the identity server is tried again there") {
  two_services world;
  world.options.retry = retry_policy().base_delay(0ms).delay_cap(0ms);
  world.identity.script_token_requests({misbehaviour(fault::status_503),
                                        misbehaviour(fault::reset_in_body),
                                        misbehaviour(fault::truncate_body)});
  CHECK(world.get(world.make_client(), 0).has_value());
  CHECK(world.identity.counters().token_requests == 4);
  CHECK(world.service.counters().requests == 1);
}

TEST_CASE("credentials: an answer that is no token is told as one") {
  for (const fault kind : {fault::html_success, fault::wrong_json, fault::broken_json,
                           fault::garbage, fault::huge_body, fault::redirect}) {
    CAPTURE(to_string(kind));
    two_services world;
    world.identity.script_token_requests({misbehaviour(kind)});
    const auto found = world.get(world.make_client(), 0);
    REQUIRE(!found.has_value());
    CHECK(found.error() == errc::token_refused);
    CHECK(found.error().detail().cause == make_error_condition(condition::bad_response));
    CHECK(found.error().detail().step == phase::token);
    CHECK(found.error().advice().find("the identity server's token endpoint") != std::string::npos);
    CHECK(found.error().message().find("half-a-token") == std::string::npos);
  }
}

TEST_CASE("credentials: one call makes its own number of requests for a token, and no more") {
  two_services world;
  world.options.retry = retry_policy().max_attempts(4).base_delay(0ms).delay_cap(0ms);
  world.identity.script_token_requests(
      std::vector<misbehaviour>(16, misbehaviour(fault::status_503)));
  const auto from = world.make_client();
  std::deque<lookup> together;
  for (std::uint64_t i = 0; i < 10; ++i)
    together.emplace_back(from, world.ref(i));
  run_until(world.context, [&] {
    return std::ranges::all_of(together, [](const lookup& one) { return one.done(); });
  });
  CHECK(world.identity.counters().token_requests == 4);
  for (const lookup& one : together) {
    const failure why = one.why();
    CHECK(why == errc::token_unavailable);
    CHECK(why.detail().step == phase::token);
    CHECK(why.detail().http_status == 503);
    CHECK(why.detail().answered_by == responder::identity_server);
    CHECK(why.detail().stopped == retry_stop::attempts);
    CHECK(why.detail().attempts == 0);
    CHECK(why.message().find(" in 4 attempts") != std::string::npos);
    CHECK(why.advice().find("the identity server is in trouble") != std::string::npos);
  }
  // Who comes in the hold-off and may not wait for its end fails without a request.
  call_options impatient;
  impatient.retry = retry_policy::none();
  CHECK(world.get(from, 0, impatient).error() == errc::token_unavailable);
  CHECK(world.identity.counters().token_requests == 4);
  // And who may, waits for it, and makes his own number of requests.
  CHECK(world.get(from, 0).error() == errc::token_unavailable);
  CHECK(world.identity.counters().token_requests == 8);
  CHECK(world.service.counters().requests == 0);
}

TEST_CASE("credentials: the wait for a token is bounded by the call's deadline, and cancelled") {
  two_services world;
  world.identity.script_token_requests({misbehaviour(fault::hang)});
  const auto from = world.make_client();
  call_options brief;
  brief.deadline = 20ms;
  const auto found = world.get(from, 0, brief);
  REQUIRE(!found.has_value());
  CHECK(found.error().code() == errc::timed_out);
  CHECK(found.error().detail().step == phase::token);
  CHECK(found.error().message().find("the call's deadline is 0.02 s") != std::string::npos);
  lookup other(from, world.ref(1));
  run_until(world.context, [&] { return world.identity.counters().token_requests == 1; });
  other.cancel();
  run_until(world.context, [&] { return other.done(); });
  CHECK(other.why().code() == errc::cancelled);
  CHECK(other.why().detail().step == phase::token);
}

TEST_CASE("credentials: a client that closes waits for no token, and keeps no context busy") {
  two_services world;
  world.identity.script_token_requests({misbehaviour(fault::hang)});
  std::optional<client> from = world.make_client();
  const lookup one(*from, world.ref(0));
  run_until(world.context, [&] { return world.identity.counters().token_requests == 1; });
  SUBCASE("destroyed") { from.reset(); }
  SUBCASE("closed") {
    bool closed = false;
    from->async_close(0ms, [&closed] { closed = true; });
    run_until(world.context, [&] { return closed; });
  }
  run_until(world.context, [&] { return one.done(); });
  CHECK(one.why().code() == errc::client_closed);
}

TEST_CASE("credentials: the end of a context with a token on its way leaves nothing behind") {
  background_service identity(identity_server());
  background_service service;
  std::optional<asio::io_context> context(std::in_place);
  client_options options = options_for(*service);
  options.auth = credentials::client_credentials(asking_at(*identity));
  options.timeouts.token = 2h;
  identity->script_token_requests({misbehaviour(fault::hang)});
  const auto alive = std::make_shared<int>(1);
  {
    std::optional<client> from(std::in_place, context->get_executor(), options);
    from->async_get_image(service->image_at(0).ref, [alive](const result<image>& found) {
      FAIL("it ended: " << found.error());
    });
    // The service is on another thread: what it sees wakes nobody here.
    const auto bound = std::chrono::steady_clock::now() + patience;
    while (identity->counters().token_requests == 0) {
      REQUIRE(std::chrono::steady_clock::now() < bound);
      context->run_one_for(1ms);
    }
    from.reset();
    context.reset();
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("credentials: the end of a client is the end of a request for a token that rests") {
  background_service identity(identity_server());
  background_service service;
  asio::io_context context;
  bool rests = false;
  auto options = options_for(*service);
  options.auth = credentials::client_credentials(asking_at(*identity));
  options.timeouts.token = 2h;
  options.retry = retry_policy().delay_with([&rests](int, auto, const failure&, double) {
    rests = true;
    return retry_policy::duration(1h);
  });
  identity->script_token_requests({misbehaviour(fault::status_503)});
  std::optional<client> from(std::in_place, context.get_executor(), options);
  const lookup one(*from, service->image_at(0).ref);
  run_until(context, [&rests] { return rests; });
  from.reset();
  CHECK(runs_out(context));
  CHECK(one.why().code() == errc::client_closed);
}

TEST_CASE("credentials: no token goes to another origin, or after a redirect") {
  two_services world;
  const auto from = world.make_client();
  world.service.script(world.ref(0), {misbehaviour(fault::redirect)});
  const auto found = world.get(from, 0);
  REQUIRE(!found.has_value());
  CHECK(found.error().code() == errc::redirected);
  CHECK(found.error().message().find("https://elsewhere.invalid/") != std::string::npos);
  CHECK(world.service.counters().requests == 1);
}

TEST_CASE("credentials: neither tokens nor secrets go over plain HTTP") {
  two_services world;
  auto who = world.asking();
  who.url = "http://auth.example/token";
  world.options.auth = credentials::client_credentials(std::move(who));
  try {
    (void)world.make_client();
    FAIL("it was accepted");
  } catch (const failure_error& refused) {
    CHECK(refused.why().detail().reason.starts_with("auth.url must begin with https://"));
  }
  who = world.asking();
  who.tls->ca_file = "/nonexistent/authority.pem";
  world.options.auth = credentials::client_credentials(std::move(who));
  try {
    (void)world.make_client();
    FAIL("it was accepted");
  } catch (const failure_error& refused) {
    CHECK(refused.why().detail().reason.starts_with("auth.tls.ca_file"));
  }
}

/// A file of its own in the folder for such, gone with it.
class token_file {
 public:
  token_file()
      : path_(std::filesystem::temp_directory_path() /
              ("binarly-images-token-" + std::to_string(::getpid()))) {}
  ~token_file() { std::filesystem::remove(path_); }
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  [[nodiscard]] std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST_CASE("credentials: a file is read again when the service refuses what it held") {
  client_fixture world([] {
    fake_service_options served;
    served.token = "second";
    return served;
  }());
  const token_file file;
  file.write("first\n");
  world.options.auth = credentials::token_file(file.path());
  const auto from = world.make_client();
  const auto refused = world.get(from, world.ref(0));
  REQUIRE(!refused.has_value());
  CHECK(refused.error().code() == errc::unauthorized);
  // The service refused it, and says so itself.
  CHECK(refused.error().detail().step == phase::decode);
  CHECK(refused.error().detail().http_status == 401);
  CHECK(refused.error().detail().answered_by == responder::platform);
  CHECK(refused.error().message().find("there is no other") != std::string::npos);
  CHECK(refused.error().message().find("first") == std::string::npos);
  const auto patient = world.make_client();
  file.write("first\n");
  lookup one(patient, world.ref(0));
  world.run_until_requested(2);
  file.write(" second\r\n");
  run_until(world.context, [&one] { return one.done(); });
  CHECK(one.outcome().has_value());
}

TEST_CASE("credentials: a file that cannot be used is named") {
  client_fixture world;
  const token_file file;
  world.options.auth = credentials::token_file(file.path());
  const auto message = [&world] {
    const auto found = world.get(world.make_client(), world.ref(0));
    REQUIRE(!found.has_value());
    CHECK(found.error() == errc::token_refused);
    CHECK(found.error().detail().cause == make_error_code(errc::invalid_argument));
    CHECK(found.error().detail().answered_by == responder::none);
    return found.error().message();
  };
  CHECK(message().find("binarly-images-token-") != std::string::npos);
  file.write("not a token");
  CHECK(message().find("holds a character") != std::string::npos);
  file.write(std::string(64 * 1024 + 1, 'x'));
  CHECK(message().find("larger than 64 KiB") != std::string::npos);
}

TEST_CASE("credentials: a pipe for a token file is refused, and nobody waits for its writer") {
  client_fixture world;
  const token_file file;
  REQUIRE(::mkfifo(file.path().c_str(), 0600) == 0);
  world.options.auth = credentials::token_file(file.path());
  const auto found = world.get(world.make_client(), world.ref(0));
  REQUIRE(!found.has_value());
  CHECK(found.error() == errc::token_refused);
  CHECK(found.error().message().find("is no regular file") != std::string::npos);
}

TEST_CASE("credentials: a file that somebody is writing is tried again") {
  for (const char* unfinished : {"", "\n"}) {
    client_fixture world([] {
      fake_service_options served;
      served.token = "written";
      return served;
    }());
    const token_file file;
    file.write(unfinished);
    world.options.auth = credentials::token_file(file.path());
    world.options.retry = retry_policy().max_attempts(20).base_delay(1ms);
    world.options.on_event = [&file](const event& what) {
      if (std::holds_alternative<token_failed>(what)) file.write("written\n");
    };
    const auto found = world.get(world.make_client(), world.ref(0));
    CAPTURE((found ? "" : found.error().message()));
    CHECK(found.has_value());
  }
}

TEST_CASE("credentials: the user's own provider, on every kind of executor") {
  fake_service_options served;
  served.token = "second";
  background_service service(served);
  on_every_executor([&](const asio::any_io_executor& executor, bool single_threaded) {
    auto options = options_for(*service);
    options.single_threaded = single_threaded;
    const auto asked = std::make_shared<std::vector<bool>>();
    options.auth =
        credentials::provided_by([asked](bool rejected) -> asio::awaitable<result<access_token>> {
          asked->push_back(rejected);
          asio::steady_timer pause(co_await asio::this_coro::executor, 1ms);
          co_await pause.async_wait(asio::use_awaitable);
          co_return access_token(secret(rejected ? "second" : "first"));
        });
    constexpr std::size_t lookups = 150;
    tally sum(lookups);
    std::optional<client> own;
    std::promise<void> begun;
    asio::post(executor, [&] {
      own.emplace(executor, options);
      for (std::uint64_t index = 0; index < lookups; ++index)
        sum.look_up(*own, service->image_at(index).ref);
      begun.set_value();
    });
    begun.get_future().wait();
    CHECK(sum.wait() == lookups);
    CHECK(*asked == std::vector<bool>{false, true});
    std::promise<void> ended;
    asio::post(executor, [&] {
      own.reset();
      ended.set_value();
    });
    ended.get_future().wait();
  });
}

TEST_CASE("credentials: a provider that throws, or takes too long, fails those who wait") {
  client_fixture world;
  SUBCASE("throws") {
    world.options.auth =
        credentials::provided_by([](bool) -> asio::awaitable<result<access_token>> {
          throw std::runtime_error("the vault is shut");
          co_return access_token();
        });
    const auto found = world.get(world.make_client(), world.ref(0));
    REQUIRE(!found.has_value());
    CHECK(found.error() == errc::token_unavailable);
    CHECK(found.error().message().find("the vault is shut") != std::string::npos);
  }
  SUBCASE("hangs") {
    world.options.timeouts.token = 20ms;
    const auto ended = std::make_shared<bool>(false);
    struct at_end {
      std::shared_ptr<bool> ended;
      ~at_end() { *ended = true; }
    };
    world.options.auth =
        credentials::provided_by([ended](bool) -> asio::awaitable<result<access_token>> {
          const at_end guard{ended};
          asio::steady_timer forever(co_await asio::this_coro::executor, 2h);
          co_await forever.async_wait(asio::use_awaitable);
          co_return access_token();
        });
    const auto found = world.get(world.make_client(), world.ref(0));
    REQUIRE(!found.has_value());
    CHECK(found.error() == errc::token_unavailable);
    CHECK(found.error().detail().cause == make_error_code(errc::timed_out));
    CHECK(found.error().message().find("timeouts.token") != std::string::npos);
    run_until(world.context, [&] { return *ended; });
  }
}

TEST_CASE("credentials: a call's name and its own header fields reach the service") {
  two_services world;
  const auto from = world.make_client();
  call_options call;
  call.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  call.headers = {{"X-Tenant", "seven"}};
  call.retry = retry_policy().max_attempts(2).base_delay(0ms).delay_cap(0ms);
  world.service.script(world.ref(0),
                       {misbehaviour(fault::status_500), misbehaviour(fault::forbidden)});
  const auto found = world.get(from, 0, call);
  REQUIRE(!found.has_value());
  const auto heads = world.service.recent_heads();
  REQUIRE(heads.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(heads[i].find("\r\ntraceparent: " + call.traceparent + "\r\n") != std::string::npos);
    CHECK(heads[i].find("\r\nX-Tenant: seven\r\n") != std::string::npos);
    CHECK(heads[i].find("\r\nX-Request-Id: " + found.error().detail().call_id + '-' +
                        std::to_string(i + 1) + "\r\n") != std::string::npos);
  }
  call.headers = {{"Host", "elsewhere"}};
  const auto refused = world.get(from, 0, call);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().code() == errc::invalid_argument);
  CHECK(world.service.counters().requests == 2);
}

}  // namespace
