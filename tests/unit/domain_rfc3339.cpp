// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/rfc3339.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using binarly::domain::parse_rfc3339;

TEST_CASE("rfc3339: times") {
  struct row {
    std::string_view text;
    std::int64_t nanoseconds;
  };
  constexpr std::int64_t second = 1'000'000'000;
  const row rows[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2024-01-20T10:00:00Z", 1'705'744'800 * second},
      {"2024-01-20t10:00:00z", 1'705'744'800 * second},
      {"2024-01-20T10:00:00+00:00", 1'705'744'800 * second},
      {"2024-01-20T10:00:00-00:00", 1'705'744'800 * second},
      {"2024-01-20T12:30:00+02:30", 1'705'744'800 * second},
      {"2024-01-19T10:01:00-23:59", 1'705'744'800 * second},
      {"2024-01-20T10:00:00.5Z", 1'705'744'800 * second + 500'000'000},
      {"2024-01-20T10:00:00.123456789Z", 1'705'744'800 * second + 123'456'789},
      {"2024-01-20T10:00:00.12345678999999999999Z", 1'705'744'800 * second + 123'456'789},
      {"2024-01-20T10:00:00.000000001+00:00", 1'705'744'800 * second + 1},
      {"1969-12-31T23:59:59.25Z", -750'000'000},
      {"2024-02-29T00:00:00Z", 1'709'164'800 * second},
      {"2000-02-29T23:59:59Z", 951'868'799 * second},
      {"1985-04-12T23:20:50.52Z", 482'196'050 * second + 520'000'000},
      {"1996-12-19T16:39:57-08:00", 851'042'397 * second},
      // Leap seconds, as the second after them.
      {"1990-12-31T23:59:60Z", 662'688'000 * second},
      {"1990-12-31T15:59:60-08:00", 662'688'000 * second},
      {"2017-01-01T05:29:60.75+05:30", 1'483'228'800 * second + 750'000'000},
      {"2015-06-30T23:59:60Z", 1'435'708'800 * second},
      // The ends of what 64 bits of nanoseconds hold.
      {"1677-09-21T00:12:45Z", -9'223'372'035 * second},
      {"2262-04-11T23:47:15.999999999Z", 9'223'372'035 * second + 999'999'999},
  };
  for (const auto& [text, nanoseconds] : rows) {
    CAPTURE(text);
    const auto time = parse_rfc3339(text);
    REQUIRE(time.has_value());
    CHECK(time->known);
    CHECK(time->time.time_since_epoch().count() == nanoseconds);
    CHECK(time->text == text);
  }
}

TEST_CASE("rfc3339: what is none") {
  const std::string_view rows[] = {
      "",
      "2024-01-20",
      "2024-01-20T10:00:00",
      "2024-01-20 10:00:00Z",
      "2024-01-20T10:00Z",
      "2024-01-20T10:00:00ZZ",
      "2024-01-20T10:00:00Z ",
      " 2024-01-20T10:00:00Z",
      "2024-1-20T10:00:00Z",
      "24-01-20T10:00:00Z",
      "+2024-01-20T10:00:00Z",
      "12024-01-20T10:00:00Z",
      "2024-00-20T10:00:00Z",
      "2024-13-20T10:00:00Z",
      "2024-01-00T10:00:00Z",
      "2024-01-32T10:00:00Z",
      "2024-04-31T10:00:00Z",
      "2023-02-29T10:00:00Z",
      "1900-02-29T10:00:00Z",
      "2024-02-30T10:00:00Z",
      "2024-01-20T24:00:00Z",
      "2024-01-20T10:60:00Z",
      "2024-01-20T10:00:61Z",
      "2024-01-20T10:00:00.Z",
      "2024-01-20T10:00:00,5Z",
      "2024-01-20T10:00:00.5",
      "2024-01-20T10:00:00.-5Z",
      "2024-01-20T10:00:00+24:00",
      "2024-01-20T10:00:00+02:60",
      "2024-01-20T10:00:00+0200",
      "2024-01-20T10:00:00+02",
      "2024-01-20T10:00:00*02:00",
      "2024/01/20T10:00:00Z",
      "2024-01-20T10-00-00Z",
      "2024-01-20T10:00:0\u0663Z",
      "2024-01-20T10:00:00Z\0"sv,
      "1705744800",
      // No leap second is ever put in there.
      "1990-12-31T22:59:60Z",
      "1990-12-31T23:58:60Z",
      "1990-12-30T23:59:60Z",
      "1990-12-31T23:59:60-08:00",
  };
  for (const auto text : rows) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
}

TEST_CASE("rfc3339: of dates that nanoseconds do not reach, there is the text") {
  for (const auto text :
       {"0000-01-01T00:00:00Z"sv, "0001-01-01T00:00:00Z"sv, "1677-09-21T00:12:43Z"sv,
        "2262-04-11T23:47:17Z"sv, "9999-12-31T23:59:59.999999999+14:00"sv}) {
    CAPTURE(text);
    const auto time = parse_rfc3339(text);
    REQUIRE(time.has_value());
    CHECK_FALSE(time->known);
    CHECK(time->text == text);
    CHECK(time->time.time_since_epoch().count() == 0);
    // Who wants a time has no use for it.
    CHECK_FALSE(binarly::timestamp::parse(text).has_value());
  }
}

TEST_CASE("rfc3339: every truncation is refused") {
  const std::string_view text = "2024-01-20T10:00:00.125+02:30";
  REQUIRE(parse_rfc3339(text).has_value());
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_rfc3339(text.substr(0, size)).has_value());
  }
}

}  // namespace

TEST_CASE("rfc 3339: a time is written as it is read") {
  for (const std::string text :
       {"2024-01-20T10:00:00.000Z", "1969-12-31T23:59:59.999Z", "2024-02-29T23:59:59.000000001Z",
        "1970-01-01T00:00:00.000Z", "2262-04-11T00:00:00.120Z"}) {
    CHECK(binarly::to_rfc3339(binarly::timestamp::parse(text).value().time) == text);
  }
  CHECK(!binarly::timestamp::parse("2024-01-20"));
}
