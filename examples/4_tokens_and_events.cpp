// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// A service that runs for weeks: it gets its tokens itself, keeps to a rate, tells what happens and
// counts it. The fake service plays the platform and its identity server.
//
//   4_tokens_and_events

#include <binarly/client.hpp>
#include <binarly/credentials.hpp>
#include <binarly/event.hpp>
#include <binarly/metrics.hpp>
#include <binarly/testing/fake_service.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <utility>
#include <variant>

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t uploads = 20;

asio::awaitable<void> look_up(binarly::client client,
                              const binarly::testing::fake_service& service) {
  for (std::uint64_t i = 0; i < uploads; ++i) {
    const auto image = co_await client.async_get_image(service.image_at(i).ref);
    if (!image) std::cout << image.error() << '\n';
  }
}

void tell(const binarly::event& what) {
  if (const auto* const token = std::get_if<binarly::token_renewed>(&what)) {
    std::cout << "got a token";
    if (token->lifetime) std::cout << " for " << token->lifetime->count() << " s";
    std::cout << '\n';
  } else if (const auto* const retry = std::get_if<binarly::retry_scheduled>(&what)) {
    std::cout << "tried again after " << retry->why.message() << '\n';
  }
}

binarly::testing::fake_service_options served() {
  binarly::testing::fake_service_options options;
  options.images = uploads;
  options.identity.client_id = "pipeline";
  options.identity.client_secret = "for the example alone";
  options.identity.uses_per_token = 12;  // instead of a wait for its end
  return options;
}

}  // namespace

int main() try {
  asio::io_context context;
  std::optional<binarly::testing::fake_service> service(std::in_place, context.get_executor(),
                                                        served());
  service->script(service->image_at(3).ref,
                  {binarly::testing::misbehaviour(binarly::testing::fault::status_503)});

  binarly::client_credentials_options who;
  who.url = service->token_url();
  who.client_id = "pipeline";
  who.client_secret = binarly::secret("for the example alone");

  const binarly::metrics counted;
  binarly::client_options options;
  options.base_url = service->base_url();
  options.tls.ca_pem = service->ca_pem();
  options.auth = binarly::credentials::client_credentials(std::move(who));
  options.retry.base_delay(10ms);
  options.rate.per_second = 1000;
  options.on_event = [count = counted.listener()](const binarly::event& what) {
    count(what);
    tell(what);
  };

  asio::co_spawn(context, look_up(binarly::client(context.get_executor(), options), *service),
                 [&service](std::exception_ptr thrown) {
                   service.reset();  // it would listen for ever
                   if (thrown) std::rethrow_exception(thrown);
                 });
  context.run();

  const auto seen = counted.snapshot();
  std::cout << seen.calls.at(binarly::errc{}) << " of " << uploads << " found, with "
            << seen.attempt_latency.count() << " attempts and " << seen.tokens_renewed
            << " tokens\n";
  return 0;
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 1;
}
