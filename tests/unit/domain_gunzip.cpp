// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/gunzip.hpp"
#include "support/packed.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace {

using binarly::domain::gunzip;
using binarly::testing::packed;

/// What comes out, in pieces of so many bytes put in; nothing when it is broken or not whole.
std::optional<std::string> unpacked(std::string_view coded, std::size_t piece) {
  gunzip reader;
  std::string all;
  for (; !coded.empty(); coded.remove_prefix(std::min(piece, coded.size()))) {
    const auto take = [&all](std::string_view part) {
      CHECK(part.size() <= 32 * 1024);
      all += part;
      return true;
    };
    if (!reader.write(coded.substr(0, piece), take)) return std::nullopt;
  }
  if (!reader.complete()) return std::nullopt;
  return all;
}

void check_both_ways(const std::string& coded, const std::optional<std::string>& expected) {
  CHECK(unpacked(coded, coded.size() + 1) == expected);
  CHECK(unpacked(coded, 1) == expected);
}

}  // namespace

TEST_CASE("gunzip: one member, several, and an empty one") {
  const std::string text = "abc " + std::string(100'000, 'd') + " e";
  check_both_ways(packed(text), text);
  check_both_ways(packed(""), "");
  check_both_ways(packed("one ") + packed("") + packed("two"), "one two");
}

TEST_CASE("gunzip: every cut is seen, and so is what follows") {
  const std::string coded = packed("some text, and some text") + packed("more");
  const std::size_t first = packed("some text, and some text").size();
  for (std::size_t size = 0; size < coded.size(); ++size) {
    CAPTURE(size);
    // Between two members it is whole.
    if (size != first) check_both_ways(coded.substr(0, size), std::nullopt);
  }
  for (const std::string_view garbage : {"x", "\x1f", "\x1f\x8b", "<html>", "\n"}) {
    check_both_ways(coded + std::string(garbage), std::nullopt);
  }
  check_both_ways(coded + std::string(1, '\0'), std::nullopt);
}

TEST_CASE("gunzip: what is broken, or coded otherwise") {
  const std::string coded = packed("some text, and some text");
  for (std::size_t at = 0; at < coded.size(); ++at) {
    // Of the head, time, flags and system are nobody's business.
    if (at >= 4 && at < 10) continue;
    std::string spoilt = coded;
    spoilt[at] = static_cast<char>(spoilt[at] ^ 0x10);
    CAPTURE(at);
    const auto found = unpacked(spoilt, spoilt.size());
    CHECK(found != std::optional<std::string>("some text, and some text"));
  }
  check_both_ways(packed("text", 15), std::nullopt);
  check_both_ways(packed("text", -15), std::nullopt);
  check_both_ways("plain text", std::nullopt);
}

TEST_CASE("gunzip: whoever takes the bytes can stop a bomb") {
  const std::string bomb = packed(std::string(50'000'000, 'x'));
  REQUIRE(bomb.size() < 100'000);
  gunzip reader;
  std::size_t taken = 0;
  CHECK_FALSE(reader.write(bomb, [&taken](std::string_view part) {
    taken += part.size();
    return taken < 1'000'000;
  }));
  CHECK(taken < 1'100'000);
}

TEST_CASE("gunzip: its names") {
  using binarly::domain::is_gzip;
  CHECK(is_gzip("gzip"));
  CHECK(is_gzip("GZip"));
  CHECK(is_gzip("x-gzip"));
  for (const auto* const other : {"", "identity", "br", "deflate", "gzip, gzip", "gzip2"}) {
    CHECK_FALSE(is_gzip(other));
  }
}
