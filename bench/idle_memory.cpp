// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What an idle connection of a client costs in memory: opens many, and sees how the process grows.
//
//   idle_memory PORT CA_FILE CONNECTIONS

#include "lookup.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <malloc.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
using namespace binarly;

double resident_kib() {
  std::ifstream file("/proc/self/statm");
  double all = 0;
  double resident = 0;
  if (!(file >> all >> resident)) throw std::runtime_error("cannot read /proc/self/statm");
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

client_options options_for(const bench::client_arguments& arguments) {
  client_options options;
  options.base_url = "https://" + std::string(bench::host) + ':' + std::to_string(arguments.port);
  options.tls.ca_file = arguments.ca_file;
  return options;
}

}  // namespace

int main(int argc, char** argv) try {
  const bench::client_arguments arguments(argc, argv);
  asio::io_context context(1);
  const auto run_until = [&context](const auto& done) {
    while (!done()) {
      if (context.run_one_for(std::chrono::seconds(30)) == 0) {
        throw std::runtime_error("the server does not answer");
      }
    }
  };

  // What everything needs once is paid before the first look.
  const client one(context.get_executor(), options_for(arguments));
  bool answered = false;
  one.async_get_image(image_ref(bench::product, bench::image), [&](const result<image>& found) {
    bench::check(found.value().id, found.value().version);
    answered = true;
  });
  run_until([&] { return answered; });

  auto options = options_for(arguments);
  options.pool.max_connections = arguments.count;
  options.pool.prewarm = arguments.count;
  const client many(context.get_executor(), options);
  ::malloc_trim(0);  // what is free already would hide what is needed
  const double memory_before = resident_kib();
  const auto time_before = bench::processor_time();
  run_until([&] { return many.counters().idle == arguments.count; });
  const auto each = static_cast<double>(arguments.count);
  std::cout << std::fixed << std::setprecision(0) << arguments.count
            << " idle connections: " << (resident_kib() - memory_before) / each
            << " KiB each; opening one took "
            << (bench::processor_time() - time_before).count() / each << " us of CPU\n";
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  std::cerr << "idle_memory: " << problem.what() << '\n';
  return EXIT_FAILURE;
}
