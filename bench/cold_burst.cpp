// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Many lookups at once on a client without a connection: when few connections pay, and when many.
//
//   cold_burst PORT CA_FILE LOOKUPS ROUNDS PRODUCT IMAGE VERSION

#include "lookup.hpp"
#include "median.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using milliseconds = std::chrono::duration<double, std::milli>;

struct contender {
  std::string name;
  pool_options pool;
  std::vector<double> opened;
  std::vector<double> processor;  // microseconds for each lookup
  std::vector<double> wall;       // milliseconds for all

  contender(std::string what, std::size_t connections) : name(std::move(what)) {
    pool.max_connections = connections;
  }
};

struct wanted {
  image_ref ref;
  std::string version;
};

void burst(contender& which, const bench::client_arguments& arguments, const wanted& what) {
  client_options options;
  options.base_url = "https://" + std::string(bench::host) + ':' + std::to_string(arguments.port);
  options.tls.ca_file = arguments.ca_file;
  options.pool = which.pool;
  asio::io_context context(1);
  const client service(context.get_executor(), options);

  std::uint64_t left = arguments.count;
  const auto used_before = bench::processor_time();
  const auto begun = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < arguments.count; ++i) {
    service.async_get_image(what.ref, [&](const result<image>& found) {
      if (found.value().id != what.ref.image_id() || found->version != what.version) {
        throw std::runtime_error("a wrong answer");
      }
      --left;
    });
  }
  while (left > 0 && context.run_one() > 0) {
  }
  const milliseconds taken = std::chrono::steady_clock::now() - begun;
  which.wall.push_back(taken.count());
  which.processor.push_back((bench::processor_time() - used_before).count() /
                            static_cast<double>(arguments.count));
  which.opened.push_back(static_cast<double>(service.counters().opened));
}

std::vector<contender> contenders() {
  std::vector<contender> all;
  all.emplace_back("8 at most", 8);
  all.emplace_back("64 at most, as they pay", 64);
  auto& at_once = all.emplace_back("64 at once", 64);
  at_once.pool.prewarm = 64;
  at_once.pool.max_opening = 64;
  return all;
}

}  // namespace

int main(int argc, char** argv) try {
  const bench::client_arguments arguments(argc, argv);
  const int rounds = std::stoi(arguments.words.at(0));
  const wanted what{image_ref(arguments.words.at(1), arguments.words.at(2)), arguments.words.at(3)};
  auto all = contenders();
  for (int round = 0; round < rounds; ++round) {
    for (auto& each : all)
      burst(each, arguments, what);
  }
  std::cout << std::fixed << std::setprecision(1) << std::left << std::setw(26) << "connections"
            << std::right << std::setw(12) << "opened" << std::setw(16) << "CPU us/lookup"
            << std::setw(12) << "all, in ms" << '\n';
  for (const auto& each : all) {
    std::cout << std::left << std::setw(26) << each.name << std::right << std::setprecision(0)
              << std::setw(12) << bench::median(each.opened) << std::setprecision(1)
              << std::setw(16) << bench::median(each.processor) << std::setprecision(0)
              << std::setw(12) << bench::median(each.wall) << '\n';
  }
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  std::cerr << "cold_burst: " << problem.what() << '\n';
  return EXIT_FAILURE;
}
