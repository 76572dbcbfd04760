// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Scans that take a while to end, and checksums that are not there before.

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
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

std::string in_http(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::string refusal(const std::string& status) {
  return in_http(R"({"message":"not now"})", status);
}

std::string report_with(const std::string& hashes) {
  return in_http(R"({"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{)"
                 R"("type":"firmware","name":"n","hashes":[)" +
                 hashes + "]}}}");
}

const std::string right(64, '1');

const std::string stated = R"({"alg":"SHA-256","content":")" + right + R"("})";

/// Looks again each millisecond.
verify_options looking_again() {
  verify_options options;
  options.look_again = retry_policy().base_delay(1ms).jitter_kind(jitter::none).delay_cap(1ms);
  return options;
}

/// A service with one image, whose scan and report are in one state after the other; in the last
/// one they stay.
class scanning_service {
 public:
  explicit scanning_service(std::vector<std::string> members, std::vector<std::string> reports = {})
      : options(looking_again()),
        members_(std::move(members)),
        reports_(std::move(reports)),
        server_(context.get_executor(), [this](const std::string& head) {
          if (head.find("/sbomReport") != std::string::npos) return next(reports_, reports_asked);
          return head.starts_with("GET /api/v4/products/product/images/image/scans?status=true ")
                     ? in_http(listing)
                     : image_with(next(members_, asked));
        }) {}

  verification verify(const expectation& what) {
    std::optional<verification> got;
    const verify_run run(
        client(context.get_executor(), options_for(url_of_port(server_.port()), server_.ca_pem())),
        std::vector{what}, [&](verification done) { got = std::move(done); }, options);
    run_until_done(context, run);
    summary = run.summary();
    return std::move(got.value());
  }

  asio::io_context context;
  verify_options options;
  verify_summary summary;
  std::string listing = R"({"scans":[]})";
  std::size_t asked = 0;
  std::size_t reports_asked = 0;

 private:
  static std::string next(const std::vector<std::string>& all, std::size_t& count) {
    return all.at(std::min(count++, all.size() - 1));
  }
  static std::string image_with(const std::string& members) {
    return in_http(R"({"id":"image","name":"n","version":"v","createTime":"2024-01-20T10:00:00Z",)"
                   R"("author":"a")" +
                   members + "}");
  }

  std::vector<std::string> members_;
  std::vector<std::string> reports_;
  raw_server server_;
};

std::string scan_in(const std::string& type, const std::string& day = "01") {
  return R"({"id":"s","createTime":"2024-01-)" + day +
         R"(T00:00:00Z","author":"a","latestScanState":{"id":"t","type":")" + type +
         R"(","createTime":"2024-01-20T10:00:00Z"}})";
}

std::string latest(const std::string& type) { return R"(,"latestScan":)" + scan_in(type); }

expectation scanned(std::chrono::milliseconds wait) {
  expectation what(image_ref("product", "image"));
  what.wait_for_scan = wait;
  return what;
}

expectation with_checksum(std::chrono::milliseconds wait = 0ms) {
  expectation what(image_ref("product", "image"));
  what.sha256 = right;
  what.wait = wait;
  return what;
}

