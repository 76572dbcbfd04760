// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain_sbom_bodies.hpp"

#include <binarly/image_hashes.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace binarly::test;
using binarly::errc;
using binarly::hash_query;
using binarly::sbom_format;
using binarly::domain::sbom_reader;

// A little of everything.
const std::string small_cyclonedx =
    R"({"$schema":"x","bomFormat":"CycloneDX","specVersion":"1.5","version":1,)"
    R"("metadata":{"timestamp":"t","component":{"type":"firmware","hashes":[{"alg":"SHA-1",)"
    R"("content":"0123456789ABCDEF0123456789abcdef01234567"}],"name":"the image"}},)"
    R"("components":[{"hashes":[{"content":"AA0011223344556677889900aabbccdd","alg":"md5"}],)"
    R"("name":"a\u0062c","components":[)" +
    component("deep", '1') +
    R"(]},{"name":"other","hashes":null},{"x":[1,-2.5e3,true,null,"s"]}],)" +
    R"("dependencies":[{"ref":"a","dependsOn":["b"]}]})";
const std::string small_cyclonedx_found =
    "own SHA-1=0123456789abcdef0123456789abcdef01234567; "
    "deep MD5=11111111111111111111111111111111; "
    "abc MD5=aa0011223344556677889900aabbccdd; other";

}  // namespace

TEST_CASE("sbom_reader: CycloneDX, in either order and nested") {
  CHECK(cyclonedx(small_cyclonedx, {"abc", "deep", "other", "absent"}) == small_cyclonedx_found);
  CHECK(cyclonedx(small_cyclonedx) == "own SHA-1=0123456789abcdef0123456789abcdef01234567");
  const std::string first = report(R"({"name":"a",)" + hashes('1') + "}");
  const std::string last = report("{" + hashes('1') + R"(,"name":"a"})");
  CHECK(cyclonedx(first, {"a"}) == "own MD5=" + md5('0') + "; a MD5=" + md5('1'));
  CHECK(cyclonedx(last, {"a"}) == cyclonedx(first, {"a"}));
  // What is within a component is not its own, on neither side of its name.
  const std::string around = report(R"({"components":[)" + component("in", '2') +
                                    R"(],"name":"out",)" + hashes('1') + "}");
  CHECK(cyclonedx(around, {"out"}) == "own MD5=" + md5('0') + "; out MD5=" + md5('1'));
  CHECK(cyclonedx(around, {"in"}) == "own MD5=" + md5('0') + "; in MD5=" + md5('2'));
}

TEST_CASE("sbom_reader: the image is not among the files, but what is in it is") {
  const std::string body = R"({"metadata":{"component":{"name":"a","components":[)" +
                           component("a", '1') + "]," + hashes('0') +
                           R"(}},"bomFormat":"CycloneDX"})";
  CHECK(cyclonedx(body, {"a"}) == "own MD5=" + md5('0') + "; a MD5=" + md5('1'));
}

TEST_CASE("sbom_reader: a report without checksums has none") {
  CHECK(cyclonedx(R"({"bomFormat":"CycloneDX"})", {"a"}) == "own");
  CHECK(cyclonedx(R"({"bomFormat":"CycloneDX","metadata":null,"components":null})") == "own");
  CHECK(cyclonedx(report(R"({"name":"a"})"), {"a"}) == "own MD5=" + md5('0') + "; a");
  CHECK(spdx(R"({"spdxVersion":"SPDX-2.2"})") == "own");
}

