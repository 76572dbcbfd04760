// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/client.hpp>
#include <binarly/testing/fake_service.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <future>
#include <iostream>
#include <string>

namespace asio = boost::asio;

namespace {

// Takes the name it looks for, and the client it looks with, by value: both outlive every wait.
asio::awaitable<std::string> name_of(binarly::client client, binarly::image_ref ref) {
  const binarly::result<binarly::image> image = co_await client.async_get_image(ref);
  co_return image.value().name;
}

}  // namespace

int main() {
  asio::io_context context;
  binarly::testing::fake_service_options served;
  served.token = "a-token";
  binarly::testing::fake_service service(context.get_executor(), served);

  binarly::client_options options;
  options.base_url = service.base_url();
  options.auth = binarly::credentials::bearer("a-token");
  options.tls.ca_pem = service.ca_pem();
  const binarly::client client(context.get_executor(), options);

  const binarly::testing::fake_image expected = service.image_at(7);
  auto name = asio::co_spawn(context, name_of(client, expected.ref), asio::use_future);
  while (name.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    context.run_one();

  if (name.get() != expected.name) {
    std::cerr << "the image has another name than the service gave it\n";
    return 1;
  }
}
