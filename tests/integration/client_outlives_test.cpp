// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// A client, or a copy of it in a handler, that outlives its execution context. The address
// sanitizer watches.

#include "support/client_fixture.hpp"
#include "support/mortal_context.hpp"
#include "support/patience.hpp"
#include "support/process.hpp"

#include <binarly/client.hpp>
#include <binarly/credentials.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/system_context.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

/// What a handler holds; it is destroyed with the handler.
using held_by_handler = std::shared_ptr<int>;

/// What a client is in the middle of.
struct situation {
  const char* what;
  bool asks_for_tokens;
  /// Before the client is made.
  void (*prepare)(fake_service& service, client_options& options);
  /// Handlers own copies of the client, and of `held`. Returns once it has come to pass.
  void (*begin)(mortal_context& context, fake_service& service, const client& own,
                const held_by_handler& held);
};

void hang(fake_service& service, client_options&) {
  service.script(service.image_at(1).ref, {misbehaviour(fault::hang)});
}

void look_up(const client& own, const image_ref& ref, const held_by_handler& held) {
  own.async_get_image(ref, [own, held](const result<image>&) { ++*held; });
}

asio::awaitable<result<access_token>> wait_for_ever(bool) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer never(executor, 1h);
  co_await never.async_wait(asio::use_awaitable);
  co_return failure(errc::invalid_argument, "never");
}

const std::vector<situation> situations{
    {"it was never used", false, [](fake_service&, client_options&) {},
     [](mortal_context&, fake_service&, const client&, const held_by_handler&) {}},
    {"it is idle", false, [](fake_service&, client_options&) {},
     [](mortal_context& context, fake_service& service, const client& own, const held_by_handler&) {
       const auto done = std::make_shared<std::atomic<bool>>(false);
       own.async_get_image(service.image_at(0).ref,
                           [done](const result<image>& found) { *done = found.has_value(); });
       context.run_until([&] { return *done && own.counters().idle == 1; });
     }},
    {"a call is in flight", false, &hang,
     [](mortal_context& context, fake_service& service, const client& own,
        const held_by_handler& held) {
       look_up(own, service.image_at(1).ref, held);
       context.run_until([&] { return service.counters().requests == 1; });
     }},
    {"joined calls are in flight", false, &hang,
     [](mortal_context& context, fake_service& service, const client& own,
        const held_by_handler& held) {
       call_options joined;
       joined.join = true;
       for (int each = 0; each < 2; ++each) {
         own.async_get_image(service.image_at(1).ref, joined,
                             [own, held](const result<image>&) { ++*held; });
       }
       context.run_until([&] { return service.counters().requests == 1; });
     }},
    {"a bulk run is in flight", false, &hang,
     [](mortal_context& context, fake_service& service, const client& own,
        const held_by_handler& held) {
       async_verify_images(
           own, std::vector<image_ref>{service.image_at(1).ref},
           [own, held](const verification&) { ++*held; }, {},
           [held](const std::exception_ptr&, const verify_summary&) { ++*held; });
       context.run_until([&] { return service.counters().requests == 1; });
     }},
    {"a run waits for an upload", false, [](fake_service&, client_options&) {},
     [](mortal_context& context, fake_service& service, const client& own,
        const held_by_handler& held) {
       expectation absent(image_ref("product", "image"));
       absent.wait = 1h;
       async_verify_images(
           own, std::vector<expectation>{absent}, [own, held](const verification&) { ++*held; }, {},
           [held](const std::exception_ptr&, const verify_summary&) { ++*held; });
       context.run_until([&] { return service.counters().requests >= 1; });
     }},
    {"it is being closed", false, &hang,
     [](mortal_context& context, fake_service& service, const client& own,
        const held_by_handler& held) {
       look_up(own, service.image_at(1).ref, held);
       context.run_until([&] { return service.counters().requests == 1; });
       own.async_close(1h, [own, held] { ++*held; });
       // It comes behind the wish to close.
       const auto refused = std::make_shared<std::atomic<bool>>(false);
       own.async_get_image(service.image_at(2).ref, [refused](const result<image>& found) {
         *refused = !found && found.error() == errc::client_closed;
       });
       context.run_until([&] { return refused->load(); });
     }},
    {"a token is asked for", true,
     [](fake_service& service, client_options& options) {
       client_credentials_options who;
       who.url = service.token_url();
       who.client_id = "robot";
       who.client_secret = secret("hush");
       options.auth = credentials::client_credentials(std::move(who));
       service.script_token_requests({misbehaviour(fault::hang)});
     },
     [](mortal_context& context, fake_service& service, const client& own,
        const held_by_handler& held) {
       look_up(own, service.image_at(1).ref, held);
       context.run_until([&] { return service.counters().token_requests == 1; });
     }},
    {"a token is provided", false,
     [](fake_service&, client_options& options) {
       options.auth = credentials::provided_by(&wait_for_ever);
     },
     [](mortal_context& context, fake_service& service, const client& own,
        const held_by_handler& held) {
       look_up(own, service.image_at(1).ref, held);
       for (int turn = 0; turn < 10; ++turn)
         context.advance();
     }},
    {"it waits for its next attempt", false,
     [](fake_service& service, client_options& options) {
       service.script(service.image_at(1).ref, {misbehaviour(fault::status_503)});
       options.retry = retry_policy().delay_with(
           [](int, auto, const failure&, double) { return retry_policy::duration(1h); });
     },
     [](mortal_context& context, fake_service& service, const client& own,
        const held_by_handler& held) {
       look_up(own, service.image_at(1).ref, held);
       context.run_until([&] { return own.counters().idle == 1; });
     }},
};

