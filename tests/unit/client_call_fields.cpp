// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/call_fields.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using binarly::call_options;
using binarly::detail::call_fields;
using binarly::detail::check_call_fields;

constexpr const char* span = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

call_options with_header(std::string name, std::string value) {
  call_options options;
  options.headers.emplace_back(std::move(name), std::move(value));
  return options;
}

TEST_CASE("a call's own header fields become lines, in their order") {
  call_options options;
  CHECK(call_fields(options) == nullptr);
  options.traceparent = span;
  options.headers = {{"X-Tenant", "seven"}, {"tracestate", ""}};
  CHECK(!check_call_fields(options));
  CHECK(*call_fields(options) ==
        "traceparent: " + std::string(span) + "\r\nX-Tenant: seven\r\ntracestate: \r\n");
}

TEST_CASE("header fields that cannot be sent are refused, and their values not repeated") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "hush"},
      {"X Tenant", "hush"},
      {"X-Tenant:", "hush"},
      {"X-Tenant\r\nX-Evil", "hush"},
      {"X-T\xc3\xa4nant", "hush"},
      {"X-Tenant", "hush\r\nX-Evil: 1"},
      {"X-Tenant", std::string("hush\0", 5)},
      {"X-Tenant", "hush\x7f"},
      {"Host", "hush"},
      {"HOST", "hush"},
      {"Authorization", "hush"},
      {"content-length", "5"},
      {"Transfer-Encoding", "chunked"},
      {"Connection", "close"},
      {"Accept-Encoding", "gzip"},
      {"Range", "bytes=0-1"},
      {"X-Request-ID", "hush"},
      {"traceparent", span},
      {"X-Tenant", std::string(8 * 1024, 'x')},
  };
  for (const auto& [name, value] : table) {
    CAPTURE(name);
    const auto said = check_call_fields(with_header(name, value));
    REQUIRE(said.has_value());
    CHECK(said->find("hush") == std::string::npos);
    CHECK(said->find('\n') == std::string::npos);
  }
  CHECK(!check_call_fields(with_header("X-Tenant", "t\xc3\xa4nant\tseven")));
  call_options many;
  many.headers.assign(65, {"a", "b"});
  CHECK(check_call_fields(many).has_value());
  many.headers.pop_back();
  CHECK(!check_call_fields(many));
}

TEST_CASE("a traceparent is of version 00, in small letters, and not all zero") {
  call_options options;
  for (const std::string bad : {
           "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
           "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\r\n",
       }) {
    CAPTURE(bad);
    options.traceparent = bad;
    CHECK(check_call_fields(options).has_value());
  }
}

}  // namespace