TEST_CASE("sbom_reader: a file that stands there several times is found as often") {
  const std::string body = report(component("a", '1') + "," + component("b", '2') + "," +
                                  component("a", '3') + "," + component("a", '1'));
  CHECK(cyclonedx(body, {"a", "a"}) == "own MD5=" + md5('0') + "; a MD5=" + md5('1') +
                                           "; a MD5=" + md5('3') + "; a MD5=" + md5('1'));
  // But not without end.
  const std::string one = R"({"name":"a"},)";
  const auto outcome = [&](std::size_t times) {
    sbom_reader reader(
        std::make_shared<const hash_query>(query_for(sbom_format::cyclonedx, {"a"})));
    reader.write(report(repeat(one, times) + R"({"name":"b"})"));
    return reader.finish();
  };
  REQUIRE(outcome(10'000).has_value());
  CHECK(outcome(10'000)->files.size() == 10'000);
  REQUIRE_FALSE(outcome(10'001).has_value());
  CHECK(outcome(10'001).error().code() == errc::too_large);
}

TEST_CASE("sbom_reader: algorithms have one name, values one case and the right length") {
  const auto one = [](const std::string& algorithm, const std::string& value) {
    return cyclonedx(R"({"bomFormat":"CycloneDX","metadata":{"component":{"hashes":[{"alg":")" +
                     algorithm + R"(","content":")" + value + R"("}]}}})");
  };
  const auto digits = [](std::size_t count) { return std::string(count, 'a'); };
  CHECK(one("SHA256", digits(64)) == "own SHA-256=" + digits(64));
  CHECK(one("sha-256", std::string(64, 'F')) == "own SHA-256=" + std::string(64, 'f'));
  CHECK(one("SHA1", digits(40)) == "own SHA-1=" + digits(40));
  CHECK(one("sha3-512", digits(128)) == "own SHA3-512=" + digits(128));
  CHECK(one("BLAKE2B-256", digits(64)) == "own BLAKE2b-256=" + digits(64));
  CHECK(one("Streebog-256", digits(64)) == "own Streebog-256=" + digits(64));
  CHECK(one("BLAKE3", digits(10)) == "own BLAKE3=" + digits(10));
  CHECK(one("novel/9", digits(6)) == "own NOVEL/9=" + digits(6));
  const std::string place = "own [field \"metadata.component.hashes[0]\": ";
  const auto flawed = [&](const std::string& outcome, const std::string& words) {
    CAPTURE(outcome);
    return outcome.starts_with("own [") && outcome.find(words) != outcome.npos;
  };
  CHECK(one("SHA-256", digits(40)) ==
        "own [SHA-256: field \"metadata.component.hashes[0]\": a checksum of 40 digits, where "
        "SHA-256 makes 64]");
  CHECK(flawed(one("MD5", digits(31) + "g"), "not in hexadecimal digits"));
  CHECK(flawed(one("MD5", ""),
               "MD5: field \"metadata.component.hashes[0]\": a checksum by MD5 "
               "without a value"));
  CHECK(flawed(one("novel", digits(7)), "not in hexadecimal digits"));
  CHECK(flawed(one("novel", digits(1026)), "not in hexadecimal digits"));
  CHECK(flawed(one("", digits(64)), "without its algorithm's name"));
  CHECK(one("SHA 256", digits(64)) == place + "\"SHA 256\" is not an algorithm's name]");
  CHECK(flawed(one(std::string(33, 'A'), digits(64)), "not an algorithm's name"));
}

TEST_CASE("sbom_reader: every algorithm of CycloneDX 1.7 and SPDX 2.3") {
  const std::vector<std::pair<std::string, std::size_t>> all{
      {"MD5", 32},          {"SHA-1", 40},        {"SHA-256", 64},      {"SHA-384", 96},
      {"SHA-512", 128},     {"SHA3-256", 64},     {"SHA3-384", 96},     {"SHA3-512", 128},
      {"BLAKE2b-256", 64},  {"BLAKE2b-384", 96},  {"BLAKE2b-512", 128}, {"BLAKE3", 64},
      {"Streebog-256", 64}, {"Streebog-512", 128}};
  for (const auto& [name, digits] : all) {
    CAPTURE(name);
    const auto outcome = [&, &algorithm = name](std::size_t count) {
      return cyclonedx(R"({"bomFormat":"CycloneDX","specVersion":"1.7","metadata":{"component":)"
                       R"({"hashes":[{"alg":")" +
                       algorithm + R"(","content":")" + std::string(count, 'a') + R"("}]}}})");
    };
    CHECK(outcome(digits) == "own " + name + "=" + std::string(digits, 'a'));
    if (name != "BLAKE3") CHECK(outcome(digits + 2).find("where " + name) != std::string::npos);
  }
  const std::string named = R"("packages":[{"checksums":[{"algorithm":")";
  for (const auto& [written, name, digits] :
       {std::tuple("SHA224", "SHA-224", 56), std::tuple("SHA3-384", "SHA3-384", 96),
        std::tuple("BLAKE2b-512", "BLAKE2b-512", 128), std::tuple("MD2", "MD2", 32),
        std::tuple("ADLER32", "ADLER32", 8)}) {
    const std::string value(static_cast<std::size_t>(digits), 'b');
    CHECK(spdx(spdx_report(named + written + R"(","checksumValue":")" + value + R"("}]}])")) ==
          std::string("own ") + name + "=" + value);
  }
}

TEST_CASE("sbom_reader: every cut of a report is a failure, and so is what follows it") {
  for (const auto& [format, body] : {std::pair(sbom_format::cyclonedx, small_cyclonedx),
                                     std::pair(sbom_format::spdx, small_spdx)}) {
    const auto query = query_for(format, {"abc", "deep", "p", "usr/a"});
    REQUIRE_FALSE(read(query, body).starts_with("FAILED"));
    for (std::size_t size = 0; size < body.size(); ++size) {
      const auto cut = std::string_view(body).substr(0, size);
      const auto outcome = read_sbom(query, std::array{cut});
      CAPTURE(cut);
      CHECK(outcome.starts_with("FAILED "));
      CHECK(read_sbom(query, bytes_of(cut)) == outcome);
      // The same as two pieces is the same.
      const auto rest = std::string_view(body).substr(size);
      CHECK_FALSE(read_sbom(query, std::array{cut, rest}).starts_with("FAILED"));
    }
    CHECK(fails_with(read(query, body + "x"), "something follows the JSON"));
    CHECK(fails_with(read(query, body + "{}"), "something follows the JSON"));
    CHECK_FALSE(read(query, body + " \r\n").starts_with("FAILED"));
  }
}

