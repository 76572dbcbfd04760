// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain_sbom_text.hpp"

#include <binarly/image_hashes.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using binarly::errc;
using binarly::hash_query;
using binarly::sbom_format;
using binarly::domain::sbom_reader;
using binarly::test::read_sbom;

hash_query query_for(sbom_format format, std::vector<std::string> files = {}) {
  hash_query query;
  query.format = format;
  query.files = std::move(files);
  return query;
}

std::vector<std::string_view> bytes_of(std::string_view body) {
  std::vector<std::string_view> bytes;
  for (const char& c : body)
    bytes.emplace_back(&c, 1);
  return bytes;
}

/// A failure's reason but for the byte: at a literal, the parser's own position depends on the
/// pieces.
std::string without_byte(std::string outcome) {
  const auto begin = outcome.find("byte ");
  if (!outcome.starts_with("FAILED ") || begin == outcome.npos) return outcome;
  return outcome.erase(begin, outcome.find(':', begin) - begin);
}

/// The outcome, which must not depend on how the body is cut.
std::string read(const hash_query& query, std::string_view body) {
  const std::string whole = read_sbom(query, std::array{body});
  CHECK(without_byte(read_sbom(query, bytes_of(body))) == without_byte(whole));
  return whole;
}

std::string cyclonedx(std::string_view body, std::vector<std::string> files = {}) {
  return read(query_for(sbom_format::cyclonedx, std::move(files)), body);
}

std::string spdx(std::string_view body, std::vector<std::string> files = {}) {
  return read(query_for(sbom_format::spdx, std::move(files)), body);
}

bool fails_with(const std::string& outcome, const std::string& words) {
  CAPTURE(outcome);
  return outcome.starts_with("FAILED ") && outcome.find(words) != outcome.npos;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string sum;
  for (std::size_t i = 0; i < times; ++i)
    sum += text;
  return sum;
}

/// 32 hexadecimal digits that the letter makes.
std::string md5(char digit) { return std::string(32, digit); }
std::string hash(char digit) { return R"({"alg":"MD5","content":")" + md5(digit) + R"("})"; }
std::string hashes(char digit) { return R"("hashes":[)" + hash(digit) + "]"; }
std::string checksums(char digit) {
  return R"("checksums":[{"algorithm":"MD5","checksumValue":")" + md5(digit) + R"("}])";
}

std::string component(const std::string& name, char digit, const std::string& more = "") {
  return R"({"name":")" + name + R"(",)" + hashes(digit) + more + "}";
}

/// A whole CycloneDX report with these components.
std::string report(const std::string& components, const std::string& more = "") {
  return R"({"bomFormat":"CycloneDX","metadata":{"component":{)" + hashes('0') +
         R"(}},"components":[)" + components + "]" + more + "}";
}

std::string package(const std::string& id, char digit, const std::string& name = "p") {
  return R"({"SPDXID":")" + id + R"(","name":")" + name + R"(",)" + checksums(digit) + "}";
}

std::string spdx_report(const std::string& members) {
  return R"({"spdxVersion":"SPDX-2.3",)" + members + "}";
}

std::string describes(const std::string& id) {
  return R"({"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES",)"
         R"("relatedSpdxElement":")" +
         id + R"("})";
}

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
const std::string small_spdx =
    spdx_report(R"("SPDXID":"SPDXRef-DOCUMENT","packages":[)" + package("A", '1') + "," +
                package("B", '2') + R"(],"files":[{"fileName":"./usr/a","SPDXID":"F",)" +
                checksums('3') + R"(}],"relationships":[)" + describes("B") + "]");

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

TEST_CASE("sbom_reader: SPDX, what the document describes") {
  const std::string a = package("A", '1');
  const std::string b = package("B", '2');
  const std::string packages = R"("packages":[)" + a + "," + b + "]";
  const std::string own_a = "own MD5=" + md5('1');
  const std::string own_b = "own MD5=" + md5('2');
  CHECK(spdx(spdx_report(packages)) == own_a);
  CHECK(spdx(spdx_report(R"("documentDescribes":["B"],)" + packages)) == own_b);
  CHECK(spdx(spdx_report(packages + R"(,"documentDescribes":["B"])")) == own_b);
  CHECK(spdx(spdx_report(packages + R"(,"relationships":[)" + describes("B") + "]")) == own_b);
  CHECK(spdx(spdx_report(R"("relationships":[)" + describes("B") + "]," + packages)) == own_b);
  CHECK(spdx(spdx_report(packages + R"(,"relationships":[{"spdxElementId":"B",)"
                                    R"("relationshipType":"DESCRIBED_BY",)"
                                    R"("relatedSpdxElement":"SPDXRef-DOCUMENT"}])")) == own_b);
  // Said twice, or of others: no matter.
  CHECK(spdx(spdx_report(R"("documentDescribes":["B"],)" + packages + R"(,"relationships":[)" +
                         describes("B") +
                         R"(,{"spdxElementId":"A","relationshipType":"DESCRIBES",)"
                         R"("relatedSpdxElement":"A"}])")) == own_b);
  // A file may be the subject as well.
  CHECK(spdx(spdx_report(R"("documentDescribes":["F"],"files":[{"fileName":"f","SPDXID":"F",)" +
                         checksums('3') + "}]," + packages)) == "own MD5=" + md5('3'));
}

