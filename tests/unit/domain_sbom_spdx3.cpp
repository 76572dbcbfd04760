// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain_sbom_bodies.hpp"

#include <binarly/image_hashes.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace binarly::test;
using binarly::sbom_format;

const std::string context = R"("@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld")";

std::string hash3(char digit) {
  return R"({"type":"Hash","algorithm":"md5","hashValue":")" + md5(digit) + R"("})";
}

std::string node(const std::string& type, const std::string& id, const std::string& more = "") {
  return R"({"type":")" + type + R"(","spdxId":")" + id + R"(","creationInfo":"_:c")" + more + "}";
}

std::string thing(const std::string& type, const std::string& id, const std::string& name,
                  char digit) {
  return node(type, id, R"(,"name":")" + name + R"(","verifiedUsing":[)" + hash3(digit) + "]");
}

std::string document(const std::string& roots) {
  return node("SpdxDocument", "urn:d", R"(,"rootElement":)" + roots);
}

std::string graph(const std::string& nodes, const std::string& more = context) {
  return "{" + more + (more.empty() ? "" : ",") +
         R"("@graph":[{"type":"CreationInfo","@id":"_:c","specVersion":"3.0.1"},)" + nodes + "]}";
}

const std::string fw = thing("software_Package", "urn:fw", "fw", '1');
const std::string other = thing("software_Package", "urn:p", "p", '2');
const std::string file = thing("software_File", "urn:f", "./usr/a.bin", '3');
const std::string own = "own MD5=" + md5('1');
const std::string of_file = "; usr/a.bin MD5=" + md5('3');

std::string read3(const std::string& nodes) { return spdx(graph(nodes), {"usr/a.bin"}); }

}  // namespace

TEST_CASE("sbom_reader: SPDX 3, the root element and files, in any order") {
  for (const std::string roots :
       {R"(["urn:fw"])", R"("urn:fw")", R"([{"@id":"urn:fw"}])", R"({"spdxId":"urn:fw"})"}) {
    CAPTURE(roots);
    CHECK(read3(document(roots) + "," + fw + "," + other + "," + file) == own + of_file);
    CHECK(read3(file + "," + other + "," + fw + "," + document(roots)) == own + of_file);
  }
  // The context anywhere, in any of its forms, or none where there is a document.
  const std::string nodes = fw + "," + document(R"(["urn:fw"])");
  const std::string body = R"("@graph":[)" + nodes + "]";
  CHECK(spdx("{" + body + "," + context + "}") == own);
  CHECK(spdx(R"({"@context":["https://spdx.org/rdf/3.1/spdx-context.jsonld",{"x":"y"}],)" + body +
             "}") == own);
  CHECK(spdx("{" + body + "}") == own);
  CHECK(spdx(graph(fw)) == own);
}

TEST_CASE("sbom_reader: SPDX 3, the root element of an SBOM, which is that of the document") {
  const auto sbom = [](const std::string& id, const std::string& roots) {
    return node("software_Sbom", id, R"(,"rootElement":)" + roots);
  };
  const std::string things = "," + fw + "," + other + "," + file;
  CHECK(read3(document(R"(["urn:s"])") + "," + sbom("urn:s", R"(["urn:fw"])") + things) ==
        own + of_file);
  CHECK(read3(sbom("urn:s", R"(["urn:fw"])") + things + "," + document(R"(["urn:s"])")) ==
        own + of_file);
  // Without a document there is the SBOM; of several the document tells which.
  CHECK(read3(sbom("urn:s", R"(["urn:fw"])") + things) == own + of_file);
  CHECK(read3(sbom("urn:s", R"(["urn:p"])") + "," + sbom("urn:t", R"(["urn:fw"])") + things + "," +
              document(R"(["urn:t"])")) == own + of_file);
  // Circles end.
  CHECK(read3(document(R"(["urn:s"])") + "," + sbom("urn:s", R"(["urn:t","urn:s"])") + "," +
              sbom("urn:t", R"(["urn:s","urn:fw"])") + things) == own + of_file);
  CHECK(read3(document(R"(["urn:s"])") + "," + sbom("urn:s", R"(["urn:d"])") + things)
            .starts_with("own [the report does not say which package is the image"));
}

