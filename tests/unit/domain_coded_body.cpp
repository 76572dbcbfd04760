// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/coded_body.hpp"
#include "support/packed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using binarly::errc;
using binarly::domain::coded_body;
using binarly::domain::is_uncoded;
using binarly::testing::packed;

/// What comes out of a body that comes in pieces of so many bytes, or what is wrong with it.
std::string outcome(std::string_view coding, std::string_view body, std::size_t piece = 1000,
                    std::size_t limit = 100'000) {
  coded_body coded(coding, limit);
  std::string all;
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) {
    coded.write(body.substr(0, piece), [&all](std::string_view part) {
      all += part;
      return true;
    });
  }
  const auto why = coded.end();
  if (!why) return all;
  CHECK(why->detail().step == binarly::phase::decode);
  return (why->code() == errc::too_large ? "TOO LARGE " : "FAILED ") + why->detail().reason;
}

}  // namespace

TEST_CASE("coded_body: no coding is one as well") {
  for (const auto* const coding : {"", "identity", "Identity"})
    CHECK(is_uncoded(coding));
  for (const auto* const coding : {"gzip", "br", "identity, gzip", "identit", "utf-8"})
    CHECK_FALSE(is_uncoded(coding));
}

TEST_CASE("coded_body: gzip is undone, however it comes") {
  const std::string text = "abc " + std::string(50'000, 'd');
  const std::string coded = packed(text);
  for (const std::size_t piece : {1u, 7u, 100'000u}) {
    CHECK(outcome("gzip", coded, piece) == text);
    CHECK(outcome("X-GZip", coded, piece) == text);
    CHECK(outcome("gzip", coded + packed("e"), piece) == text + "e");
    CHECK(outcome("gzip", coded.substr(0, coded.size() - 1), piece) ==
          "FAILED its gzip coding ends in the middle, at byte " + std::to_string(coded.size() - 1));
    CHECK(outcome("gzip", "{\"plain\":1}", piece).starts_with("FAILED its gzip coding is broken"));
    CHECK(outcome("gzip", coded, piece, text.size()) == text);
    CHECK(outcome("gzip", coded, piece, text.size() - 1) ==
          "TOO LARGE its body is larger than 50003 bytes once its coding is undone");
  }
  CHECK(outcome("gzip", "") == "FAILED its gzip coding ends in the middle, at byte 0");
}

TEST_CASE("coded_body: any other coding is refused, by its printable name") {
  CHECK(outcome("br", "x") == "FAILED its coding is \"br\", of which only gzip is understood");
  CHECK(outcome("gzip, gzip", packed("x")).starts_with("FAILED its coding is \"gzip, gzip\""));
  CHECK(outcome("a\x1b[2J", "x").starts_with("FAILED its coding is \"a\\x1b[2J\""));
  CHECK(outcome(std::string(10'000, 'x'), "x").size() < 120);
}

TEST_CASE("coded_body: who has enough gets no more, and is not blamed for what would follow") {
  const std::string coded = packed(std::string(1'000'000, 'd'));
  coded_body body("gzip", 100'000);
  int pieces = 0;
  const auto once = [&pieces](std::string_view) {
    ++pieces;
    return false;
  };
  body.write(coded.substr(0, 100), once);
  body.write(coded.substr(100, 100), once);
  body.write("not gzip's", once);
  CHECK(pieces == 1);
  CHECK_FALSE(body.end().has_value());
}
