// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Verifies many uploads: the fake service plays the platform, and misbehaves a little.
//
//   3_verify_many

#include <binarly/testing/fake_service.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t uploads = 500;

asio::awaitable<void> verify(binarly::client client,
                             const binarly::testing::fake_service& service) {
  // The source is asked for one expectation at a time, and is never far ahead of the sink.
  binarly::verification_source source(
      [&service, next = std::uint64_t{0}]() mutable -> std::optional<binarly::expectation> {
        if (next == uploads) return std::nullopt;
        const auto upload = service.image_at(next++);
        binarly::expectation expected(upload.ref);
        expected.version = upload.version;
        return expected;
      });
  binarly::verification_sink sink([](binarly::verification done) {
    if (done.verdict == binarly::verdict::verified) return;
    std::cout << done.expectation.ref << ' ' << to_string(done.verdict) << ' ' << done.failure
              << '\n';
  });
  const auto summary =
      co_await binarly::async_verify_images(client, std::move(source), std::move(sink));
  std::cout << summary.count(binarly::verdict::verified) << " of " << summary.total()
            << " uploads verified\n";
}

void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

int main() try {
  asio::io_context context;
  binarly::testing::fake_service_options served;
  served.images = uploads;
  served.faults = {binarly::testing::misbehaviour(binarly::testing::fault::reset_before, 0.05),
                   binarly::testing::misbehaviour(binarly::testing::fault::status_503, 0.05)};
  std::optional<binarly::testing::fake_service> service(std::in_place, context.get_executor(),
                                                        served);
  binarly::client_options options;
  options.base_url = service->base_url();
  options.tls.ca_pem = service->ca_pem();
  options.retry.base_delay(std::chrono::milliseconds(10)).max_attempts(8);

  asio::co_spawn(context, verify(binarly::client(context.get_executor(), options), *service),
                 [&service](std::exception_ptr thrown) {
                   service.reset();  // it would listen for ever
                   rethrow(thrown);
                 });
  context.run();
  return 0;
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 1;
}
