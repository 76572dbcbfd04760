// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/printable.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using binarly::domain::printable;
using binarly::domain::without_secret;

struct row {
  std::string_view text;
  std::string_view shown;
};

TEST_CASE("printable: what a terminal may see") {
  const row rows[] = {
      {"", ""},
      {"plain ~ text\\", "plain ~ text\\"},
      {"gr\u00fc\u00df \u20ac \U0001f600 \U0010ffff",
       "gr\u00fc\u00df \u20ac \U0001f600 \U0010ffff"},
      {"a\0b"sv, "a\\x00b"},
      {"\t\r\n\x1b[31m\x1f\x7f", "\\x09\\x0d\\x0a\\x1b[31m\\x1f\\x7f"},
      {"\u0080\u0085\u009f\u00a0", "\\u{0080}\\u{0085}\\u{009f}\u00a0"},
      {"\u2028\u2029", "\\u{2028}\\u{2029}"},
      {"\u202a\u202e\u202f", "\\u{202a}\\u{202e}\u202f"},
      {"\u2065\u2066\u2069\u206a", "\u2065\\u{2066}\\u{2069}\u206a"},
      {"\u061c\u200d\u200e\u200f\u2010", "\\u{061c}\u200d\\u{200e}\\u{200f}\u2010"},
  };
  for (const auto& [text, shown] : rows) {
    CAPTURE(shown);
    CHECK(printable(text, 1000) == shown);
  }
}

TEST_CASE("printable: bytes that are not UTF-8") {
  const row rows[] = {
      {"\x80", "\\x80"},
      {"\xbf\xfe\xff", "\\xbf\\xfe\\xff"},
      {"\xc0\xaf", "\\xc0\\xaf"},  // overlong in two bytes
      {"\xc1\xbf", "\\xc1\\xbf"},
      {"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"},  // overlong in three
      {"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // a surrogate
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond U+10FFFF
      {"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
      {"\xe2\x82", "\\xe2\\x82"},  // cut short
      {"\xf9\x80\x80\x80", "\\xf9\\x80\\x80\\x80"},
      {"\u20ac"sv.substr(0, 2), "\\xe2\\x82"},  // what lies behind the text is not looked at
      {"\xe2\x82z", "\\xe2\\x82z"},
      {"\xc3\xc3\xa9", "\\xc3\u00e9"},
  };
  for (const auto& [text, shown] : rows) {
    CAPTURE(shown);
    CHECK(printable(text, 1000) == shown);
  }
}

TEST_CASE("printable: the limit cuts between characters and escapes") {
  CHECK(printable("abc", 3) == "abc");
  CHECK(printable("abcd", 3) == "abc\u2026");
  CHECK(printable("a", 0) == "\u2026");
  CHECK(printable("", 0).empty());
  CHECK(printable("ab\u20ac", 5) == "ab\u20ac");
  CHECK(printable("ab\u20ac", 4) == "ab\u2026");
  CHECK(printable("ab\n", 6) == "ab\\x0a");
  CHECK(printable("ab\n", 5) == "ab\u2026");
  CHECK(printable("a\u2028z", 9) == "a\\u{2028}\u2026");
  CHECK(printable(std::string(1'000'000, 'x'), 8) == "xxxxxxxx\u2026");
}

TEST_CASE("without_secret: strikes out each occurrence") {
  CHECK(without_secret("Bearer abcdef, abcdef", "abcdef") == "Bearer [secret], [secret]");
  CHECK(without_secret("abcdefabcdef", "abcdef") == "[secret][secret]");
  CHECK(without_secret("aaaaaaaaaaaaa", "aaaaaa") == "[secret][secret]a");
  CHECK(without_secret("abcdeabcdef", "abcdef") == "abcde[secret]");
  CHECK(without_secret("abcde", "abcdef") == "abcde");
  CHECK(without_secret("secret", "secret") == "[secret]");
  CHECK(without_secret("abc", "") == "abc");
  // A short one would strike out ordinary words.
  CHECK(without_secret("not found", "t") == "not found");
}

}  // namespace
