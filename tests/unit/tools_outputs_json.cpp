// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/journal_rows.hpp"
#include "tools/outputs/json_output.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace binarly::tools {

namespace {

std::string json(const std::vector<journal_entry>& rows) {
  std::ostringstream out;
  json_output shown(out);
  show(shown, rows);
  return out.str();
}

}  // namespace

TEST_CASE("JSON of a run without rows") {
  CHECK(json({}) == R"json({
  "total": 0,
  "verdicts": {
    "verified": 0,
    "mismatched": 0,
    "missing": 0,
    "forbidden": 0,
    "failed": 0,
    "cancelled": 0
  },
  "attempts": 0,
  "retries": {},
  "scans": {},
  "archived": 0,
  "notes": {
    "count": 0,
    "examples": []
  },
  "latency_ms": {
    "mean": 0.000,
    "p50": 0.000,
    "p90": 0.000,
    "p99": 0.000,
    "max": 0.000
  },
  "problems": []
}
)json");
}

TEST_CASE("JSON says what the whole came to, in an order that stays") {
  auto retried = journal_row(1, verdict::verified);
  retried.attempts = 3;
  retried.retries = {{"throttled", 2}};
  retried.notes = {"sha256: two values"};
  CHECK(json({retried, mismatched_row(2, "1.1"),
              failed_row(100, verdict::missing, errc::not_found)}) == R"json({
  "total": 3,
  "verdicts": {
    "verified": 1,
    "mismatched": 1,
    "missing": 1,
    "forbidden": 0,
    "failed": 0,
    "cancelled": 0
  },
  "attempts": 5,
  "retries": {
    "throttled": 2
  },
  "scans": {},
  "archived": 0,
  "notes": {
    "count": 1,
    "examples": [
      "row 1: products/p/images/i1: sha256: two values"
    ]
  },
  "latency_ms": {
    "mean": 10.000,
    "p50": 10.000,
    "p90": 10.000,
    "p99": 10.000,
    "max": 10.000
  },
  "started": "2026-03-01T09:00:00.000Z",
  "ended": "2026-03-01T09:00:01.000Z",
  "elapsed_s": 1.000,
  "active_s": 1.000,
  "uploads_per_second": 3.0,
  "problems": [
    {
      "verdict": "mismatched",
      "fields": [
        "version"
      ],
      "count": 1,
      "advice": "correct the manifest, or upload the image that was meant",
      "examples": [
        "row 2: products/p/images/i2: version is \"1.1\", expected \"1.0\""
      ]
    },
    {
      "verdict": "missing",
      "code": "not_found",
      "count": 1,
      "advice": "check the product id and the image id",
      "examples": [
        "row 100: get image products/p/images/i100: not found (1 attempt)"
      ]
    }
  ]
}
)json");
}

TEST_CASE("JSON is JSON, whatever the texts are") {
  const auto rows = hostile_rows();
  const auto value = boost::json::parse(json(rows));
  CHECK(value.at("total") == rows.size());
  std::uint64_t sum = 0;
  for (const auto& group : value.at("problems").as_array())
    sum += group.at("count").to_number<std::uint64_t>();
  CHECK(sum == rows.size() / 6 * 4);
}

}  // namespace binarly::tools
