// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/journal_rows.hpp"
#include "tools/outputs/csv_output.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace binarly::tools {

namespace {

const std::string header =
    "\"row\",\"product_id\",\"image_id\",\"verdict\",\"differences\",\"code\",\"message\","
    "\"request_id\",\"attempts\",\"latency_ms\",\"at\",\"notes\"\r\n";

std::string csv(const std::vector<journal_entry>& rows) {
  std::ostringstream out;
  csv_output shown(out);
  show(shown, rows);
  return out.str();
}

/// The cells of each record, by the letter of RFC 4180.
std::vector<std::vector<std::string>> records(const std::string& text) {
  std::vector<std::vector<std::string>> out{{""}};
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char one = text[at];
    std::string& cell = out.back().back();
    if (quoted) {
      if (one != '"') {
        cell += one;
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        cell += text[++at];
      } else {
        quoted = false;
      }
    } else if (one == '"') {
      CHECK(cell.empty());
      quoted = true;
    } else if (one == ',') {
      out.back().emplace_back();
    } else if (one == '\r') {
      REQUIRE(text.at(++at) == '\n');
      out.push_back({""});
    } else {
      CHECK(one != '\n');
      cell += one;
    }
  }
  CHECK_FALSE(quoted);
  out.pop_back();
  return out;
}

}  // namespace

TEST_CASE("CSV of a run without rows is its header") { CHECK(csv({}) == header); }

TEST_CASE("CSV has a record for each row") {
  journal_entry failed = failed_row(3, verdict::failed, errc::timed_out);
  failed.failure->request_id = "r-7";
  failed.attempts = 4;
  journal_entry unknown = journal_row(4, verdict::cancelled);
  unknown.at = {};
  auto noted = journal_row(1, verdict::verified);
  noted.notes = {"sha256: two values, \"a\" and b", "md5: two values"};
  CHECK(csv({noted, mismatched_row(2, "1.1"), failed, unknown}) ==
        header +
            "1,p,i1,verified,,,,,1,10.000,2026-03-01T09:00:00.010Z,"
            "\"sha256: two values, \"\"a\"\" and b; md5: two values\"\r\n"
            "2,p,i2,mismatched,\"version: 1.1, expected 1.0\",,,,1,10.000,"
            "2026-03-01T09:00:00.020Z,\r\n"
            "3,p,i3,failed,,timed_out,\"get image products/p/images/i3: timed out (1 attempt); "
            "try again, or allow more time\",r-7,4,10.000,2026-03-01T09:00:00.030Z,\r\n"
            "4,p,i4,cancelled,,,,,1,10.000,,\r\n");
}

TEST_CASE("no text of a CSV breaks its record, or is a formula") {
  const auto rows = hostile_rows();
  const auto text = csv(rows);
  const auto all = records(text);
  REQUIRE(all.size() == rows.size() + 1);
  for (const auto& record : all) {
    CHECK(record.size() == 12);
    for (const auto& cell : record)
      CHECK((cell.empty() || std::string("=+-@\t\r").find(cell.front()) == std::string::npos));
  }
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\0') == std::string::npos);
  CHECK(text.find("'=HYPERLINK(\"\"https://x.example\"\"") != std::string::npos);
}

}  // namespace binarly::tools
