// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Uploads that take a while to appear, and scans that take a while to end.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/client_verify_run.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

/// Looks again after so long, every time.
verify_options looking_each(std::chrono::milliseconds delay, std::size_t window = 8) {
  verify_options options;
  options.window = window;
  options.look_again = retry_policy().base_delay(delay).jitter_kind(jitter::none).delay_cap(delay);
  return options;
}

/// Those that are not in the range have something else to wait for than others.
auto waiting(ledger& book, const fake_service& service, std::uint64_t count,
             std::chrono::milliseconds wait, std::uint64_t from = 0,
             std::uint64_t to = UINT64_MAX) {
  return [=, yield = book.source(service, count)]() mutable {
    auto next = yield();
    if (next && next->tag >= from && next->tag < to) next->wait = wait;
    return next;
  };
}

void hide(client_fixture& world, std::uint64_t index, std::size_t looks) {
  world.service.script(world.ref(index),
                       std::vector<misbehaviour>(looks, misbehaviour(fault::not_found)));
}

/// A service with one image whose scan is in one state after the other.
class scanning_service {
 public:
  explicit scanning_service(std::vector<std::string> members)
      : members_(std::move(members)),
        server_(context.get_executor(), [this](const std::string& head) {
          return head.starts_with("GET /api/v4/products/product/images/image/scans?status=true ")
                     ? in_http(listing)
                     : answer();
        }) {}

  verification verify(const expectation& what) {
    std::optional<verification> got;
    const verify_run run(
        client(context.get_executor(), options_for(url_of_port(server_.port()), server_.ca_pem())),
        std::vector{what}, [&](verification done) { got = std::move(done); }, looking_each(1ms));
    run_until_done(context, run);
    return std::move(got.value());
  }
  [[nodiscard]] std::size_t asked() const noexcept { return asked_; }

  asio::io_context context;
  std::string listing = R"({"scans":[]})";

 private:
  static std::string in_http(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  std::string answer() {
    const std::string body =
        R"({"id":"image","name":"n","version":"v","createTime":"2024-01-20T10:00:00Z",)"
        R"("author":"a")" +
        members_[std::min(asked_++, members_.size() - 1)] + "}";
    return in_http(body);
  }

  std::vector<std::string> members_;
  std::size_t asked_ = 0;
  raw_server server_;
};

std::string scan_in(const std::string& type, const std::string& day = "01") {
  return R"({"id":"s","createTime":"2024-01-)" + day +
         R"(T00:00:00Z","author":"a","latestScanState":{"id":"t","type":")" + type +
         R"(","createTime":"2024-01-20T10:00:00Z"}})";
}

expectation scanned(std::chrono::milliseconds wait) {
  expectation what(image_ref("product", "image"));
  what.wait_for_scan = wait;
  return what;
}

}  // namespace

TEST_CASE("verify waits: an image that appears in time is verified, after so many looks") {
  client_fixture world;
  hide(world, 3, 4);
  ledger book;
  const verify_run run(world.make_client(), waiting(book, world.service, 6, 1h), book.sink(),
                       looking_each(1ms));
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().complete);
  CHECK(run.summary().count(verdict::verified) == 6);
  CHECK(book.by_tag.at(3).looks == 5);
  CHECK(book.by_tag.at(3).attempts == 5);
  CHECK(book.by_tag.at(2).looks == 1);
  CHECK(run.summary().attempts == 10);
}

TEST_CASE("verify waits: missing is final when the time is up, and at once without a wait") {
  client_fixture world;
  hide(world, 0, 1000);
  hide(world, 1, 1000);
  ledger book;
  const verify_run run(world.make_client(), waiting(book, world.service, 2, 20ms, 0, 1),
                       book.sink(), looking_each(1ms));
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().complete);
  CHECK(book.by_tag.at(0).verdict == verdict::missing);
  CHECK(book.by_tag.at(0).looks > 1);
  CHECK(book.by_tag.at(1).verdict == verdict::missing);
  CHECK(book.by_tag.at(1).looks == 1);
}

TEST_CASE("verify waits: the last look is at the end of the time") {
  client_fixture world;
  hide(world, 0, 1);
  ledger book;
  // The next look by the policy would be in an hour.
  const verify_run run(world.make_client(), waiting(book, world.service, 1, 20ms), book.sink(),
                       looking_each(1h));
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().count(verdict::verified) == 1);
  CHECK(book.by_tag.at(0).looks == 2);
}

TEST_CASE("verify waits: who waits holds no place in the window") {
  client_fixture world;
  for (std::uint64_t index = 0; index < 5; ++index)
    hide(world, index, 1);
  ledger book;
  verify_run run(world.make_client(), waiting(book, world.service, 30, 2h, 0, 5), book.sink(),
                 looking_each(1h, 1));
  run_until(world.context, [&] { return book.delivered == 25; });
  CHECK(!run.done());
  CHECK(book.taken == 30);
  run.cancel();
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(!run.summary().complete);
  CHECK(book.count(verdict::cancelled) == 5);
}

TEST_CASE("verify waits: while as many wait as may, nothing more is taken") {
  client_fixture world;
  for (std::uint64_t index = 0; index < 30; ++index)
    hide(world, index, 1);
  ledger book;
  auto options = looking_each(1h);
  options.max_parked = 3;
  verify_run run(world.make_client(), waiting(book, world.service, 30, 2h), book.sink(), options);
  world.run_until_requested(3);
  world.settle();
  CHECK(book.taken == 3);
  CHECK(!run.done());

  SUBCASE("stopped") { run.cancel(); }
  SUBCASE("drained") { run.cancel(asio::cancellation_type::partial); }
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(book.count(verdict::cancelled) == 3);
  CHECK(world.service.counters().requests == 3);
}

