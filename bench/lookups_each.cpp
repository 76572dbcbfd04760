// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Looks up each upload of a manifest, with `async_get_image` and nothing else: what a bulk run is
// compared with.

#include "lookup.hpp"

#include <binarly/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace binarly;

/// As many as a bulk run has, by default.
constexpr int in_flight = 256;

asio::awaitable<void> look_up(client service, std::ifstream& manifest, call_options options) {
  for (std::string line; std::getline(manifest, line);) {
    const auto comma = line.find(',');
    const auto next = line.find(',', comma + 1);
    const image_ref ref(line.substr(0, comma), line.substr(comma + 1, next - comma - 1));
    const auto found = co_await service.async_get_image(ref, options);
    if (!found) throw failure_error(found.error());
    if (found->id != ref.image_id()) throw std::runtime_error("a wrong answer");
  }
}

}  // namespace

/// BASE_URL CA_FILE MANIFEST [bulk]
int main(int argc, char** argv) try {
  if (argc < 4) throw std::runtime_error("usage: BASE_URL CA_FILE MANIFEST [bulk]");
  client_options options;
  options.base_url = argv[1];
  options.tls.ca_file = argv[2];
  options.auth = credentials::bearer(bench::token());
  options.single_threaded = true;
  call_options call;
  if (argc > 4) {
    // The terms of a bulk run's lookups.
    call.adaptive_limit = true;
    call.join = true;
  }
  std::ifstream manifest(argv[3]);
  std::string header;
  std::getline(manifest, header);
  asio::io_context context(1);
  std::optional<client> service(std::in_place, context.get_executor(), options);
  for (int i = 0; i < in_flight; ++i) {
    asio::co_spawn(context, look_up(*service, manifest, call), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
  }
  service.reset();
  context.run();
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  std::cerr << "lookups_each: " << problem.what() << '\n';
  return EXIT_FAILURE;
}
