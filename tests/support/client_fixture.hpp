// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_CLIENT_FIXTURE_HPP
#define BINARLY_TESTS_SUPPORT_CLIENT_FIXTURE_HPP

#include "support/patience.hpp"
#include "support/run_task.hpp"

#include <binarly/client.hpp>
#include <binarly/testing/fake_service.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace binarly::testing {

/// The token that the clients of these tests show; no failure may repeat it.
constexpr const char* client_token = "t0ken-of.the_tests";

/// One attempt, trust in this authority alone, and every wait so long that only a broken test comes
/// to its end.
inline client_options options_for(std::string base_url, const std::string& ca_pem) {
  client_options options;
  options.base_url = std::move(base_url);
  options.auth = credentials::bearer(client_token);
  options.tls.system_authorities = false;
  options.tls.ca_pem = ca_pem;
  auto& bounds = options.timeouts;
  for (auto* const each : {&bounds.deadline, &bounds.attempt, &bounds.acquire, &bounds.resolve,
                           &bounds.connect, &bounds.proxy, &bounds.handshake, &bounds.write,
                           &bounds.first_byte, &bounds.between_bytes}) {
    *each = std::chrono::hours(2);
  }
  options.pool.idle_timeout = std::chrono::hours(1);
  options.retry = retry_policy::none();
  return options;
}

inline client_options options_for(const fake_service& service) {
  return options_for(service.base_url(), service.ca_pem());
}

/// Runs the context until the condition holds; throws when it never does.
template <class Condition>
void run_until(boost::asio::io_context& context, Condition condition) {
  const auto bound = std::chrono::steady_clock::now() + patience;
  context.restart();
  while (!condition()) {
    if (context.run_one_until(bound) == 0) throw std::runtime_error("it does not come to pass");
  }
}

/// Runs the context until another thread, as the case may be, has fulfilled the promise.
template <class T>
T await_future(boost::asio::io_context& context, std::future<T> future) {
  const auto bound = std::chrono::steady_clock::now() + patience;
  while (future.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (std::chrono::steady_clock::now() > bound) throw std::runtime_error("a broken promise");
    context.restart();
    context.run_one_for(std::chrono::milliseconds(1));
  }
  return future.get();
}

/// Runs the context until it has nothing left to do; false when that does not come.
[[nodiscard]] inline bool runs_out(boost::asio::io_context& context) {
  context.restart();
  context.run_for(patience);
  return context.stopped();
}

/// A lookup with a handler that counts how often it is called, and with a signal to cancel it. It
/// must outlive its completion.
class lookup {
 public:
  lookup(const client& from, image_ref ref, call_options options = call_options()) {
    from.async_get_image(
        std::move(ref), std::move(options),
        boost::asio::bind_cancellation_slot(signal_.slot(), [this](result<image> outcome) {
          ++completions_;
          outcome_ = std::move(outcome);
        }));
  }
  lookup(const lookup&) = delete;
  lookup& operator=(const lookup&) = delete;

  void cancel(boost::asio::cancellation_type type = boost::asio::cancellation_type::terminal) {
    signal_.emit(type);
  }
  [[nodiscard]] bool done() const noexcept { return completions_ > 0; }
  [[nodiscard]] int completions() const noexcept { return completions_; }
  /// It must be done.
  [[nodiscard]] const result<image>& outcome() const { return outcome_.value(); }
  [[nodiscard]] failure why() const { return outcome_.value().error(); }

 private:
  boost::asio::cancellation_signal signal_;
  int completions_ = 0;
  std::optional<result<image>> outcome_;
};

/// A service and whatever clients a test makes, all on one context that the test runs.
struct client_fixture {
  explicit client_fixture(const fake_service_options& served = fake_service_options())
      : service(context.get_executor(), served), options(options_for(service)) {}

  [[nodiscard]] client make_client() { return client(context.get_executor(), options); }
  [[nodiscard]] image_ref ref(std::uint64_t index) const { return service.image_at(index).ref; }

  result<image> get(const client& from, const image_ref& which,
                    const call_options& call = call_options()) {
    const lookup one(from, which, call);
    run_until(context, [&one] { return one.done(); });
    return one.outcome();
  }
  /// Until that many requests have reached the service.
  void run_until_requested(std::uint64_t requests) {
    run_until(context, [&] { return service.counters().requests >= requests; });
  }
  /// Lets everything happen that can without time passing.
  void settle() {
    context.restart();
    while (context.poll() != 0) {
    }
  }

  boost::asio::io_context context;
  fake_service service;
  client_options options;
};

/// A service with a context and a thread of its own.
class background_service {
 public:
  explicit background_service(const fake_service_options& served = fake_service_options())
      : service_(context_.get_executor(), served), thread_([this] { context_.run(); }) {}
  ~background_service() {
    context_.stop();
    thread_.join();
  }
  background_service(const background_service&) = delete;
  background_service& operator=(const background_service&) = delete;

  fake_service* operator->() noexcept { return &service_; }
  fake_service& operator*() noexcept { return service_; }

 private:
  boost::asio::io_context context_;
  fake_service service_;
  std::thread thread_;
};

}  // namespace binarly::testing

#endif