/// All that can be done with a client, once its context has ended.
void use(const client& left, const image_ref& ref) {
  const auto held = std::make_shared<int>(0);
  left.async_get_image(ref, [held](const result<image>&) { ++*held; });
  left.async_find_hashes(ref, [held](const result<image_hashes>&) { ++*held; });
  left.async_list_scans(ref, [held](const result<std::vector<scan>>&) { ++*held; });
  left.async_close(1s, [held] { ++*held; });
  async_verify_images(
      left, std::vector<image_ref>{ref}, [held](const verification&) { ++*held; }, {},
      [held](const std::exception_ptr&, const verify_summary&) { ++*held; });
  CHECK(held.use_count() == 1);
  CHECK(*held == 0);
  CHECK_THROWS_AS(left.async_get_image(ref, asio::use_future).get(), std::future_error);
  CHECK(!left.get_executor());
  const auto counted = left.counters();
  CHECK(counted.open == 0);
  CHECK(counted.opening == 0);
  CHECK(counted.waiting == 0);
  const client copy(left);
  CHECK(copy.counters().idle == 0);
}

fake_service_options with_identity() {
  fake_service_options served;
  served.identity.client_id = "robot";
  served.identity.client_secret = "hush";
  return served;
}

/// Runs the test for every kind of context, each with a client in every situation.
template <class Test>
void in_every_situation(const Test& test) {
  for (const auto& kind : mortal_kinds()) {
    CAPTURE(kind.what);
    for (const auto& now : situations) {
      CAPTURE(now.what);
      background_service service(now.asks_for_tokens ? with_identity() : fake_service_options());
      auto settings = options_for(*service);
      settings.single_threaded = kind.single_threaded;
      now.prepare(*service, settings);
      const auto context = kind.make();
      test(*context, *service, settings, now);
    }
  }
}

}  // namespace

TEST_CASE("client: it may outlive its context, whatever it was doing") {
  in_every_situation([](mortal_context& context, fake_service& service,
                        const client_options& options, const situation& now) {
    std::optional<client> own(std::in_place, context.executor(), options);
    auto held = std::make_shared<int>(0);
    now.begin(context, service, *own, held);
    context.stop();
    const client copy(*own);
    context.end();
    // Whatever was in flight is gone with the context, and was not called.
    CHECK(held.use_count() == 1);
    CHECK(*held == 0);
    use(*own, service.image_at(1).ref);
    own.reset();
    use(copy, service.image_at(1).ref);
  });
}

