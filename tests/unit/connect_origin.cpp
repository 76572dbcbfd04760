// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/origin.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using binarly::connect::parse_origin;

TEST_CASE("a base URL becomes an origin and a path prefix") {
  struct row {
    std::string url;
    std::string host_header;
    std::string authority;
    std::string certificate_name;
    std::string prefix;
    bool literal;
  };
  const std::vector<row> table{
      {"https://dashboard-acme.binarly.cloud", "dashboard-acme.binarly.cloud",
       "dashboard-acme.binarly.cloud:443", "dashboard-acme.binarly.cloud", "", false},
      {"HTTPS://Host.example:443/", "Host.example", "Host.example:443", "Host.example", "", false},
      {"https://host.example:8443/btp/", "host.example:8443", "host.example:8443", "host.example",
       "/btp", false},
      {"https://host.example/a/b//", "host.example", "host.example:443", "host.example", "/a/b",
       false},
      {"https://host.example.", "host.example.", "host.example.:443", "host.example", "", false},
      {"https://10.1.2.3", "10.1.2.3", "10.1.2.3:443", "10.1.2.3", "", true},
      {"https://[2001:db8::1]:9", "[2001:db8::1]:9", "[2001:db8::1]:9", "2001:db8::1", "", true},
  };
  for (const auto& row : table) {
    CAPTURE(row.url);
    const auto where = parse_origin(row.url, false);
    REQUIRE(where.has_value());
    CHECK(where->host_header() == row.host_header);
    CHECK(where->authority() == row.authority);
    CHECK(where->certificate_name() == row.certificate_name);
    CHECK(where->path_prefix == row.prefix);
    CHECK(where->literal == row.literal);
    CHECK(where->tls);
  }
}

TEST_CASE("the API's own path at the end of a base URL is taken for what it means") {
  struct row {
    std::string url;
    std::string prefix;
  };
  const std::vector<row> table{
      {"https://host.example/api/v4", ""},
      {"https://host.example/api/v4/", ""},
      {"https://host.example:8443/btp/api/v4", "/btp"},
      {"https://host.example/btp//api/v4//", "/btp"},
      // Whatever only looks like it is a prefix as any other.
      {"https://host.example", ""},
      {"https://host.example/api", "/api"},
      {"https://host.example/api/v4/x", "/api/v4/x"},
      {"https://host.example/api/v3", "/api/v3"},
      {"https://host.example/myapi/v4", "/myapi/v4"},
      {"https://host.example/API/V4", "/API/V4"},
  };
  for (const auto& row : table) {
    CAPTURE(row.url);
    auto where = parse_origin(row.url, false).value();
    binarly::connect::drop_api_path(where);
    CHECK(where.path_prefix == row.prefix);
  }
}

TEST_CASE("a base URL that could do harm, or nothing, is refused") {
  const std::vector<std::string> table{
      "",
      "host.example",
      "//host.example",
      "https://",
      "https:///path",
      "ftp://host.example",
      "https://user@host.example",
      "https://user:secret@host.example",
      "https://host.example/?a=b",
      "https://host.example/#top",
      "https://host.example:0",
      "https://host.example:65536",
      "https://host.example:port",
      "https://host..example",
      "https://.example",
      "https://host%2eexample%00",
      "https://h\xc3\xb6st.example",
      "https://host.example\r\nX: y",
      "https://[2001:db8::1",
      "https://host.example/" + std::string(3000, 'a'),
  };
  for (const auto& url : table) {
    CAPTURE(url);
    const auto where = parse_origin(url, true);
    REQUIRE_FALSE(where.has_value());
    CHECK(where.error().code() == binarly::errc::invalid_argument);
    CHECK(where.error().message().find("base_url") != std::string::npos);
    CHECK(where.error().message().find("secret") == std::string::npos);
  }
}

TEST_CASE("plain http is for loopback alone, and only when it is allowed") {
  for (const std::string url : {"http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"}) {
    CAPTURE(url);
    CHECK_FALSE(parse_origin(url, false).has_value());
    const auto where = parse_origin(url, true);
    REQUIRE(where.has_value());
    CHECK_FALSE(where->tls);
  }
  for (const std::string url :
       {"http://host.example", "http://10.0.0.1", "http://localhost.example", "http://0.0.0.0"}) {
    CAPTURE(url);
    CHECK_FALSE(parse_origin(url, true).has_value());
  }
}

}  // namespace
