// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_SERVICE_FIXTURE_HPP
#define BINARLY_TESTS_SUPPORT_SERVICE_FIXTURE_HPP

#include "support/run_task.hpp"
#include "support/wire_client.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace binarly::testing {

inline fake_service_options plain_options() {
  fake_service_options options;
  options.plain_http = true;
  return options;
}

inline std::string get_request(const std::string& target, const std::string& headers = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

inline std::string get_request(const image_ref& ref, const std::string& headers = {}) {
  return get_request("/api/v4/" + ref.path(), headers);
}

/// A service and a client of it, both on one context. The client connects when it first asks.
struct service_fixture {
  explicit service_fixture(const fake_service_options& options = plain_options())
      : service(context.get_executor(), options),
        client(context.get_executor(), options.plain_http ? "" : service.ca_pem()) {}

  wire_answer ask(const std::string& request) {
    wire_answer answer;
    run_task(context, ask_into(request, answer));
    return answer;
  }
  wire_end ask_to_the_end(const std::string& request, std::size_t most = std::size_t{1} << 20U) {
    wire_end end;
    run_task(context, ask_to_the_end_into(request, most, end));
    return end;
  }

  boost::asio::io_context context;
  fake_service service;
  wire_client client;
  bool connected = false;

 private:
  boost::asio::awaitable<void> ask_into(const std::string& request, wire_answer& answer) {
    if (!std::exchange(connected, true)) co_await client.connect(service.port());
    answer = co_await client.ask(request);
  }
  boost::asio::awaitable<void> ask_to_the_end_into(const std::string& request, std::size_t most,
                                                   wire_end& end) {
    if (!std::exchange(connected, true)) co_await client.connect(service.port());
    co_await client.send(request);
    end = co_await client.read_to_end(most);
  }
};

}  // namespace binarly::testing

#endif