TEST_CASE("client: its last copies may be those in the handlers that its context destroys") {
  in_every_situation([](mortal_context& context, fake_service& service,
                        const client_options& options, const situation& now) {
    auto held = std::make_shared<int>(0);
    {
      const client own(context.executor(), options);
      now.begin(context, service, own, held);
      context.stop();
    }
    context.end();
    CHECK(held.use_count() == 1);
    CHECK(*held == 0);
  });
}

TEST_CASE("client: a context may end while events wait for their listener") {
  for (const auto& kind : mortal_kinds()) {
    CAPTURE(kind.what);
    background_service service;
    auto options = options_for(*service);
    options.single_threaded = kind.single_threaded;
    const auto context = kind.make();
    std::atomic<int> heard = 0;
    // After the first batch nothing is run any more, and what follows stays in the queue.
    options.on_event = [&heard, &context](const event&) {
      ++heard;
      context->stop();
    };
    const client own(context->executor(), options);
    look_up(own, service->image_at(1).ref, std::make_shared<int>(0));
    context->run_until([&heard] { return heard > 0; });
    context->end();
    const int before = heard;
    use(own, service->image_at(1).ref);
    CHECK(heard == before);
  }
}

TEST_CASE("client: a resolver may answer after the context has ended") {
  for (const auto& kind : mortal_kinds()) {
    CAPTURE(kind.what);
    for (const bool answers : {true, false}) {
      background_service service;
      auto options = options_for(*service);
      options.single_threaded = kind.single_threaded;
      std::promise<asio::any_completion_handler<void(error_code, std::vector<asio::ip::address>)>>
          asked;
      options.resolver = [&asked](const std::string&, auto done) {
        asked.set_value(std::move(done));
      };
      const auto context = kind.make();
      const client own(context->executor(), options);
      auto held = std::make_shared<int>(0);
      look_up(own, service->image_at(1).ref, held);
      auto question = asked.get_future();
      context->run_until(
          [&question] { return question.wait_for(0s) == std::future_status::ready; });
      context->stop();
      context->end();
      CHECK(held.use_count() == 1);
      auto done = question.get();
      const std::vector<asio::ip::address> found{asio::ip::address_v4::loopback()};
      if (answers) std::move(done)(error_code(), found);
      use(own, service->image_at(1).ref);
    }
  }
}

TEST_CASE("client: a handler on its way to another context is called there, or goes with it") {
  for (const auto& kind : mortal_kinds()) {
    CAPTURE(kind.what);
    for (const bool called : {true, false}) {
      background_service service;
      auto options = options_for(*service);
      options.single_threaded = kind.single_threaded;
      std::optional<asio::io_context> elsewhere(std::in_place);
      const auto context = kind.make();
      std::optional<client> own(std::in_place, context->executor(), options);
      auto held = std::make_shared<int>(0);
      asio::cancellation_signal lookup_signal;
      own->async_get_image(
          service->image_at(1).ref,
          asio::bind_executor(*elsewhere, asio::bind_cancellation_slot(
                                              lookup_signal.slot(),
                                              [held, copy = *own](const result<image>& found) {
                                                if (found) ++*held;
                                              })));
      context->run_until([&] { return service->counters().requests == 1; });
      own->async_close(1h, asio::bind_executor(*elsewhere, [held, copy = *own] { ++*held; }));
      // Both handlers are on their way then.
      context->run_out();
      own.reset();
      context->end();
      CHECK(*held == 0);
      lookup_signal.emit(asio::cancellation_type::terminal);
      if (called) {
        elsewhere->poll();
        CHECK(*held == 2);
      }
      elsewhere.reset();
      CHECK(held.use_count() == 1);
    }
  }
}

