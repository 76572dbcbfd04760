// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "bulk/not_ready.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace binarly;
using bulk::readiness;

readiness of(errc code, unsigned status) {
  failure_detail detail;
  detail.code = code;
  detail.http_status = status;
  return bulk::readiness_of(failure(detail));
}

verification found_image(std::optional<scan_progress> progress) {
  verification out;
  out.expectation.ref = image_ref("P", "I");
  out.expectation.wait_for_scan = std::chrono::minutes(30);
  if (progress) out.scan.emplace().progress = *progress;
  return out;
}

bool has(const std::string& line, const char* part) { return line.find(part) != line.npos; }

}  // namespace

TEST_CASE("not ready: what a report's refusal says") {
  struct row {
    errc code;
    unsigned status;
    readiness ready;
  };
  const std::vector<row> table{
      {errc::bad_response, 202, readiness::not_yet},
      {errc::bad_response, 204, readiness::not_yet},
      {errc::rejected, 400, readiness::not_yet},
      {errc::not_found, 404, readiness::not_yet},
      {errc::bad_response, 404, readiness::other},  // a stranger's
      {errc::rejected, 409, readiness::not_yet},
      {errc::rejected, 422, readiness::not_yet},
      {errc::server_error, 500, readiness::in_trouble},
      {errc::server_error, 502, readiness::in_trouble},
      {errc::unauthorized, 401, readiness::other},
      {errc::forbidden, 403, readiness::other},
      {errc::bad_response, 200, readiness::other},
      {errc::throttled, 429, readiness::other},
      {errc::connection_lost, 0, readiness::other},
  };
  for (const auto& [code, status, ready] : table) {
    CAPTURE(status);
    CHECK(of(code, status) == ready);
  }
}

TEST_CASE("not ready: a token that is refused says nothing of the report") {
  failure_detail detail;
  detail.code = errc::token_refused;
  detail.step = phase::token;
  detail.http_status = 400;
  CHECK(bulk::readiness_of(failure(detail)) == readiness::other);
}

TEST_CASE("not ready: each failure says what is missing, for which image, and what to do") {
  const auto none = bulk::no_scan(found_image({}));
  CHECK(none == errc::no_scan);
  CHECK(has(none.message(), "products/P/images/I: it has no scan"));
  CHECK(has(none.message(), "; start one"));

  const auto running = bulk::scan_goes_on(found_image(scan_progress::running));
  CHECK(running == errc::not_ready);
  CHECK(has(running.message(), "its latest scan is still running"));
  CHECK(has(running.message(), "1800 s"));

  failure_detail refusal;
  refusal.code = errc::rejected;
  refusal.http_status = 409;
  refusal.server_message = "scan in progress";
  const auto yet = bulk::no_checksum_yet(found_image(scan_progress::pending), failure(refusal));
  CHECK(yet == errc::not_ready);
  CHECK(has(yet.message(), "no checksum yet: its latest scan is still pending"));
  CHECK(has(yet.message(), "(HTTP 409)"));
  CHECK(has(yet.message(), "scan in progress"));
  const auto unscanned = bulk::no_checksum_yet(found_image({}), failure(refusal));
  CHECK(unscanned == errc::no_scan);
  CHECK(has(unscanned.message(), "it has no scan (HTTP 409): no checksum yet"));
  CHECK(has(unscanned.message(), "; start one"));
  CHECK(has(bulk::unstated_checksum(found_image({}), "sha256").message(),
            "the report does not state the image's sha256"));
  for (const auto& each : {none, running, yet})
    CHECK(verdict_of(each) == verdict::failed);
}
