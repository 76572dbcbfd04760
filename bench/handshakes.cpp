// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What making a connection costs: one lookup on each of many, one after the other. Prints the CPU
// time for each connection but the first, in microseconds, and how many of them were resumed.
//
//   handshakes PORT CA_FILE CONNECTIONS

#include "lookup.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace binarly;

client_options options_for(const bench::client_arguments& arguments) {
  client_options options;
  options.base_url = arguments.told("plain") ? "http://" : "https://";
  options.base_url += std::string(bench::host) + ':' + std::to_string(arguments.port);
  options.plain_http_on_loopback = true;
  options.tls.ca_file = arguments.ca_file;
  options.pool.idle_timeout = std::chrono::milliseconds(0);
  options.single_threaded = true;
  return options;
}

}  // namespace

int main(int argc, char** argv) try {
  const bench::client_arguments arguments(argc, argv);
  asio::io_context context(1);
  const client service(context.get_executor(), options_for(arguments));
  const auto look_up = [&] {
    bool answered = false;
    service.async_get_image(image_ref(bench::product, bench::image),
                            [&answered](const result<image>& found) {
                              bench::check(found.value().id, found.value().version);
                              answered = true;
                            });
    while (!answered || service.counters().open > 0) {
      if (context.run_one_for(std::chrono::seconds(30)) == 0) {
        throw std::runtime_error("the server does not answer");
      }
    }
  };
  look_up();
  const auto before = bench::processor_time();
  for (std::uint64_t i = 0; i < arguments.count; ++i)
    look_up();
  const auto used = bench::processor_time() - before;
  std::cout << used.count() / static_cast<double>(arguments.count) << ' '
            << service.counters().resumed << '\n';
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  std::cerr << "handshakes: " << problem.what() << '\n';
  return EXIT_FAILURE;
}