TEST_CASE("sbom_reader: SPDX, a subject that is not to be found") {
  const std::string packages =
      R"("packages":[)" + package("A", '1') + "," + package("A", '2') + "]";
  CHECK(fails_with(spdx(spdx_report(R"("documentDescribes":["C"],)" + packages)),
                   "\"C\", which it does not hold"));
  CHECK(fails_with(spdx(spdx_report(R"("documentDescribes":["A"],)" + packages)), "holds twice"));
  CHECK(fails_with(spdx(spdx_report(packages + R"(,"documentDescribes":["A"])")), "holds twice"));
  CHECK(fails_with(spdx(spdx_report(R"("documentDescribes":["A","B"])")),
                   "field \"documentDescribes[1]\" at byte 53: the document describes more than"));
  CHECK(fails_with(spdx(spdx_report(R"("documentDescribes":[""])")), "without an id"));
}

TEST_CASE("sbom_reader: SPDX, a subject that is named after a large report's packages") {
  constexpr std::size_t many = 20'000;
  const auto outcome = [](std::size_t place) {
    std::string packages;
    for (std::size_t i = 0; i < many; ++i) {
      if (i != 0) packages += ',';
      packages += package(i == place ? "Subject" : "P" + std::to_string(i), i == place ? '5' : '1');
    }
    const std::string body = spdx_report(R"("packages":[)" + packages + R"(],"relationships":[)" +
                                         describes("Subject") + "]");
    return read_sbom(query_for(sbom_format::spdx), std::array{std::string_view(body)});
  };
  for (const std::size_t near : {std::size_t{0}, std::size_t{900}, many - 900, many - 1}) {
    CAPTURE(near);
    CHECK(outcome(near) == "own MD5=" + md5('5'));
  }
  CHECK(fails_with(outcome(many / 2), "not among its first or last packages"));
}

TEST_CASE("sbom_reader: SPDX files and packages by name") {
  CHECK(spdx(small_spdx, {"usr/a", "p"}) == "own MD5=" + md5('2') + "; p MD5=" + md5('1') +
                                                "; p MD5=" + md5('2') + "; usr/a MD5=" + md5('3'));
  CHECK(spdx(small_spdx, {"./usr/a"}) == "own MD5=" + md5('2') + "; ./usr/a MD5=" + md5('3'));
  CHECK(spdx(small_spdx, {"a", "/usr/a", "SPDXRef-DOCUMENT"}) == "own MD5=" + md5('2'));
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
  CHECK(fails_with(one("SHA-256", digits(40)), "metadata.component.hashes[0]"));
  CHECK(fails_with(one("SHA-256", digits(40)), "of 40 digits, where SHA-256 makes 64"));
  CHECK(fails_with(one("MD5", digits(31) + "g"), "not in hexadecimal digits"));
  CHECK(fails_with(one("MD5", ""), "not in hexadecimal digits"));
  CHECK(fails_with(one("novel", digits(7)), "not in hexadecimal digits"));
  CHECK(fails_with(one("novel", digits(1026)), "not in hexadecimal digits"));
  CHECK(fails_with(one("", digits(64)), "not an algorithm's name"));
  CHECK(fails_with(one("SHA 256", digits(64)), "not an algorithm's name"));
  CHECK(fails_with(one(std::string(33, 'A'), digits(64)), "not an algorithm's name"));
}

TEST_CASE("sbom_reader: a checksum that nobody asks for is looked at, too") {
  const std::string bad = R"({"name":"z","hashes":[{"alg":"MD5","content":"1"}]})";
  CHECK(fails_with(cyclonedx(report(bad)), "components[0].hashes[0]"));
  CHECK(fails_with(spdx(spdx_report(R"("files":[{"checksums":[{"algorithm":"MD5"}]}])")),
                   "\"checksumValue\" is absent"));
  CHECK(fails_with(cyclonedx(report(R"({"hashes":[{"content":"00"}]})")), "\"alg\" is absent"));
}

TEST_CASE("sbom_reader: an algorithm with two values is refused, one that is said twice is not") {
  const auto twice = [](char digit) {
    return report(R"({"name":"a","hashes":[)" + hash('1') + "," + hash(digit) + "]}");
  };
  CHECK(cyclonedx(twice('1'), {"a"}) == "own MD5=" + md5('0') + "; a MD5=" + md5('1'));
  CHECK(fails_with(cyclonedx(twice('2'), {"a"}), "two values"));
  CHECK(fails_with(spdx(spdx_report(R"("packages":[{"checksums":[)"
                                    R"({"algorithm":"MD4","checksumValue":")" +
                                    md5('1') + R"("},{"algorithm":"md4","checksumValue":")" +
                                    md5('2') + R"("}]}])")),
                   "two values"));
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
  CHECK(fails_with(cyclonedx(small_spdx), "not a CycloneDX report"));
  CHECK(fails_with(spdx(small_cyclonedx), "not an SPDX report"));
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

