// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/http_date.hpp"
#include "domain/retry_after.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using binarly::domain::longest_retry_after;
using binarly::domain::parse_http_date;
using binarly::domain::parse_retry_after;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr sys_seconds now = sys_days(2026y / 3 / 15) + 12h;

TEST_CASE("http_date: the three forms") {
  const sys_seconds example = sys_days(1994y / 11 / 6) + 8h + 49min + 37s;
  struct row {
    std::string_view text;
    sys_seconds time;
  };
  const row rows[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", example},
      {"Sunday, 06-Nov-94 08:49:37 GMT", example},
      {"Sun Nov  6 08:49:37 1994", example},
      {"Wed Nov 16 08:49:37 1994", example + 240h},
      {"Thu, 29 Feb 2024 00:00:00 GMT", sys_days(2024y / 2 / 29)},
      {"Sat, 31 Dec 2016 23:59:60 GMT", sys_days(2017y / 1 / 1)},
      {"Fri, 31 Dec 9999 23:59:59 GMT", sys_days(9999y / 12 / 31) + 86'399s},
      {"Thu, 01 Jan 1970 00:00:00 GMT", sys_seconds()},
  };
  for (const auto& [text, time] : rows) {
    CAPTURE(text);
    CHECK(parse_http_date(text, now) == time);
  }
}

TEST_CASE("http_date: two digits are the latest year that is at most 50 years ahead") {
  struct row {
    sys_seconds now;
    std::string_view text;
    sys_seconds time;
  };
  const row rows[] = {
      {now, "Sunday, 15-Mar-76 12:00:00 GMT", sys_days(2076y / 3 / 15) + 12h},
      {now, "Sunday, 15-Mar-76 12:00:01 GMT", sys_days(1976y / 3 / 15) + 12h + 1s},
      {now, "Monday, 16-Mar-76 00:00:00 GMT", sys_days(1976y / 3 / 16)},
      {now, "Monday, 01-Apr-76 00:00:00 GMT", sys_days(1976y / 4 / 1)},
      {now, "Monday, 01-Jan-75 00:00:00 GMT", sys_days(2075y / 1 / 1)},
      {now, "Monday, 01-Jan-77 00:00:00 GMT", sys_days(1977y / 1 / 1)},
      {now, "Monday, 01-Jan-26 00:00:00 GMT", sys_days(2026y / 1 / 1)},
      {now, "Saturday, 01-Jan-00 00:00:00 GMT", sys_days(2000y / 1 / 1)},
      {sys_days(1999y / 12 / 31), "Saturday, 01-Jan-00 00:00:00 GMT", sys_days(2000y / 1 / 1)},
      {sys_days(1999y / 12 / 31), "Saturday, 01-Jan-49 00:00:00 GMT", sys_days(2049y / 1 / 1)},
      {sys_days(1999y / 12 / 31), "Saturday, 01-Jan-50 00:00:00 GMT", sys_days(1950y / 1 / 1)},
      // 2100 has no such day, and is too far off anyway.
      {now, "Tuesday, 29-Feb-00 00:00:00 GMT", sys_days(2000y / 2 / 29)},
  };
  for (const auto& [time_now, text, time] : rows) {
    CAPTURE(text);
    CHECK(parse_http_date(text, time_now) == time);
  }
}

TEST_CASE("http_date: what is none") {
  const std::string_view rows[] = {
      "",
      "now",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 06 Nov 1994 08:49:37 GMT ",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT",
      "Xyz, 06 Nov 1994 08:49:37 GMT",
      "Sun 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 94 08:49:37 GMT",
      "Sun, 31 Nov 1994 08:49:37 GMT",
      "Wed, 29 Feb 2023 00:00:00 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:37 GMT",
      "Sun, 06 Nov 1994 08:49:61 GMT",
      "Sun, 06 Nov 1994 8:49:37 GMT",
      "Sun, 06-Nov-94 08:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37",
      "Sunday, 29-Feb-23 08:49:37 GMT",
      "Sun Nov 6 08:49:37 1994",
      "Sun Nov  6 08:49:37 1994 GMT",
      "Sun Nov 06 08:49:37 94",
      "1994-11-06T08:49:37Z",
  };
  for (const auto text : rows) {
    CAPTURE(text);
    CHECK(parse_http_date(text, now) == std::nullopt);
  }
}

TEST_CASE("retry_after: seconds") {
  CHECK(parse_retry_after("0", "", now) == 0s);
  CHECK(parse_retry_after("120", "", now) == 120s);
  CHECK(parse_retry_after("00007", "nonsense", now) == 7s);
  CHECK(parse_retry_after("2147483647", "", now) == longest_retry_after - 1s);
  CHECK(parse_retry_after("2147483649", "", now) == longest_retry_after);
  CHECK(parse_retry_after("99999999999999999999999999", "", now) == longest_retry_after);
  CHECK(parse_retry_after(std::string(100'000, '9'), "", now) == longest_retry_after);
  for (const auto text : {""sv, "-1"sv, "+1"sv, "1.5"sv, "1s"sv, " 1"sv, "0x10"sv, "1\0"sv}) {
    CAPTURE(text);
    CHECK(parse_retry_after(text, "", now) == std::nullopt);
  }
}

TEST_CASE("retry_after: the longest wait survives conversion to any unit") {
  CHECK(std::chrono::nanoseconds(longest_retry_after) > 0ns);
}

TEST_CASE("retry_after: a date, by the server's clock where it shows it") {
  const auto date = "Sun, 15 Mar 2026 12:02:00 GMT"sv;
  CHECK(parse_retry_after(date, "", now) == 120s);
  CHECK(parse_retry_after(date, "nonsense", now) == 120s);
  CHECK(parse_retry_after(date, "Sun, 15 Mar 2026 12:01:30 GMT", now) == 30s);
  CHECK(parse_retry_after(date, "Sunday, 15-Mar-26 12:01:30 GMT", now) == 30s);
  CHECK(parse_retry_after(date, "Sun Mar 15 12:01:30 2026", now) == 30s);
  CHECK(parse_retry_after(date, "Sun, 15 Mar 2026 13:00:00 GMT", now) == 0s);
  CHECK(parse_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", "", now) == 0s);
  CHECK(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", "", now) == longest_retry_after);
  CHECK(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", now) ==
        longest_retry_after);
  CHECK(parse_retry_after("tomorrow", "Sun, 15 Mar 2026 12:00:00 GMT", now) == std::nullopt);
}

}  // namespace
