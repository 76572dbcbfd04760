// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The macro bench's client of this library: one coroutine for each lookup in flight, options left
// at their defaults. Prints how many connections it came to.
//
//   lookups_ours PORT CA_FILE LOOKUPS [WORD...]
//
// Words: all-connections, single-threaded, adaptive-limit, listener, metrics.

#include "lookup.hpp"

#include <binarly/client.hpp>
#include <binarly/event.hpp>
#include <binarly/metrics.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace binarly;

constexpr std::uint64_t in_flight = 512;

struct progress {
  std::uint64_t left = 0;
  std::uint64_t running = 0;
  std::uint64_t opened = 0;
};

asio::awaitable<void> look_up(client service, progress& all) {
  const image_ref ref(bench::product, bench::image);
  while (all.left > 0) {
    --all.left;
    const auto found = co_await service.async_get_image(ref);
    if (!found) throw failure_error(found.error());
    bench::check(found->id, found->version);
  }
  if (--all.running == 0) all.opened = service.counters().opened;
}

client_options options_for(const bench::client_arguments& arguments) {
  client_options options;
  options.base_url = "https://" + std::string(bench::host) + ':' + std::to_string(arguments.port);
  options.auth = credentials::bearer(bench::token());
  options.tls.ca_file = arguments.ca_file;
  if (arguments.told("all-connections")) options.pool.prewarm = options.pool.max_connections;
  options.single_threaded = arguments.told("single-threaded");
  options.concurrency.single_calls = arguments.told("adaptive-limit");
  if (arguments.told("listener")) options.on_event = [](const event&) {};
  if (arguments.told("metrics")) options.on_event = metrics().listener();
  return options;
}

}  // namespace

int main(int argc, char** argv) try {
  const bench::client_arguments arguments(argc, argv);
  asio::io_context context(1);
  std::optional<client> service(std::in_place, context.get_executor(), options_for(arguments));
  progress all;
  all.left = arguments.count;
  all.running = std::min(in_flight, arguments.count);
  for (auto i = all.running; i > 0; --i) {
    asio::co_spawn(context, look_up(*service, all), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
  }
  service.reset();
  context.run();
  std::cout << all.opened << '\n';
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  std::cerr << "lookups_ours: " << problem.what() << '\n';
  return EXIT_FAILURE;
}
