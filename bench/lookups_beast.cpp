// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The macro bench's client on Beast alone, as its manual has it: one coroutine for each connection,
// no pool, no deadlines, no retries.
//
//   lookups_beast PORT CA_FILE LOOKUPS

#include "lookup.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/json/parse.hpp>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using asio::use_awaitable;
using namespace binarly;

asio::awaitable<void> look_up(asio::ssl::context& tls, std::uint16_t port, std::uint64_t& left) {
  beast::ssl_stream<beast::tcp_stream> stream(co_await asio::this_coro::executor, tls);
  stream.set_verify_mode(asio::ssl::verify_peer);
  stream.set_verify_callback(asio::ssl::host_name_verification(bench::host));
  const asio::ip::tcp::endpoint where(asio::ip::make_address(bench::host), port);
  co_await stream.next_layer().async_connect(where, use_awaitable);
  stream.next_layer().socket().set_option(asio::ip::tcp::no_delay(true));
  co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);

  http::request<http::empty_body> request(http::verb::get, bench::target(), 11);
  request.set(http::field::host, bench::host);
  request.set(http::field::accept, "application/json");
  request.set(http::field::user_agent, "lookups_beast");
  request.set(http::field::authorization, "Bearer " + bench::token());
  beast::flat_buffer buffer;
  while (left > 0) {
    --left;
    co_await http::async_write(stream, request, use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(stream, buffer, response, use_awaitable);
    if (response.result() != http::status::ok) {
      throw std::runtime_error("status " + std::to_string(response.result_int()));
    }
    const json::value found = json::parse(response.body());
    bench::check(found.at("id").as_string(), found.at("version").as_string());
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const bench::client_arguments arguments(argc, argv);
  asio::io_context context(1);
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.load_verify_file(arguments.ca_file);
  std::uint64_t left = arguments.count;
  for (std::size_t i = 0; i < bench::connections; ++i) {
    asio::co_spawn(context, look_up(tls, arguments.port, left), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
  }
  context.run();
  std::cout << bench::connections << '\n';
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  std::cerr << "lookups_beast: " << problem.what() << '\n';
  return EXIT_FAILURE;
}
