// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_fixture.hpp"
#include "support/run_task.hpp"

#include <binarly/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
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

}  // namespace

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
