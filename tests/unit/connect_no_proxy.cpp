// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/no_proxy.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using binarly::connect::bypasses_proxy;
using binarly::connect::parse_origin;

struct row {
  std::string list;
  std::string url;
  bool direct;
};

void check(const std::vector<row>& table) {
  for (const auto& row : table) {
    CAPTURE(row.list);
    CAPTURE(row.url);
    CHECK(bypasses_proxy(row.list, parse_origin(row.url, false).value()) == row.direct);
  }
}

TEST_CASE("names stand for themselves and for all below them") {
  check({
      {"", "https://example.com", false},
      {"example.com", "https://example.com", true},
      {"example.com", "https://a.b.example.com", true},
      {".example.com", "https://a.example.com", true},
      {".example.com", "https://example.com", true},
      {"*.example.com", "https://a.example.com", true},
      {"*.example.com", "https://example.com", true},
      {"example.com", "https://notexample.com", false},
      {".example.com", "https://notexample.com", false},
      {"a.example.com", "https://example.com", false},
      {"example.com", "https://example.com.evil.test", false},
      {"EXAMPLE.Com", "https://Sub.eXample.cOM", true},
      {"example.com.", "https://example.com", true},
      {"example.com", "https://sub.example.com.", true},
      {"xn--hst-sna.example", "https://xn--hst-sna.example", true},
      {"com", "https://example.com", true},
      {".", "https://example.com", false},
      {"*.", "https://example.com", false},
      {"..example.com", "https://example.com", false},
      {"exam*.com", "https://example.com", false},
  });
}

TEST_CASE("entries stand between commas and spaces, and * is everything") {
  check({
      {"a.test,example.com", "https://example.com", true},
      {"a.test example.com", "https://example.com", true},
      {" ,, a.test ,\t example.com\r\n,", "https://example.com", true},
      {"a.testexample.com", "https://example.com", false},
      {"a.test,b.test", "https://example.com", false},
      {" , ", "https://example.com", false},
      {"*", "https://example.com", true},
      {"*", "https://10.1.2.3", true},
      {"a.test, *", "https://[::1]", true},
  });
}

TEST_CASE("ports narrow an entry down") {
  check({
      {"example.com:443", "https://example.com", true},
      {"example.com:443", "https://sub.example.com", true},
      {"example.com:443", "https://example.com:8443", false},
      {".example.com:8443", "https://example.com:8443", true},
      {"*:8443", "https://example.com:8443", true},
      {"*:8443", "https://example.com", false},
      {"10.1.2.3:443", "https://10.1.2.3", true},
      {"10.1.2.3:444", "https://10.1.2.3", false},
      {"[2001:db8::1]:443", "https://[2001:db8::1]", true},
      {"[2001:db8::1]:444", "https://[2001:db8::1]", false},
      {"example.com:", "https://example.com", false},
      {"example.com:443x", "https://example.com", false},
      {"example.com:+443", "https://example.com", false},
      {"example.com:65979", "https://example.com", false},  // 443 and 65536
      {":443", "https://example.com", false},
  });
}

TEST_CASE("addresses are compared as addresses, and names are not taken for any") {
  check({
      {"10.1.2.3", "https://10.1.2.3", true},
      {"10.1.2.3", "https://10.1.2.4", false},
      {"[10.1.2.3]", "https://10.1.2.3", true},
      {"2001:db8::1", "https://[2001:db8::1]", true},
      {"[2001:db8::1]", "https://[2001:db8::1]", true},
      {"2001:DB8:0:0::0:1", "https://[2001:db8::1]", true},
      {"2001:db8::2", "https://[2001:db8::1]", false},
      {"2.3", "https://10.1.2.3", false},
      {".2.3", "https://10.1.2.3", false},
      {"*.2.3", "https://10.1.2.3", false},
      {"10.1.2.3", "https://example.com", false},
      {"[2001:db8::1", "https://[2001:db8::1]", false},
      {"2001:db8::1]", "https://[2001:db8::1]", false},
      {"[]", "https://[2001:db8::1]", false},
      {"[", "https://[2001:db8::1]", false},
  });
}

TEST_CASE("networks stand for the addresses in them") {
  check({
      {"10.0.0.0/8", "https://10.1.2.3", true},
      {"10.200.0.1/8", "https://10.1.2.3", true},
      {"10.0.0.0/8", "https://11.1.2.3", false},
      {"10.1.2.0/23", "https://10.1.3.255", true},
      {"10.1.2.0/23", "https://10.1.4.0", false},
      {"10.1.2.3/32", "https://10.1.2.3", true},
      {"10.1.2.3/32", "https://10.1.2.2", false},
      {"0.0.0.0/0", "https://10.1.2.3", true},
      {"fd00::/8", "https://[fd12:3456::1]", true},
      {"[fd00::]/8", "https://[fd12:3456::1]", true},
      {"fd00::/8", "https://[fe80::1]", false},
      {"2001:db8::/33", "https://[2001:db8:7fff::1]", true},
      {"2001:db8::/33", "https://[2001:db8:8000::1]", false},
      {"::/0", "https://[2001:db8::1]", true},
      {"::/0", "https://10.1.2.3", false},
      {"0.0.0.0/0", "https://[2001:db8::1]", false},
      {"0.0.0.0/0", "https://example.com", false},
      {"10.0.0.0/33", "https://10.1.2.3", false},
      {"::/129", "https://[::1]", false},
      {"10.0.0.0/", "https://10.1.2.3", false},
      {"10.0.0.0/-1", "https://10.1.2.3", false},
      {"10.0.0.0/8/8", "https://10.1.2.3", false},
      {"10.0.0.0/8:443", "https://10.1.2.3", false},
      {"10/8", "https://10.1.2.3", false},
      {"/8", "https://10.1.2.3", false},
      {"example.com/8", "https://example.com", false},
  });
}

TEST_CASE("what cannot be understood hides nothing that follows") {
  check({
      {"[,/,:,//,[]:,::::,\x01\xff," + std::string(10'000, '.') + ",example.com",
       "https://example.com", true},
      {std::string(10'000, '[') + ' ' + std::string(10'000, ':') + " 10.1.2.3", "https://10.1.2.3",
       true},
  });
}

}  // namespace
