// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/text.hpp"

#include <doctest/doctest.h>

#include <string>

namespace binarly::tools {

using namespace std::chrono_literals;

TEST_CASE("UTF-8 characters are measured, and malformed ones refused") {
  CHECK(utf8_length("a") == 1);
  CHECK(utf8_length("\u00e9x") == 2);
  CHECK(utf8_length("\u20ac") == 3);
  CHECK(utf8_length("\U0001f600") == 4);
  for (const char* bad :
       {"", "\x80", "\xc0\xaf", "\xc1\x81", "\xc3", "\xc3(", "\xe0\x80\x80", "\xed\xa0\x80",
        "\xe2\x82", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    CAPTURE(bad);
    CHECK(utf8_length(bad) == 0);
  }
}

TEST_CASE("text from outside cannot rewrite the line it is shown in") {
  CHECK(printable("Firmware \u00e9 1.2") == "Firmware \u00e9 1.2");
  CHECK(printable("a\x1b[2Jb\n\t\x7f") == "a\\x1b[2Jb\\x0a\\x09\\x7f");
  CHECK(printable("\u009b2J") == "\\xc2\\x9b2J");
  CHECK(printable("\u00a0") == "\\xc2\\xa0");
  CHECK(printable("a\u202eb\u2066c\u200fd\u061ce") ==
        "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6c\\xe2\\x80\\x8fd\\xd8\\x9ce");
  CHECK(printable("\xff\xc3") == "\\xff\\xc3");
  CHECK(printable("abcdef", 6) == "abcdef");
  CHECK(printable("abcdefg", 6) == "abcdef\u2026");
  CHECK(printable("abcd\u20ac", 6) == "abcd\u2026");
}

TEST_CASE("numbers are grouped by thousands") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(grouped(18446744073709551615u) == "18,446,744,073,709,551,615");
}

TEST_CASE("numbers have as many digits after the point as asked for") {
  CHECK(fixed(1.23456, 3) == "1.235");
  CHECK(fixed(0, 0) == "0");
  CHECK(fixed(58.7, 3) == "58.700");
  CHECK(fixed(1e300, 3).size() == 305);
}

TEST_CASE("durations are spoken in the unit that fits") {
  CHECK(spoken(0ns) == "0 µs");
  CHECK(spoken(999us) == "999 µs");
  CHECK(spoken(1ms) == "1.0 ms");
  CHECK(spoken(9949us) == "9.9 ms");
  CHECK(spoken(9950us) == "10 ms");
  CHECK(spoken(999ms) == "999 ms");
  CHECK(spoken(999500us) == "1.00 s");
  CHECK(spoken(1250ms) == "1.25 s");
  CHECK(spoken(59940ms) == "59.9 s");
  CHECK(spoken(59960ms) == "1 min 0 s");
  CHECK(spoken(125s) == "2 min 5 s");
  CHECK(spoken(3599600ms) == "1 h 0 min");
  CHECK(spoken(3h + 12min) == "3 h 12 min");
}

TEST_CASE("times are written as RFC 3339 has them") {
  using time = std::chrono::sys_time<std::chrono::milliseconds>;
  CHECK(utc(time{}) == "1970-01-01T00:00:00.000Z");
  CHECK(utc(time{1'709'251'199'999ms}) == "2024-02-29T23:59:59.999Z");
  CHECK(utc(time{-1ms}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("milliseconds are no powers of ten") {
  CHECK(in_milliseconds(58'700us) == "58.700");
  CHECK(in_milliseconds(1h) == "3600000.000");
  CHECK(in_milliseconds(400ns) == "0.000");
}

}  // namespace binarly::tools
