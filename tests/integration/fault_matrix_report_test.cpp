// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The fault matrix, sixth part: what a report answers before its scan is done, and in which coding
// it comes.

#include "support/fault_matrix.hpp"
#include "support/fault_server.hpp"
#include "support/packed.hpp"

#include <binarly/testing/certificate_authority.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace binarly::testing::server_steps;

/// The connection serves on.
const fault_counts kept{.opened = 1, .reused = 1};

const std::string gzip = "Content-Encoding: gzip\r\n";
const std::string envelope = R"({"message":"not yet"})";

std::string answer(const std::string& status, const std::string& body,
                   const std::string& headers = {}) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A report that is asked for, and what comes in its place.
fault_row reported(std::string name, std::string bytes, std::vector<fault_outcome> sees = {good}) {
  fault_row row;
  row.name = std::move(name);
  row.scripts = {{secure(), request(), say(std::move(bytes)), serve()}};
  row.asks_for = subject::report;
  row.sees = std::move(sees);
  row.counts = kept;
  return row;
}

std::vector<fault_outcome> fails(errc code, unsigned status, const std::string& words = {}) {
  return {failed(code, phase::decode, words, status)};
}

}  // namespace

TEST_CASE("fault matrix: reports") {
  const certificate_authority authority;
  const std::string report = good_report();
  const std::string coded = packed(report);
  const std::string scan = "check that a scan of the image is done";
  run_fault_rows(
      authority,
      {
          reported("a report (no fault)", answer("200 OK", report)),
          reported("a report behind a byte order mark (no fault)",
                   answer("200 OK", "\xef\xbb\xbf" + report)),
          reported("a report in gzip's coding (no fault)", answer("200 OK", coded, gzip)),
          reported("a report in gzip's coding that is cut off",
                   answer("200 OK", coded.substr(0, coded.size() / 2), gzip),
                   fails(errc::bad_response, 200, "gzip")),
          reported("202 in place of a report", answer("202 Accepted", envelope),
                   fails(errc::not_ready, 202, "look again later")),
          reported("204 in place of a report", "HTTP/1.1 204 No Content\r\n\r\n",
                   fails(errc::not_ready, 204, "look again later")),
          reported("400 in place of a report", answer("400 Bad Request", envelope),
                   fails(errc::rejected, 400, scan)),
          reported("404 in place of a report", answer("404 Not Found", envelope),
                   fails(errc::not_found, 404, "a scan of the image is done")),
          reported("409 in place of a report", answer("409 Conflict", envelope),
                   fails(errc::rejected, 409, scan)),
          reported("422 in place of a report", answer("422 Unprocessable Entity", envelope),
                   fails(errc::rejected, 422, scan)),
          reported("500 in place of a report", answer("500 Internal Server Error", envelope),
                   fails(errc::server_error, 500, "not yet")),
          reported("502 in place of a report", answer("502 Bad Gateway", envelope),
                   fails(errc::server_error, 502, "not yet")),
          reported("403 in place of a report", answer("403 Forbidden", envelope),
                   fails(errc::forbidden, 403, "not yet")),
          reported("404 of a stranger in place of a report", answer("404 Not Found", "<html>"),
                   fails(errc::bad_response, 404, "the platform's own address")),
      });
}
