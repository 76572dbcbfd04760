// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain_sbom_bodies.hpp"
#include "support/report_cases.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace binarly::test;

const std::string ones(64, '1');
const std::string twos(64, '2');
const std::string own = "own SHA-256=" + ones;
const std::string a_bin = "; a.bin SHA-256=" + twos;

}  // namespace

TEST_CASE("sbom_reader: reports of kinds that are met in the world") {
  CHECK(cyclonedx(report_cases::odd_hash_elsewhere, {"a.bin"}) == own + a_bin);
  CHECK(cyclonedx(report_cases::odd_hash_elsewhere, {"other"}) ==
        own +
            "; other [SHA-256: field \"components[0].hashes[0]\": a checksum of 40 digits, where "
            "SHA-256 makes 64]");
  CHECK(cyclonedx(report_cases::two_values, {"six", "a.bin"}) ==
        own + "; six SHA-256=" + ones + " SHA-256=" + twos + a_bin);
  CHECK(spdx(report_cases::describes_two, {"a.bin"}) ==
        "own [the report does not say which thing is the image: it describes \"SPDXRef-fw\" and "
        "\"SPDXRef-p\"]" +
            a_bin);
  CHECK(spdx(report_cases::no_describes, {"adduser"}) ==
        "own [the report does not say which package is the image, and has 2 of them]; adduser "
        "SHA-256=" +
            twos);
  CHECK(spdx(report_cases::spdx3, {"a.bin"}) == own + a_bin);
}
