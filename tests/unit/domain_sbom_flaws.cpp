// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain_sbom_bodies.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace binarly::test;

}  // namespace

TEST_CASE("sbom_reader: what nobody asked for cannot spoil what was asked for") {
  const std::string good = component("a", '1');
  const std::string found = "own MD5=" + md5('0') + "; a MD5=" + md5('1');
  for (const std::string odd :
       {R"({"name":"z","hashes":[{"alg":"MD5","content":"1"}]})",
        R"({"name":"z","hashes":[{"alg":"MD5"}]})", R"({"name":"z","hashes":[{"content":"00"}]})",
        R"({"hashes":[{"alg":7,"content":[]}],"name":"z"})", R"({"name":"z","hashes":{}})",
        R"({"name":"z","hashes":[[]]})", R"({"name":"z","hashes":["x",null]})",
        R"({"name":1,"hashes":[]})", R"({"name":null})", R"({"name":["a"]})",
        R"({"name":"z","name":"y"})", R"({"hashes":[],"hashes":[]})",
        R"({"name":"z","hashes":[{"alg":"MD5","alg":"MD5","content":"00"}]})"}) {
    CAPTURE(odd);
    CHECK(cyclonedx(report(odd + "," + good), {"a"}) == found);
    CHECK(cyclonedx(report(good + "," + odd), {"a"}) == found);
    CHECK(cyclonedx(report(odd)) == "own MD5=" + md5('0'));
  }
  CHECK(cyclonedx(report("null," + good), {"a"}) == found);
  const std::string long_name(64 * 1024 + 1, 'n');
  CHECK(cyclonedx(report(component(long_name, '2') + "," + good), {"a"}) == found);
  const std::string many =
      R"({"name":"z","hashes":[)" + repeat(hash('1') + ",", 99) + hash('1') + "]}";
  CHECK(cyclonedx(report(many + "," + good), {"a"}) == found);
  // Of SPDX's files and packages that are neither asked for nor the image.
  CHECK(
      spdx(spdx_report(R"("packages":[)" + package("A", '1', "a") +
                       R"(],"files":[{"checksums":[{"algorithm":"MD5"}]},{"SPDXID":1},)"
                       R"({"SPDXID":"F","checksums":[{"algorithm":"SHA1","checksumValue":"0"}]}])"),
           {"a"}) == "own MD5=" + md5('1') + "; a MD5=" + md5('1'));
}

TEST_CASE(
    "sbom_reader: what is wrong with a file that is asked for is told, and the rest answered") {
  const auto file = [](const std::string& members) {
    return cyclonedx(report(R"({"name":"a",)" + members + "}," + component("b", '2')), {"a", "b"});
  };
  const auto told = [&](const std::string& members, const std::string& words) {
    const auto outcome = file(members);
    CAPTURE(outcome);
    CHECK(outcome.starts_with("own MD5=" + md5('0') + "; a"));
    CHECK(outcome.ends_with("; b MD5=" + md5('2')));
    CHECK(outcome.find(words) != outcome.npos);
  };
  const std::string place = "[field \"components[0].hashes";
  told(R"("hashes":[{"alg":"SHA-256","content":")" + std::string(40, 'a') + R"("}])",
       "; a [SHA-256: field \"components[0].hashes[0]\": a checksum of 40 digits");
  told(R"("hashes":[)" + hash('1') + R"(,{"alg":"SHA-1","content":"x"}])",
       "; a MD5=" + md5('1') + " [SHA-1: ");
  told(R"("hashes":[{"content":"00"}])", place + "[0]\": a checksum without its algorithm's name]");
  told(R"("hashes":[{"alg":"MD5","content":5}])",
       place + "[0].content\": a number where a string is due]");
  told(R"("hashes":"x")", place + "\": a string where an array is due]");
  told(R"("hashes":["x"])", place + "[0]\": a string where an object is due]");
  told(R"("hashes":[],"hashes":[])", place + "\": stands here for the second time]");
  told(R"("hashes":[{"alg":"MD5","alg":"SHA-1","content":"00"}])", "for the second time]");
  told(R"("name":"z")", "what has the name \"a\" has another one, too");
  told(R"("hashes":[)" + repeat(hash('1') + ",", 32) + hash('1') + "]",
       "more than 32 checksums of one thing");
  // Its name may come later.
  CHECK(cyclonedx(report(R"({"hashes":[{"alg":"MD5","content":"1"}],"name":"a"})"), {"a"})
            .find("; a [MD5: ") != std::string::npos);
}

TEST_CASE("sbom_reader: the image needs no file to be good, nor a file the image") {
  const std::string image = R"({"bomFormat":"CycloneDX","metadata":)";
  const std::string files = R"(,"components":[)" + component("a", '1') + "]}";
  for (const std::string odd :
       {R"([])", R"("x")", R"({"component":[]})", R"({"component":{},"component":{}})",
        R"({"component":{"hashes":[{"alg":"MD5","content":"1"}]}})",
        R"({"component":{"hashes":1}})"}) {
    CAPTURE(odd);
    const auto outcome = cyclonedx(image + odd + files, {"a"});
    CAPTURE(outcome);
    CHECK(outcome.starts_with("own ["));
    CHECK(outcome.ends_with("]; a MD5=" + md5('1')));
  }
  // Two of them: neither is taken.
  CHECK(cyclonedx(R"({"bomFormat":"CycloneDX","metadata":{"component":{)" + hashes('1') +
                  R"(},"component":{)" + hashes('2') + "}}}") ==
        "own [field \"metadata.component\": stands here for the second time]");
  for (const std::string odd : {R"({})", R"("x")", R"([[]])", R"([7])", R"([{"components":{}}])"}) {
    CAPTURE(odd);
    const auto outcome = cyclonedx(R"({"bomFormat":"CycloneDX","metadata":{"component":{)" +
                                       hashes('0') + R"(}},"components":)" + odd + "}",
                                   {"a"});
    CHECK(outcome.starts_with("own MD5=" + md5('0') + "; unread [field \"components"));
  }
}

TEST_CASE("sbom_reader: two values of one algorithm are both kept, one that is said twice is one") {
  const auto twice = [](char digit) {
    return report(R"({"name":"a","hashes":[)" + hash('1') + "," + hash(digit) + "]}");
  };
  CHECK(cyclonedx(twice('1'), {"a"}) == "own MD5=" + md5('0') + "; a MD5=" + md5('1'));
  CHECK(cyclonedx(twice('2'), {"a"}) ==
        "own MD5=" + md5('0') + "; a MD5=" + md5('1') + " MD5=" + md5('2'));
  CHECK(spdx(spdx_report(R"("packages":[{"checksums":[)"
                         R"({"algorithm":"MD4","checksumValue":")" +
                         md5('1') + R"("},{"algorithm":"md4","checksumValue":")" + md5('2') +
                         R"("}]}])")) == "own MD4=" + md5('1') + " MD4=" + md5('2'));
}
