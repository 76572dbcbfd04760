// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/packed.hpp"
#include "support/run_task.hpp"

#include <binarly/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;

result<std::vector<scan>> list(client_fixture& world, const image_ref& ref) {
  result<std::vector<scan>> got = failure(errc::invalid_argument, "");
  run_task(
      world.context,
      [](client from, image_ref which, result<std::vector<scan>>* into) -> asio::awaitable<void> {
        *into = co_await from.async_list_scans(which, call_options());
      }(world.make_client(), ref, &got));
  return got;
}

/// The list that a server's answer makes, for the image `products/P/images/I`.
result<std::vector<scan>> list_of(const std::string& body, const std::string& headers = "") {
  asio::io_context context;
  std::string asked;
  const raw_server server(context.get_executor(), [&](const std::string& head) {
    asked = head;
    return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  });
  const client service(context.get_executor(),
                       options_for(url_of_port(server.port()), server.ca_pem()));
  std::optional<result<std::vector<scan>>> got;
  service.async_list_scans(image_ref("P", "I"), call_options(),
                           [&got](result<std::vector<scan>> found) { got = std::move(found); });
  run_until(context, [&got] { return got.has_value(); });
  CHECK(asked.find("\r\nAccept-Encoding: identity\r\n") != asked.npos);
  return *got;
}

}  // namespace

TEST_CASE("scans: none may be said by null, in any coding, behind a byte order mark") {
  CHECK(list_of(R"({"scans":null})").value().empty());
  CHECK(list_of("\xef\xbb\xbf{\"scans\":[]}").value().empty());
  const std::string gzip = "Content-Encoding: gzip\r\n";
  CHECK(list_of(packed(R"({"scans":[{"id":"s"}]})"), gzip).value().size() == 1);
  CHECK(list_of("{}").error() == errc::bad_response);
  CHECK(list_of(R"({"scans":[]})", "Content-Encoding: br\r\n").error() == errc::bad_response);
}

TEST_CASE("scans: those of another image are refused, where they say whose they are") {
  const auto with_parent = [](const std::string& parent) {
    return list_of(R"({"scans":[{"id":"s1"},{"id":"s2","parent":")" + parent + R"("}]})");
  };
  for (const std::string good : {"", "products/P/images/I", "/products/P/images/I", "products/P",
                                 "I", "of some other form"}) {
    CAPTURE(good);
    CHECK(with_parent(good).value().size() == 2);
  }
  for (const std::string bad :
       {"products/P/images/J", "products/Q/images/I", "products/Q", "products/P/images/i"}) {
    CAPTURE(bad);
    const auto found = with_parent(bad);
    REQUIRE(found.has_error());
    CHECK(found.error() == errc::bad_response);
    CHECK(found.error().detail().step == phase::decode);
    CHECK(found.error().message().find("asked for \"products/P/images/I\", got \"" + bad + '"') !=
          std::string::npos);
  }
}

TEST_CASE("scans: those of an image are listed, and an image without any has none") {
  client_fixture world;
  std::size_t with = 0;
  for (std::uint64_t index = 0; index < 40; ++index) {
    const auto found = list(world, world.ref(index));
    REQUIRE(found.has_value());
    const auto image = world.get(world.make_client(), world.ref(index)).value();
    REQUIRE(found->size() == image.scans.size());
    if (found->empty()) continue;
    ++with;
    CHECK(found->front().id == image.scans.front().id);
    CHECK(found->front().latest_state.value().type ==
          image.scans.front().latest_state.value().type);
  }
  CHECK(with > 0);
  CHECK(with < 40);
}

TEST_CASE("scans: what goes wrong names the operation") {
  client_fixture world;
  const auto missing = list(world, image_ref(world.ref(0).product_id(), "unknown"));
  REQUIRE(missing.has_error());
  CHECK(missing.error() == condition::not_found);
  CHECK(missing.error().detail().operation == "list scans");
  world.service.script(world.ref(0), {misbehaviour(fault::wrong_json)});
  CHECK(list(world, world.ref(0)).error().code() == errc::bad_response);
  world.service.script(world.ref(0), {misbehaviour(fault::deep_json)});
  CHECK(list(world, world.ref(0)).error().code() == errc::bad_response);
  CHECK(list(world, image_ref()).error().code() == errc::invalid_argument);
}
