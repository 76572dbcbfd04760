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
      {"\u0080\u0085\u009f\u00a1", "\\xc2\\x80\\xc2\\x85\\xc2\\x9f\u00a1"},
      {"\u2028\u2029", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9"},
      {"\u202a\u202e\u2030", "\\xe2\\x80\\xaa\\xe2\\x80\\xae\u2030"},
      {"\u2066\u2069\u2070", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9\u2070"},
      {"\u061b\u061c\u061d", "\u061b\\xd8\\x9c\u061d"},
  };
  for (const auto& [text, shown] : rows) {
    CAPTURE(shown);
    CHECK(printable(text, 1000) == shown);
  }
}

TEST_CASE("printable: what looks like a space or like nothing is shown") {
  const row rows[] = {
      {"1.0\u00a0beta", "1.0\\xc2\\xa0beta"},                    // no-break space
      {"a\u3000b", "a\\xe3\\x80\\x80b"},                         // ideographic space
      {"a\u2009b\u202fc", "a\\xe2\\x80\\x89b\\xe2\\x80\\xafc"},  // thin spaces
      {"a\u200bb", "a\\xe2\\x80\\x8bb"},                         // zero width space
      {"\u200c\u200d", "\\xe2\\x80\\x8c\\xe2\\x80\\x8d"},        // joiners
      {"\u2060\u2064", "\\xe2\\x81\\xa0\\xe2\\x81\\xa4"},        // word joiner, invisible plus
      {"a\ufeffb", "a\\xef\\xbb\\xbfb"},                         // byte order mark
      {"a\u00adb", "a\\xc2\\xadb"},                              // soft hyphen
      {"\u2800\u3164", "\\xe2\\xa0\\x80\\xe3\\x85\\xa4"},        // blanks that are letters
      {"x\ufe0f", "x\\xef\\xb8\\x8f"},                           // variation selector
      {"\U000e0041", "\\xf3\\xa0\\x81\\x81"},                    // tag
      {"\u00a1\u00ac\u00ae\u1fff\u2010\u2027\u205e\u2070\ufe10\ufefe\uff00",
       "\u00a1\u00ac\u00ae\u1fff\u2010\u2027\u205e\u2070\ufe10\ufefe\uff00"},
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

TEST_CASE("without_cut_secret: what a cut has left of a secret is struck out, too") {
  using binarly::domain::without_cut_secret;
  const std::string secret = "s3cret-of-some-length";
  CHECK(without_cut_secret("you sent s3cret-of-some-length!", secret) == "you sent [secret]!");
  CHECK(without_cut_secret("you sent s3cret-of\u2026", secret) == "you sent [secret]\u2026");
  CHECK(without_cut_secret("you sent s3cret\u2026", secret) == "you sent [secret]\u2026");
  // Too little to be worth anything, or not cut.
  CHECK(without_cut_secret("you sent s3cre\u2026", secret) == "you sent s3cre\u2026");
  CHECK(without_cut_secret("you sent s3cret-of", secret) == "you sent s3cret-of");
  CHECK(without_cut_secret("\u2026", secret) == "\u2026");
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
  CHECK(printable("a\u2028z", 13) == "a\\xe2\\x80\\xa8\u2026");
  CHECK(printable("a\u2028z", 12) == "a\u2026");
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