TEST_CASE("sbom_reader: a member of use stands once, and has its own kind of value") {
  const auto broken = [](const std::string& body) { return cyclonedx(body, {"a"}); };
  const std::string twice = "for the second time";
  CHECK(fails_with(broken(R"({"bomFormat":"CycloneDX","bomFormat":"CycloneDX"})"), twice));
  CHECK(fails_with(broken(R"({"metadata":{},"metadata":{}})"), twice));
  CHECK(fails_with(broken(R"({"metadata":{"component":{},"component":{}}})"), twice));
  CHECK(fails_with(broken(R"({"components":[],"components":[]})"), twice));
  CHECK(fails_with(broken(R"({"components":[{"name":"a","name":"b"}]})"),
                   "field \"components[0].name\" at byte 32: stands here for the second time"));
  CHECK(fails_with(broken(R"({"components":[{"hashes":[],"hashes":[]}]})"), twice));
  CHECK(fails_with(broken(R"({"components":[{"hashes":[{"alg":"MD5","alg":"MD5"}]}]})"), twice));
  CHECK(fails_with(spdx(R"({"packages":[{"SPDXID":"a","SPDXID":"a"}]})"), twice));
  CHECK(cyclonedx(R"({"x":1,"x":2,"bomFormat":"CycloneDX"})") == "own");

  CHECK(fails_with(broken(R"({"components":{}})"), "an object where an array is due"));
  CHECK(fails_with(broken(R"({"components":[[]]})"), "an array where an object is due"));
  CHECK(fails_with(broken(R"({"components":[null]})"),
                   "field \"components[0]\" at byte 15: null where an object is due"));
  CHECK(fails_with(broken(R"({"components":["a"]})"), "a string where an object is due"));
  CHECK(fails_with(broken(R"({"components":[{"name":1}]})"), "a number where a string is due"));
  CHECK(fails_with(broken(R"({"components":[{"name":["a"]}]})"), "an array where a string is due"));
  CHECK(fails_with(broken(R"({"metadata":[]})"), "an array where an object is due"));
  CHECK(fails_with(broken(R"({"metadata":{"component":true}})"), "a boolean where an object"));
  CHECK(fails_with(broken(R"({"components":[{"hashes":"x"}]})"), "a string where an array is due"));
  CHECK(fails_with(spdx(R"({"documentDescribes":[1]})"), "a number where a string is due"));
  CHECK(fails_with(spdx(R"({"documentDescribes":"a"})"), "a string where an array is due"));
}

TEST_CASE("sbom_reader: nesting is bounded") {
  const auto nested = [](std::size_t levels) {
    return R"({"bomFormat":"CycloneDX")" + repeat(R"(,"components":[{"name":"a")", levels) +
           repeat("}]", levels) + "}";
  };
  CHECK(cyclonedx(nested(64)) == "own");
  CHECK(fails_with(cyclonedx(nested(65)), "more than 64 levels"));
  CHECK(fails_with(cyclonedx(nested(100'000)), "more than 64 levels"));
  const auto aside = [](std::size_t levels) {
    return R"({"bomFormat":"CycloneDX","x":)" + repeat("[", levels) + repeat("]", levels) + "}";
  };
  CHECK(cyclonedx(aside(255)) == "own");
  CHECK(fails_with(cyclonedx(aside(256)), "deeper than 256 levels"));
}

TEST_CASE("sbom_reader: lengths are bounded where they matter, and harmless elsewhere") {
  const std::string long_text(64 * 1024, 'a');
  CHECK(cyclonedx(report(component(long_text, '1'))) == "own MD5=" + md5('0'));
  CHECK(fails_with(cyclonedx(report(component(long_text + "a", '1'))),
                   "a string longer than 65536 bytes"));
  // License texts and attachments, and the like as a key.
  const std::string endless(3'000'000, 'x');
  CHECK(cyclonedx(report(component("a", '1', R"(,"licenses":[{"text":")" + endless + R"("}])")),
                  {"a"}) == "own MD5=" + md5('0') + "; a MD5=" + md5('1'));
  CHECK(cyclonedx(report("", R"(,")" + long_text + R"(":1,"comment":")" + endless + '"')) ==
        "own MD5=" + md5('0'));
  CHECK(fails_with(cyclonedx(report("", R"(,")" + endless + R"(":1)")),
                   "a key longer than 1048576 bytes"));

  const auto many = [](std::size_t count) {
    return report(R"({"name":"a","hashes":[)" + repeat(hash('1') + ",", count - 1) + hash('1') +
                  "]}");
  };
  CHECK(cyclonedx(many(32), {"a"}) == "own MD5=" + md5('0') + "; a MD5=" + md5('1'));
  CHECK(fails_with(cyclonedx(many(33)), "more than 32 checksums"));
}

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
  CHECK(binarly::same_checksum("0aF", "0Af"));
  CHECK_FALSE(binarly::same_checksum("0a", "0af"));
  CHECK_FALSE(binarly::same_checksum("0a", "0b"));
  CHECK(binarly::same_checksum("", ""));
}
