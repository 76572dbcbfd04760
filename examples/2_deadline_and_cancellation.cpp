// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// A service that looks up several images at a time: each lookup has a deadline of its own and a
// retry policy, and the whole can be called off.
//
//   BINARLY_API_URL=https://... TOKEN=... 2_deadline_and_cancellation PRODUCT IMAGE CA_FILE

#include <binarly/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

asio::awaitable<void> look_up_twice(binarly::client client, binarly::image_ref ref) {
  using namespace asio::experimental::awaitable_operators;
  binarly::call_options quick;
  quick.deadline = 2s;
  quick.retry = binarly::retry_policy().max_attempts(2).base_delay(50ms);

  const auto [first, second] = co_await (client.async_get_image(ref, quick, asio::use_awaitable) &&
                                         client.async_get_image(ref, quick, asio::use_awaitable));
  std::cout << (first ? first->name : first.error().message()) << '\n'
            << (second ? second->name : second.error().message()) << '\n';
}

void report(binarly::result<binarly::image> image) {
  const bool cancelled = !image && image.error() == binarly::condition::cancelled;
  std::cout << (cancelled ? "called off\n" : "too late to call it off\n");
}

void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 4) {
    std::cerr << "usage: 2_deadline_and_cancellation PRODUCT IMAGE CA_FILE\n";
    return 2;
  }
  binarly::client_options options;
  options.base_url = variable("BINARLY_API_URL");
  options.auth = binarly::credentials::bearer(variable("TOKEN"));
  options.tls.ca_file = arguments[3];

  asio::io_context context;
  asio::cancellation_signal call_off;
  {
    const binarly::client client(context.get_executor(), options);
    const binarly::image_ref ref(arguments[1], arguments[2]);

    // With a callback, and called off: it completes all the same, with condition::cancelled.
    client.async_get_image(ref, asio::bind_cancellation_slot(call_off.slot(), report));
    call_off.emit(asio::cancellation_type::terminal);

    // The coroutine has the last copy of the client: when it ends, idle connections are closed,
    // and run() has nothing left to wait for.
    asio::co_spawn(context, look_up_twice(client, ref), rethrow);
  }
  context.run();
  return 0;
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 2;
}
