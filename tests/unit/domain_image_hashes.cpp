// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/image_hashes.hpp>

#include <doctest/doctest.h>

TEST_CASE("image_hashes: looking up by algorithm, and comparing") {
  binarly::image_hashes found;
  found.own = {{"SHA-256", "ab"}, {"SHA3-256", "cd"}, {"BLAKE2b-256", "ef"}};
  for (const auto* const name : {"SHA-256", "sha256", "Sha-256", "SHA256"}) {
    CAPTURE(name);
    REQUIRE(found.find(name) != nullptr);
    CHECK(*found.find(name) == "ab");
  }
  CHECK(*found.find("sha3256") == "cd");
  CHECK(*found.find("blake2b256") == "ef");
  for (const auto* const name : {"", "-", "SHA-25", "SHA-2566", "MD5", "SHA_256"}) {
    CAPTURE(name);
    CHECK(found.find(name) == nullptr);
  }
  // The first of several.
  found.own.push_back({"SHA-256", "99"});
  CHECK(*found.find("sha256") == "ab");
  CHECK(binarly::same_checksum("0aF", "0Af"));
  CHECK_FALSE(binarly::same_checksum("0a", "0af"));
  CHECK_FALSE(binarly::same_checksum("0a", "0b"));
  CHECK(binarly::same_checksum("", ""));
}

TEST_CASE(
    "image_hashes: an expected checksum is stated, another one is, none is, or it is not told") {
  using binarly::checksum_agreement;
  binarly::image_hashes found;
  found.own = {{"SHA-256", "ab"}, {"MD5", "01"}, {"MD5", "02"}};
  found.own_flaws = {{"SHA-1", "of 41 digits"}, {"SHA-256", "of no digits"}};
  CHECK(found.check("sha256", "AB").outcome == checksum_agreement::agrees);
  CHECK(found.check("sha256", "AB").note.empty());
  CHECK(found.check("sha256", "cd").outcome == checksum_agreement::differs);
  CHECK(found.check("sha256", "cd").found == "ab");
  for (const auto* const one : {"01", "02"}) {
    const auto agreed = found.check("MD5", one);
    CHECK(agreed.outcome == checksum_agreement::agrees);
    CHECK(agreed.note == "the report states 2 values, and this is one of them");
  }
  const auto differs = found.check("MD5", "03");
  CHECK(differs.outcome == checksum_agreement::differs);
  CHECK(differs.found == "01, 02");
  const auto untold = found.check("sha1", "00");
  CHECK(untold.outcome == checksum_agreement::untold);
  CHECK(untold.note == "of 41 digits");
  CHECK(untold.found.empty());
  CHECK(found.check("sha512", "00").outcome == checksum_agreement::absent);
  // Of all of them.
  found.own_flaws = {{"", "not said which"}};
  CHECK(found.check("sha512", "00").outcome == checksum_agreement::untold);
  CHECK(found.check("sha512", "00").note == "not said which");
  CHECK(found.check("sha256", "ab").outcome == checksum_agreement::agrees);
  CHECK(binarly::image_hashes().check("md5", "00").outcome == checksum_agreement::absent);
}