TEST_CASE("sbom_reader: what is no report of the format") {
  CHECK(fails_with(cyclonedx(""), "byte 0: the answer is empty"));
  CHECK(fails_with(cyclonedx("<bom xmlns"), "byte 0: the answer is HTML or XML"));
  CHECK(fails_with(cyclonedx("[]"), "an array where an object is due"));
  CHECK(fails_with(cyclonedx("{}"), "byte 2: the answer is not a CycloneDX report"));
  CHECK(fails_with(spdx("{}"), "byte 2: the answer is not an SPDX report"));
  CHECK(fails_with(cyclonedx(small_spdx),
                   "an SPDX report (SPDX-2.3), where a CycloneDX report was asked for"));
  CHECK(
      fails_with(spdx(small_cyclonedx), "a CycloneDX report, where an SPDX report was asked for"));
  CHECK(fails_with(cyclonedx(R"({"bomFormat":"SWID"})"), "field \"bomFormat\" at byte"));
  CHECK(fails_with(spdx(R"({"spdxVersion":"2.3"})"), "not a version of SPDX"));
  CHECK(fails_with(spdx(R"({"spdxVersion":3})"), "a number where a string is due"));
}

TEST_CASE("sbom_reader: an error wins over all that was found before, and nothing heals it") {
  const auto query = query_for(sbom_format::cyclonedx, {"a"});
  sbom_reader reader(std::make_shared<const hash_query>(query));
  CHECK(reader.write(R"({"bomFormat":"CycloneDX","components":[)" + component("a", '1')));
  CHECK_FALSE(reader.write("]]"));
  CHECK_FALSE(reader.write("}"));
  const auto outcome = reader.finish();
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().code() == errc::bad_response);
  CHECK(outcome.error().detail().step == binarly::phase::decode);
}

TEST_CASE("sbom_reader: what marks a report stands once, and has its own kind of value") {
  const auto broken = [](const std::string& body) { return cyclonedx(body, {"a"}); };
  const std::string twice = "for the second time";
  CHECK(fails_with(broken(R"({"bomFormat":"CycloneDX","bomFormat":"CycloneDX"})"), twice));
  CHECK(fails_with(spdx(R"({"spdxVersion":"SPDX-2.3","spdxVersion":"SPDX-2.3"})"), twice));
  CHECK(fails_with(broken(R"({"bomFormat":["CycloneDX"]})"), "an array where a string is due"));
  CHECK(cyclonedx(R"({"x":1,"x":2,"bomFormat":"CycloneDX"})") == "own");
  CHECK(cyclonedx(R"({"bomFormat":"CycloneDX","components":[],"components":[)" +
                      component("a", '1') + "]}",
                  {"a"}) == "own; unread [field \"components\": stands here for the second time]");
}

TEST_CASE("sbom_reader: nesting is bounded") {
  const auto nested = [](std::size_t levels) {
    return R"({"bomFormat":"CycloneDX")" + repeat(R"(,"components":[{"name":"a")", levels) +
           repeat("}]", levels) + "}";
  };
  CHECK(cyclonedx(nested(64)) == "own");
  // What is deeper is not looked through.
  CHECK(cyclonedx(nested(65)).starts_with("own; unread [field \"components[0].components[0]."));
  CHECK(cyclonedx(nested(65)).ends_with("more than 64 levels of them]"));
  CHECK(fails_with(cyclonedx(nested(100'000)), "deeper than 256 levels"));
  const auto aside = [](std::size_t levels) {
    return R"({"bomFormat":"CycloneDX","x":)" + repeat("[", levels) + repeat("]", levels) + "}";
  };
  CHECK(cyclonedx(aside(255)) == "own");
  CHECK(fails_with(cyclonedx(aside(256)), "deeper than 256 levels"));
}

TEST_CASE("sbom_reader: lengths are bounded where they matter, and harmless elsewhere") {
  const std::string long_text(64 * 1024, 'a');
  CHECK(cyclonedx(report(component(long_text, '1'))) == "own MD5=" + md5('0'));
  // License texts and attachments, and the like as a key.
  const std::string endless(3'000'000, 'x');
  CHECK(cyclonedx(report(component("a", '1', R"(,"licenses":[{"text":")" + endless + R"("}])")),
                  {"a"}) == "own MD5=" + md5('0') + "; a MD5=" + md5('1'));
  CHECK(cyclonedx(report("", R"(,")" + long_text + R"(":1,"comment":")" + endless + '"')) ==
        "own MD5=" + md5('0'));
  CHECK(fails_with(cyclonedx(report("", R"(,")" + endless + R"(":1)")),
                   "a key longer than 1048576 bytes"));
}

TEST_CASE("sbom_reader: a byte order mark before the JSON is passed over") {
  CHECK(cyclonedx("\xef\xbb\xbf" + report("")) == "own MD5=" + md5('0'));
}