TEST_CASE("sbom_reader: SPDX 3, what is said elsewhere than in the document's root elements") {
  const auto sbom = [](const std::string& id, const std::string& roots) {
    return node("software_Sbom", id, R"(,"rootElement":)" + roots);
  };
  const auto describes = [](const std::string& from, const std::string& to) {
    return node("Relationship", "urn:r",
                R"(,"from":")" + from + R"(","relationshipType":"describes","to":)" + to);
  };
  const std::string things = "," + fw + "," + file;
  const std::string subject = "own MD5=" + md5('3') + of_file;
  // An SBOM beside a document without roots, or with none at all.
  CHECK(read3(node("SpdxDocument", "urn:d") + "," + sbom("urn:s", R"(["urn:f"])") + things) ==
        subject);
  CHECK(read3(document("[]") + "," + sbom("urn:s", R"(["urn:f"])") + things) == subject);
  // Two of them.
  CHECK(read3(sbom("urn:s", R"(["urn:f"])") + "," + sbom("urn:t", R"(["urn:fw"])") + things)
            .starts_with("own [the report does not say which thing is the image: it describes"));
  // A relationship, of a document or of an SBOM, before it or behind it.
  for (const std::string to : {R"(["urn:f"])", R"("urn:f")"}) {
    CHECK(read3(node("SpdxDocument", "urn:d") + things + "," + describes("urn:d", to)) == subject);
    CHECK(read3(describes("urn:d", to) + things + "," + node("SpdxDocument", "urn:d")) == subject);
    CHECK(read3(sbom("urn:s", "[]") + things + "," + describes("urn:s", to)) == subject);
  }
  CHECK(read3(document("[]") + "," + fw + "," + other + "," + file + "," +
              describes("urn:d", R"(["urn:fw"])")) == own + of_file);
  // Root elements come first; what is no document's word is passed over, and nonsense spoils
  // nothing.
  CHECK(read3(document(R"(["urn:fw"])") + things + "," + describes("urn:d", R"(["urn:f"])")) ==
        own + of_file);
  CHECK(read3(node("SpdxDocument", "urn:d") + things + "," + describes("urn:fw", R"(["urn:f"])")) ==
        own + of_file);
  CHECK(read3(node("SpdxDocument", "urn:d") + things + "," + describes("urn:d", R"([1,{}])")) ==
        own + of_file);
  CHECK(read3(node("SpdxDocument", "urn:d") + things + "," +
              describes("urn:d", R"(["urn:f","urn:fw"])"))
            .starts_with("own [the report does not say which thing is the image"));
}