bool tells(const verification& got, const std::string& part) {
  return got.failure.message().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("verify scans: a scan is waited for until it is done") {
  for (const std::string end : {"done", "completed"}) {
    CAPTURE(end);
    scanning_service service(
        {"", latest("new"), latest("in_progress"), latest("a word of next year"), latest(end)});
    const auto got = service.verify(scanned(1h));
    CHECK(got.verdict == verdict::verified);
    CHECK(got.looks == 5);
    CHECK(service.asked == 5);
    CHECK(got.scan.value().type == end);
    REQUIRE(got.image != nullptr);
    CHECK(got.image->latest_scan.has_value());
    CHECK(service.summary.scans.at(scan_progress::done) == 1);
  }
}

TEST_CASE("verify scans: one that failed or was cancelled differs from one that is done") {
  for (const std::string end : {"failed", "cancelled"}) {
    CAPTURE(end);
    scanning_service service({latest("running"), latest(end)}, {report_with(stated)});
    auto what = scanned(1h);
    what.sha256 = right;
    const auto got = service.verify(what);
    CHECK(got.verdict == verdict::mismatched);
    REQUIRE(got.mismatches.size() == 1);
    CHECK(got.mismatches[0].field == "scan");
    CHECK(got.mismatches[0].expected == "done");
    CHECK(got.mismatches[0].found == end);
    CHECK(service.reports_asked == 0);

    service.options.accept_failed_scans = true;
    const auto accepted = service.verify(what);
    CHECK(accepted.verdict == verdict::verified);
    CHECK(accepted.scan.value().type == end);
    CHECK(service.reports_asked == 1);
  }
}

TEST_CASE("verify scans: where none is named the latest, the newest scan counts") {
  scanning_service service(
      {R"(,"scans":[)" + scan_in("done", "02") + "," + scan_in("running", "03") + "]",
       R"(,"scans":[)" + scan_in("done", "03") + "," + scan_in("running", "02") + "]"});
  const auto got = service.verify(scanned(1h));
  CHECK(got.verdict == verdict::verified);
  CHECK(got.looks == 2);
  CHECK(got.scan.value().type == "done");
}

TEST_CASE("verify scans: scans that are left out of an image are asked for") {
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

TEST_CASE("verify scans: states that are left out of an image are asked for") {
  scanning_service service({R"(,"latestScan":{"id":"s","createTime":"2024-01-01T00:00:00Z"})"});
  service.listing = R"({"scans":[)" + scan_in("done") + "]}";
  const auto got = service.verify(scanned(1h));
  CHECK(got.verdict == verdict::verified);
  CHECK(got.looks == 1);
  CHECK(got.attempts == 2);
}

TEST_CASE("verify scans: a scan that failed makes no checksum to wait for") {
  scanning_service service({latest("failed")}, {refusal("404 Not Found")});
  service.options.accept_failed_scans = true;
  auto what = with_checksum();
  what.wait_for_scan = 1h;
  const auto got = service.verify(what);
  CHECK(got.failure == errc::not_ready);
  CHECK(tells(got, "its latest scan is failed"));
  CHECK(service.reports_asked == 1);
}

TEST_CASE("verify scans: one that does not end in time has no verdict yet") {
  scanning_service service({latest("running")});
  const auto got = service.verify(scanned(5ms));
  CHECK(got.verdict == verdict::failed);
  CHECK(got.failure == errc::not_ready);
  CHECK(tells(got, "its latest scan is still running"));
  CHECK(got.scan.value().type == "running");
  CHECK(service.summary.scans.at(scan_progress::running) == 1);
}

TEST_CASE("verify scans: what differs is final, and no scan is waited for") {
  scanning_service service({latest("running")});
  auto what = scanned(1h);
  what.version = "w";
  const auto got = service.verify(what);
  CHECK(got.verdict == verdict::mismatched);
  REQUIRE(got.mismatches.size() == 1);
  CHECK(got.mismatches[0].field == "version");
}

TEST_CASE("verify scans: an image without a scan is told apart after a short grace") {
  for (const std::string none : {"", R"(,"scans":[])", R"(,"latestScan":null)"}) {
    CAPTURE(none);
    scanning_service service({none});
    service.options.scan_grace = 5ms;
    const auto got = service.verify(scanned(1h));
    CHECK(got.verdict == verdict::failed);
    CHECK(got.failure == errc::no_scan);
    CHECK(tells(got, "it has no scan; start one"));
    CHECK(!got.scan);
    CHECK(service.summary.scans.at(scan_progress::no_scans) == 1);
  }
  // One that begins within the grace is waited for as long as any.
  scanning_service late({"", latest("new"), latest("done")});
  late.options.scan_grace = 1h;
  CHECK(late.verify(scanned(1h)).verdict == verdict::verified);
}

TEST_CASE("verify scans: scans are not looked at unless they are waited for") {
  scanning_service service({latest("running")});
  const auto got = service.verify(expectation(image_ref("product", "image")));
  CHECK(got.verdict == verdict::verified);
  CHECK(got.looks == 1);
  CHECK(!got.scan);
  CHECK(service.summary.scans.empty());
}

TEST_CASE("verify scans: the grace and the patience have bounds") {
  for (const bool grace : {true, false}) {
    scanning_service service({""});
    verify_options options;
    if (grace) {
      options.scan_grace = 169h;
    } else {
      options.give_up_after = 1'000'001;
    }
    const verify_run run(
        client(service.context.get_executor(), options_for("https://localhost:1", "")),
        std::vector<expectation>(), [](verification) {}, options);
    run_until_done(service.context, run);
    CHECK(run.problem().find(grace ? "scan_grace" : "give_up_after") != std::string::npos);
  }
}

TEST_CASE("verify checksums: a report is looked at again until it is there") {
  scanning_service service(
      {latest("running")},
      {refusal("400 Bad Request"), refusal("404 Not Found"), refusal("409 Conflict"),
       refusal("422 Unprocessable Entity"), in_http("", "202 Accepted"),
       "HTTP/1.1 204 No Content\r\n\r\n", refusal("500 Internal Server Error"),
       in_http("<html>bad gateway</html>", "502 Bad Gateway"), report_with(""),
       report_with(stated)});
  const auto got = service.verify(with_checksum(1h));
  CAPTURE(got.failure.message());
  CHECK(got.verdict == verdict::verified);
  CHECK(service.reports_asked == 10);
  CHECK(got.looks == 10);
}

TEST_CASE("verify checksums: when the time is up, there is no checksum yet") {
  for (const std::string& answer :
       {refusal("409 Conflict"), refusal("404 Not Found"), in_http("", "202 Accepted"),
        refusal("503 Service Unavailable"), report_with("")}) {
    CAPTURE(answer);
    scanning_service service({latest("running")}, {answer});
    const auto got = service.verify(with_checksum(5ms));
    CHECK(got.verdict == verdict::failed);
    CHECK(got.failure == errc::not_ready);
    CHECK(got.mismatches.empty());
  }
  scanning_service service({latest("running")}, {refusal("409 Conflict")});
  const auto got = service.verify(with_checksum());
  CHECK(got.failure == errc::not_ready);
  CHECK(tells(got, "no checksum yet: its latest scan is still running"));
  CHECK(tells(got, "(HTTP 409)"));
  CHECK(got.looks == 1);
}

TEST_CASE("verify checksums: a report that lags behind its scan is waited for") {
  scanning_service service({latest("done")}, {refusal("404 Not Found"), report_with(stated)});
  auto what = with_checksum();
  what.wait_for_scan = 1h;
  CHECK(service.verify(what).verdict == verdict::verified);
  CHECK(service.reports_asked == 2);
}

TEST_CASE("verify checksums: a report from before the scan's end is read once more") {
  scanning_service service({""}, {report_with(""), report_with(stated)});
  service.listing = R"({"scans":[)" + scan_in("done") + "]}";
  CHECK(service.verify(with_checksum()).verdict == verdict::verified);
  CHECK(service.reports_asked == 2);
}

TEST_CASE("verify checksums: only a finished scan's report without the checksum differs") {
  scanning_service done({latest("done")}, {report_with("")});
  const auto none = done.verify(with_checksum());
  CHECK(none.verdict == verdict::mismatched);
  REQUIRE(none.mismatches.size() == 1);
  CHECK(none.mismatches[0].field == "sha256");
  CHECK(none.mismatches[0].found.empty());

  scanning_service unscanned({""}, {report_with("")});
  const auto yet = unscanned.verify(with_checksum());
  CHECK(yet.verdict == verdict::failed);
  CHECK(yet.failure == errc::no_scan);
  CHECK(tells(yet, "no checksum yet"));

  // The state of the scan is asked for where the image does not bear it.
  unscanned.listing = R"({"scans":[)" + scan_in("done") + "]}";
  CHECK(unscanned.verify(with_checksum()).verdict == verdict::mismatched);

  scanning_service other({latest("running")}, {report_with(R"({"alg":"SHA-256","content":")" +
                                                           std::string(64, '2') + R"("})")});
  CHECK(other.verify(with_checksum()).verdict == verdict::mismatched);

  scanning_service refused({latest("done")}, {refusal("404 Not Found")});
  const auto lost = refused.verify(with_checksum());
  CHECK(lost.verdict == verdict::failed);
  CHECK(lost.failure == errc::not_found);
}