TEST_CASE("verify waits: of many that wait, each is looked at until it appears") {
  client_fixture world;
  for (std::uint64_t index = 0; index < 200; ++index)
    hide(world, index, index % 7);
  ledger book;
  auto options = looking_each(1ms, 5);
  options.max_parked = 50;
  SUBCASE("as they finish") {}
  SUBCASE("in order") { options.in_order = true; }
  std::vector<std::uint64_t> delivered;
  const verify_run run(
      world.make_client(), waiting(book, world.service, 200, 1h),
      [&](verification done) {
        delivered.push_back(done.expectation.tag);
        book.accept(std::move(done));
      },
      options);
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().count(verdict::verified) == 200);
  for (const auto& [tag, done] : book.by_tag)
    CHECK(done.looks == static_cast<int>(tag % 7) + 1);
  CHECK(std::is_sorted(delivered.begin(), delivered.end()) == options.in_order);
  CHECK(book.most_out <= (options.in_order ? 5 : 55));
}

TEST_CASE("verify waits: a wait that cannot be fails its own expectation") {
  client_fixture world;
  ledger book;
  std::chrono::milliseconds wait{-1};
  SUBCASE("below zero") {}
  SUBCASE("too long") { wait = 169h; }
  const verify_run run(world.make_client(), waiting(book, world.service, 3, wait, 1, 2),
                       book.sink());
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(book.by_tag.at(1).verdict == verdict::failed);
  CHECK(book.by_tag.at(1).failure.code() == errc::invalid_argument);
  CHECK(run.summary().count(verdict::verified) == 2);
}

TEST_CASE("verify waits: max_parked has bounds") {
  client_fixture world;
  for (const std::size_t most : {std::size_t{0}, std::size_t{10'000'001}}) {
    ledger book;
    verify_options options;
    options.max_parked = most;
    const verify_run run(world.make_client(), book.source(world.service, 5), book.sink(), options);
    run_until_done(world.context, run);
    CHECK(run.problem().find("max_parked") != std::string::npos);
    CHECK(book.taken == 0);
  }
}

TEST_CASE("verify waits: a scan is waited for until it has ended") {
  for (const std::string end : {"done", "completed", "failed", "cancelled"}) {
    CAPTURE(end);
    scanning_service service(
        {"", R"(,"latestScan":)" + scan_in("new"), R"(,"latestScan":)" + scan_in("in_progress"),
         R"(,"latestScan":)" + scan_in("a word of next year"), R"(,"latestScan":)" + scan_in(end)});
    const auto got = service.verify(scanned(1h));
    CHECK(got.verdict == verdict::verified);
    CHECK(got.looks == 5);
    CHECK(service.asked() == 5);
    CHECK(got.scan.value().type == end);
    REQUIRE(got.image != nullptr);
    CHECK(got.image->latest_scan.has_value());
  }
}

TEST_CASE("verify waits: where none is named the latest, the newest scan counts") {
  scanning_service service(
      {R"(,"scans":[)" + scan_in("done", "02") + "," + scan_in("running", "03") + "]",
       R"(,"scans":[)" + scan_in("done", "03") + "," + scan_in("running", "02") + "]"});
  const auto got = service.verify(scanned(1h));
  CHECK(got.verdict == verdict::verified);
  CHECK(got.looks == 2);
  CHECK(got.scan.value().type == "done");
}

TEST_CASE("verify waits: scans that are left out of an image are asked for") {
  scanning_service service({""});
  service.listing = R"({"scans":[)" + scan_in("done", "03") + "," + scan_in("running", "02") + "]}";
  const auto got = service.verify(scanned(1h));
  CHECK(got.verdict == verdict::verified);
  CHECK(got.looks == 1);
  CHECK(got.attempts == 2);
  CHECK(got.scan.value().type == "done");

  service.listing = R"({"scans":{}})";
  const auto broken = service.verify(scanned(1h));
  CHECK(broken.verdict == verdict::failed);
  CHECK(broken.failure.code() == errc::bad_response);
  CHECK(broken.failure.message().find("list scans") != std::string::npos);
}

TEST_CASE("verify waits: a scan that does not end in time is a mismatch") {
  for (const bool there : {true, false}) {
    scanning_service service({there ? R"(,"latestScan":)" + scan_in("running") : ""});
    auto what = scanned(5ms);
    what.version = "w";
    const auto got = service.verify(what);
    CHECK(got.verdict == verdict::mismatched);
    REQUIRE(got.mismatches.size() == 2);
    CHECK(got.mismatches[0].field == "version");
    CHECK(got.mismatches[1].field == "scan");
    CHECK(got.mismatches[1].expected == "ended");
    CHECK(got.mismatches[1].found == (there ? "running" : "none"));
    CHECK(got.looks >= 2);
    CHECK(got.scan.has_value() == there);
  }
}

TEST_CASE("verify waits: scans are not looked at unless they are waited for") {
  scanning_service service({R"(,"latestScan":)" + scan_in("running")});
  const auto got = service.verify(expectation(image_ref("product", "image")));
  CHECK(got.verdict == verdict::verified);
  CHECK(got.looks == 1);
  CHECK(!got.scan);
}