TEST_CASE("sbom_reader: SPDX 3, a root element that is not told is no guess, and spoils no file") {
  const std::string things = "," + fw + "," + other + "," + file;
  const auto doubtful = [&](const std::string& nodes, const std::string& words) {
    const auto outcome = read3(nodes);
    CAPTURE(outcome);
    CHECK(outcome.starts_with("own ["));
    CHECK(outcome.find(words) != outcome.npos);
    CHECK(outcome.ends_with(of_file));
  };
  doubtful(document(R"(["urn:fw","urn:p"])") + things, R"(describes "urn:fw" and "urn:p")");
  doubtful(document("[]") + things, "which package is the image, and has 2 of them");
  doubtful(document("null") + things, "which package is the image");
  doubtful(document(R"(["urn:x"])") + things, "\"urn:x\", which is none of its packages and files");
  doubtful(document(R"([1])") + things, "a number where a string or an object is due");
  doubtful(document(R"(["urn:fw"])") + "," + document(R"(["urn:p"])") + things,
           "which thing is the image");
  std::string many;
  for (int i = 0; i < 10'000; ++i)
    many += (i == 0 ? "\"urn:" : ",\"urn:") + std::to_string(i) + '"';
  doubtful(document("[" + many + "]") + things, "too many root elements");
}

TEST_CASE("sbom_reader: SPDX 3, names of types and algorithms, and what is no checksum") {
  const auto with = [](const std::string& type, const std::string& verified) {
    return spdx(graph(document(R"("urn:x")") + "," +
                      node(type, "urn:x", R"(,"name":"x","verifiedUsing":)" + verified)),
                {"x"});
  };
  const std::string one = "[" + hash3('4') + "]";
  for (const std::string type :
       {"software_File", "File", "software:File", "https://spdx.org/rdf/3.0.1/terms/Software/File",
        "software_Package", "ai_AIPackage", "dataset_DatasetPackage"}) {
    CAPTURE(type);
    CHECK(with(type, one) == "own MD5=" + md5('4') + "; x MD5=" + md5('4'));
    CHECK(with(type, hash3('4')) == "own MD5=" + md5('4') + "; x MD5=" + md5('4'));
  }
  CHECK(with("hardware_Device", one) == "own MD5=" + md5('4'));
  CHECK(with("software_File",
             R"([{"type":"PackageVerificationCode","algorithm":"sha1","hashValue":"00"},)" +
                 hash3('4') + "]") == "own MD5=" + md5('4') + "; x MD5=" + md5('4'));
  CHECK(spdx(R"({"@graph":[{"@type":"SpdxDocument","@id":"d","rootElement":"x"},)"
             R"({"name":"x","@id":"x","verifiedUsing":[{"hashValue":")" +
             md5('4') + R"(","@type":"Hash","algorithm":"md5"}],"@type":"software_Package"}]})") ==
        "own MD5=" + md5('4'));
  CHECK(with("software_File", R"([{"algorithm":"md5","hashValue":")" + md5('4') + R"("}])")
            .find("a means of verification without its type") != std::string::npos);
  const auto algorithm = [&](const std::string& name, std::size_t digits) {
    return with("software_Package", R"([{"type":"Hash","algorithm":")" + name +
                                        R"(","hashValue":")" + std::string(digits, 'e') + R"("}])");
  };
  CHECK(algorithm("sha3_256", 64).starts_with("own SHA3-256=e"));
  CHECK(algorithm("blake2b512", 128).starts_with("own BLAKE2b-512=e"));
  CHECK(algorithm("https://spdx.org/rdf/3.0.1/terms/Core/HashAlgorithm/sha256", 64)
            .starts_with("own SHA-256=e"));
  CHECK(algorithm("falcon", 10).starts_with("own FALCON=e"));
  CHECK(
      algorithm("sha256", 40).starts_with("own [SHA-256: field \"@graph[2].verifiedUsing[0]\": "));
}

TEST_CASE("sbom_reader: SPDX 3, a root element in the middle of a large report") {
  constexpr std::size_t many = 20'000;
  const auto body_with = [](std::size_t place) {
    std::string nodes;
    for (std::size_t i = 0; i < many; ++i) {
      nodes += i == place ? thing("software_File", "urn:subject", "s", '5')
                          : thing("software_File", "urn:" + std::to_string(i), "f", '1');
      nodes += ',';
    }
    return graph(nodes + node("software_Sbom", "urn:s", R"(,"rootElement":["urn:subject"])") + "," +
                 document(R"(["urn:s"])"));
  };
  for (const std::size_t place : {std::size_t{0}, many / 2, many - 1}) {
    CAPTURE(place);
    const std::string body = body_with(place);
    int readings = 0;
    CHECK(read_sbom(query_for(sbom_format::spdx), std::array{std::string_view(body)}, &readings) ==
          "own MD5=" + md5('5'));
    CHECK(readings == (place == many / 2 ? 2 : 1));
  }
}

TEST_CASE("sbom_reader: SPDX 3 is known by its form, and nesting in it is bounded") {
  CHECK(fails_with(cyclonedx(graph(document(R"(["urn:fw"])") + "," + fw)),
                   "an SPDX 3 report, where a CycloneDX report was asked for"));
  CHECK(fails_with(spdx("{" + context + R"(,"type":"SpdxDocument","spdxId":"d"})"),
                   "an SPDX 3 report that has no \"@graph\""));
  CHECK(fails_with(spdx(R"({"@context":"https://schema.org","@graph":[{"type":"Person"}]})"),
                   "not an SPDX report"));
  const auto nested = [](std::size_t levels) {
    return graph(repeat(R"({"type":"SpdxDocument","rootElement":[)", levels) + "\"urn:fw\"" +
                 repeat("]}", levels) + "," + fw);
  };
  CHECK(spdx(nested(50)) == own);
  CHECK(spdx(nested(90)).find("too many levels") != std::string::npos);
}
