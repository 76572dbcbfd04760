// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/service_fixture.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/error.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace binarly;
using namespace binarly::testing;

}  // namespace

TEST_CASE("fake service: an image over TLS is what its rule says") {
  fake_service_options options;
  options.images = 1'000'000;
  service_fixture setup(options);
  const fake_image image = setup.service.image_at(777'777);
  const wire_answer answer = setup.ask(get_request(image.ref));
  CHECK(answer.status == 200);
  CHECK(answer.head.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
  CHECK(answer.head.find("\r\nx-request-id: fake-1\r\n") != std::string::npos);
  const json::value value = json::parse(answer.body);
  CHECK(value.at("id").as_string() == image.ref.image_id());
  CHECK(value.at("name").as_string() == image.name);
  CHECK(value.at("version").as_string() == image.version);
  CHECK(value.at("parent").as_string() == "products/" + image.ref.product_id());
  CHECK(setup.service.base_url() == "https://localhost:" + std::to_string(setup.service.port()));
}

TEST_CASE("fake service: all forms that the API allows occur, and each parses") {
  fake_service_options options = plain_options();
  options.images = 600;
  options.products = 7;
  service_fixture setup(options);
  std::map<std::string, int> seen;
  std::set<std::string> ids;
  std::set<std::string> products;
  for (std::uint64_t index = 0; index < options.images; ++index) {
    const fake_image image = setup.service.image_at(index);
    REQUIRE(is_ulid(image.ref.image_id()));
    REQUIRE(is_ulid(image.ref.product_id()));
    ids.insert(image.ref.image_id());
    products.insert(image.ref.product_id());
    const json::value value = json::parse(setup.ask(get_request(image.ref)).body);
    REQUIRE(value.at("id").as_string() == image.ref.image_id());
    REQUIRE(value.at("name").as_string() == image.name);
    const json::object& object = value.as_object();
    REQUIRE_FALSE(object.contains("counts"));
    for (const auto& member : object)
      ++seen[member.key()];
    ++seen[value.at("author").is_string() ? "author as string" : "author as object"];
    const std::string time(value.at("createTime").as_string());
    ++seen[time.ends_with("+02:00")              ? "offset"
           : time.find('.') != std::string::npos ? "fraction"
                                                 : "whole"];
    if (image.name.empty()) ++seen["empty name"];
    if (image.version.empty()) ++seen["empty version"];
    if (object.contains("files")) {
      REQUIRE(value.at("files").at(0).at("isAttachment").is_bool());
      REQUIRE(value.at("files").at(0).at("metadata").is_object());
    }
    if (object.contains("latestScan")) {
      REQUIRE(value.at("scans").at(0) == value.at("latestScan"));
      REQUIRE(value.at("latestScan").at("latestScanState").at("type").is_string());
    }
  }
  CHECK(ids.size() == options.images);
  CHECK(products.size() == options.products);
  for (const char* form :
       {"files", "scans", "latestScan", "isArchived", "labels", "author as string",
        "author as object", "offset", "fraction", "whole", "empty name", "empty version"}) {
    CAPTURE(form);
    CHECK(seen[form] > 0);
  }
}

TEST_CASE("fake service: counts come when asked for") {
  service_fixture setup;
  const std::string path = "/api/v4/" + setup.service.image_at(5).ref.path();
  const json::value value = json::parse(setup.ask(get_request(path + "?x=1&withCounts=true")).body);
  CHECK(value.at("counts").at("components").is_int64());
  CHECK(value.at("counts").at("findingTypeCounts").is_array());
  CHECK_FALSE(json::parse(setup.ask(get_request(path + "?withCounts=no")).body)
                  .as_object()
                  .contains("counts"));
}

TEST_CASE("fake service: the last of 2^40 images is found, and one beyond is not") {
  fake_service_options options = plain_options();
  options.images = std::uint64_t{1} << 40U;
  service_fixture setup(options);
  CHECK(setup.ask(get_request(setup.service.image_at(options.images - 1).ref)).status == 200);
  CHECK_THROWS_AS(static_cast<void>(setup.service.image_at(options.images)), failure_error);
}

TEST_CASE("fake service: what it does not have is 404 with the envelope") {
  service_fixture setup;
  const image_ref first = setup.service.image_at(0).ref;
  const image_ref second = setup.service.image_at(1).ref;
  std::string forged = first.image_id();
  forged.back() = forged.back() == '0' ? '1' : '0';
  fake_service_options other = plain_options();
  other.seed = 2;
  service_fixture elsewhere(other);
  for (const std::string& path : {
           image_ref(first.product_id(), second.image_id()).path(),
           image_ref(second.product_id(), first.image_id()).path(),
           image_ref(first.product_id(), forged).path(),
           image_ref("img_abc123", "x").path(),
           elsewhere.service.image_at(0).ref.path(),
           first.path() + "/scanners",
           first.path() + "/",
           std::string("products"),
           std::string("products/x/images"),
           std::string(),
       }) {
    CAPTURE(path);
    const wire_answer answer = setup.ask(get_request("/api/v4/" + path));
    CHECK(answer.status == 404);
    CHECK(json::parse(answer.body).at("message").is_string());
  }
  CHECK(setup.ask(get_request("/")).status == 404);
  CHECK(setup
            .ask("POST /api/v4/" + first.path() +
                 " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
            .status == 405);
  CHECK(setup.ask(get_request(first)).status == 200);
}

TEST_CASE("fake service: a listing holds the product's images") {
  fake_service_options options = plain_options();
  options.images = 30'000;
  options.products = 2;
  service_fixture setup(options);
  const fake_image image = setup.service.image_at(1);
  const json::value value = json::parse(
      setup.ask(get_request("/api/v4/products/" + image.ref.product_id() + "/images")).body);
  CHECK(value.at("images").as_array().size() == 10'000);
  CHECK(value.at("images").at(0).at("id").as_string() == image.ref.image_id());
  CHECK(value.at("images").at(1).at("id").as_string() == setup.service.image_at(3).ref.image_id());
}

TEST_CASE("fake service: the token is asked for") {
  fake_service_options options = plain_options();
  options.token = "secret";
  service_fixture setup(options);
  const image_ref ref = setup.service.image_at(0).ref;
  for (const char* headers :
       {"", "Authorization: Bearer wrong\r\n", "Authorization: Basic secret\r\n",
        "Authorization: secret\r\n", "Authorization: Bearer secret2\r\n"}) {
    CAPTURE(headers);
    const wire_answer answer = setup.ask(get_request(ref, headers));
    CHECK(answer.status == 401);
    CHECK(json::parse(answer.body).at("message").is_string());
  }
  CHECK(setup.ask(get_request(ref, "Authorization: Bearer secret\r\n")).status == 200);
  CHECK(setup.ask(get_request(ref, "authorization: bearer secret\r\n")).status == 200);
  // A trailer is no head.
  CHECK(setup
            .ask(get_request(ref, "Transfer-Encoding: chunked\r\nTrailer: Authorization\r\n") +
                 "0\r\nAuthorization: Bearer secret\r\n\r\n")
            .status == 401);
  CHECK(setup.service.counters().unauthorized == 6);
}

TEST_CASE("fake service: a path prefix belongs to the address") {
  fake_service_options options = plain_options();
  options.path_prefix = "/on/premise";
  service_fixture setup(options);
  const image_ref ref = setup.service.image_at(0).ref;
  CHECK(setup.ask(get_request(options.path_prefix + "/api/v4/" + ref.path())).status == 200);
  CHECK(setup.ask(get_request(ref)).status == 404);
  CHECK(setup.service.base_url() ==
        "http://localhost:" + std::to_string(setup.service.port()) + "/on/premise");
}

TEST_CASE("fake service: requests are bounded") {
  service_fixture setup;
  const std::string path = "/api/v4/" + setup.service.image_at(0).ref.path();
  const auto post = [&path](const std::string& rest) {
    return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + rest;
  };
  SUBCASE("a large head") {
    CHECK(setup.ask(get_request(path, "x: " + std::string(15'000, 'x') + "\r\n")).status == 200);
    CHECK(setup.ask(get_request(path, "x: " + std::string(17'000, 'x') + "\r\n")).status == 431);
  }
  SUBCASE("a head without an end") {
    CHECK(setup.ask("GET / HTTP/1.1\r\nx: " + std::string(1'000'000, 'x')).status == 431);
  }
  SUBCASE("a head of many small fields") {
    std::string fields;
    for (int count = 0; count < 5000; ++count)
      fields += "a: b\r\n";
    CHECK(setup.ask(get_request(path, fields)).status == 431);
  }
  SUBCASE("a large body") {
    CHECK(setup.ask(post("Content-Length: 60000\r\n\r\n" + std::string(60'000, 'x'))).status ==
          405);
    CHECK(setup.ask(post("Content-Length: 70000\r\n\r\n")).status == 413);
  }
  SUBCASE("chunks without an end") {
    std::string chunks;
    while (chunks.size() < 100'000)
      chunks += "1;" + std::string(100, 'e') + "\r\nx\r\n";
    CHECK(setup.ask(post("Transfer-Encoding: chunked\r\n\r\n" + chunks)).status == 413);
  }
  SUBCASE("trailers without an end") {
    std::string trailers;
    while (trailers.size() < 100'000)
      trailers += "a: b\r\n";
    CHECK(setup.ask(post("Transfer-Encoding: chunked\r\n\r\n0\r\n" + trailers)).status == 413);
  }
  SUBCASE("no HTTP") {
    const wire_end end = setup.ask_to_the_end("\x16\x03\x01 what?\r\n\r\n");
    CHECK(end.bytes.starts_with("HTTP/1.1 400 "));
    CHECK(end.error == asio::error::eof);
  }
}

TEST_CASE("fake service: pipelined requests are answered in order") {
  service_fixture setup;
  std::string requests;
  for (std::uint64_t index = 0; index < 50; ++index) {
    requests +=
        get_request(setup.service.image_at(index).ref, index == 49 ? "Connection: close\r\n" : "");
  }
  const wire_end end = setup.ask_to_the_end(requests);
  CHECK(end.error == asio::error::eof);
  std::size_t at = 0;
  for (std::uint64_t index = 0; index < 50; ++index) {
    at = end.bytes.find(R"({"id":")" + setup.service.image_at(index).ref.image_id(), at);
    REQUIRE(at != std::string::npos);
  }
  CHECK(setup.service.counters().connections == 1);
}

TEST_CASE("fake service: a connection ends after its answers") {
  for (const bool secured : {false, true}) {
    CAPTURE(secured);
    fake_service_options options;
    options.plain_http = !secured;
    options.answers_per_connection = 2;
    service_fixture setup(options);
    const std::string request = get_request(setup.service.image_at(0).ref);
    CHECK(setup.ask(request).head.find("Connection: keep-alive") != std::string::npos);
    const wire_end end = setup.ask_to_the_end(request + request);
    CHECK(end.bytes.find("Connection: close") != std::string::npos);
    CHECK(end.error == asio::error::eof);
    CHECK(setup.service.counters().requests == 2);
  }
}

TEST_CASE("fake service: HTTP/1.0 and HEAD") {
  service_fixture setup;
  const std::string path = "/api/v4/" + setup.service.image_at(0).ref.path();
  const wire_end end = setup.ask_to_the_end("HEAD " + path + " HTTP/1.1\r\nHost: h\r\n\r\n" +
                                            "GET " + path + " HTTP/1.0\r\n\r\n");
  CHECK(end.bytes.starts_with("HTTP/1.1 405 "));
  CHECK(end.bytes.find("\r\n\r\nHTTP/1.1 200 OK\r\n") != std::string::npos);
  CHECK(end.error == asio::error::eof);
}
