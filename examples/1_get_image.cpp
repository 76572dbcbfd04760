// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Looks up one image from a coroutine:
//
//   BINARLY_API_URL=https://... TOKEN=... 1_get_image PRODUCT IMAGE [CA_FILE]

#include <binarly/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;

namespace {

// What a coroutine needs, it takes by value: references could end before it does.
asio::awaitable<int> show(binarly::client client, binarly::image_ref ref) {
  const auto image = co_await client.async_get_image(ref);  // a value, or the reason for none
  if (!image) {
    std::cerr << image.error() << '\n';
    co_return image.error() == binarly::condition::not_found ? 1 : 3;
  }
  std::cout << image->name << ' ' << image->version << ", uploaded " << image->create_time.text
            << " by " << image->author.display_name() << '\n';
  co_return 0;
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 3) {
    std::cerr << "usage: 1_get_image PRODUCT IMAGE [CA_FILE]\n";
    return 2;
  }
  binarly::client_options options;
  options.base_url = variable("BINARLY_API_URL");
  options.auth = binarly::credentials::bearer(variable("TOKEN"));
  if (count > 3) options.tls.ca_file = arguments[3];

  asio::io_context context;
  auto exit_code = asio::co_spawn(context,
                                  show(binarly::client(context.get_executor(), options),
                                       binarly::image_ref(arguments[1], arguments[2])),
                                  asio::use_future);
  context.run();
  return exit_code.get();
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 2;
}
