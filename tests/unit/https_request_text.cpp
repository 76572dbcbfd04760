// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/request_text.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace {

using binarly::secret;
using binarly::https::request;
using binarly::https::request_text;

constexpr std::string_view host_line = " HTTP/1.1\r\nHost: h\r\n";

request whole_request() {
  request what;
  what.method = "POST";
  what.target = "/t";
  what.fields = std::make_shared<const secret>("Authorization: Bearer hush\r\n");
  what.more_fields = std::make_shared<const std::string>("A: b\r\n");
  what.id = "id-1";
  what.body = std::make_shared<const secret>("hush=hush");
  return what;
}

constexpr std::string_view whole_text =
    "POST /t HTTP/1.1\r\nHost: h\r\nAccept-Encoding: identity\r\n"
    "Authorization: Bearer hush\r\nA: b\r\nX-Request-Id: id-1\r\n"
    "Content-Length: 9\r\n\r\nhush=hush";

TEST_CASE("a request is written with all of its parts, in its own room or in more") {
  CHECK(request_text<1024>(whole_request(), host_line).view() == whole_text);
  CHECK(request_text<16>(whole_request(), host_line).view() == whole_text);
  request least;
  least.target = "/t";
  CHECK(request_text<1024>(least, host_line).view() ==
        "GET /t HTTP/1.1\r\nHost: h\r\nAccept-Encoding: identity\r\n\r\n");
  least.takes_gzip = true;
  CHECK(request_text<1024>(least, host_line).view() ==
        "GET /t HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
}

TEST_CASE("a request's text is wiped when it goes") {
  using text = request_text<1024>;
  alignas(text) char place[sizeof(text)] = {};
  auto* const one = new (place) text(whole_request(), host_line);
  CHECK(std::string_view(place, sizeof place).find("hush") != std::string_view::npos);
  one->~text();
  CHECK(std::string_view(place, sizeof place).find("hush") == std::string_view::npos);
}

}  // namespace