TEST_CASE("client: a run's handler may be called once the client's context has ended") {
  background_service service;
  asio::io_context elsewhere;
  const auto context = mortal_kinds().front().make();
  std::optional<client> own(std::in_place, context->executor(), options_for(*service));
  asio::cancellation_signal signal;
  int called = 0;
  std::atomic<int> delivered = 0;
  // The run itself lives on the handler's executor.
  async_verify_images(
      *own, std::vector<image_ref>{service->image_at(1).ref},
      [&delivered](const verification&) { ++delivered; }, {},
      asio::bind_executor(elsewhere, asio::bind_cancellation_slot(
                                         signal.slot(), [&called](const std::exception_ptr& thrown,
                                                                  const verify_summary& summary) {
                                           CHECK(!thrown);
                                           CHECK(summary.total() == 1);
                                           ++called;
                                         })));
  context->run_until([&] {
    elsewhere.restart();
    while (delivered == 0 && elsewhere.poll_one() != 0) {
    }
    return delivered == 1;
  });
  own.reset();
  context->end();
  signal.emit(asio::cancellation_type::partial);
  elsewhere.restart();
  elsewhere.run_for(patience);
  CHECK(called == 1);
}

TEST_CASE("fake service: it may outlive its context, and goes on telling what it knows") {
  for (const auto& kind : mortal_kinds()) {
    CAPTURE(kind.what);
    const auto context = kind.make();
    fake_service service(context->executor(), with_identity());
    const auto options = options_for(service);
    const client own(context->executor(), options);
    service.script(service.image_at(1).ref, {misbehaviour(fault::hang)});
    look_up(own, service.image_at(1).ref, std::make_shared<int>(0));
    context->run_until([&] { return service.counters().requests == 1; });
    context->stop();
    context->end();
    CHECK(service.counters().requests == 1);
    CHECK(service.counters().open_connections == 0);
    CHECK(service.base_url() == options.base_url);
    CHECK(service.ca_pem() == options.tls.ca_pem);
    service.reset_connections();
    service.revoke_tokens();
    service.script(service.image_at(1).ref, {});
  }
}

TEST_CASE("client: a thread pool that was stopped, or has nobody left to run it") {
  background_service service;
  asio::thread_pool pool(2);
  const client own(pool.get_executor(), options_for(*service));
  auto held = std::make_shared<int>(0);
  SUBCASE("stopped") { pool.stop(); }
  SUBCASE("joined") {}
  pool.join();
  look_up(own, service->image_at(1).ref, held);
  own.async_close(1s, [held] { ++*held; });
  CHECK(held.use_count() > 1);
  CHECK(*held == 0);
}

namespace {

/// Destroyed after everything else that lives as long as the process: after the system's pool, too.
struct survivor {
  ~survivor() {
    if (!own) return;
    auto held = std::make_shared<int>(0);
    own->async_get_image(image_ref("product", "image"), [held](const result<image>&) { ++*held; });
    (void)own->counters();
    const bool right = held.use_count() == 1 && !own->get_executor();
    own.reset();
    ::_exit(right ? 42 : 43);
  }
  std::optional<client> own;
};
[[gnu::init_priority(101)]] survivor last_of_all;

}  // namespace

// Run by the next one, in a process of its own, since there is only one such pool in a process.
TEST_CASE("client: the last of a process" * doctest::skip()) {
  asio::io_context servers;
  asio::ip::tcp::acceptor silent(servers, {asio::ip::address_v4::loopback(), 0});
  // Without TLS: OpenSSL has come to its end, too, when the last of the process goes.
  auto options =
      options_for("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()), "");
  options.plain_http_on_loopback = true;
  last_of_all.own.emplace(asio::system_executor(), options);
  last_of_all.own->async_get_image(image_ref("product", "image"),
                                   [copy = *last_of_all.own](const result<image>&) {});
  const auto accepted = silent.accept();
  auto& pool = static_cast<asio::system_context&>(
      asio::query(asio::system_executor(), asio::execution::context));
  pool.stop();
  pool.join();
  last_of_all.own->async_get_image(image_ref("product", "image"), [](const result<image>&) {});
}

TEST_CASE("client: it may outlive the system's thread pool, which ends with the process") {
  child_process last({"/proc/self/exe", "-tc=client: the last of a process", "--no-skip"});
  const int status = last.wait();
  INFO(last.output() << last.errors());
  CHECK(status == 42);
}
