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

TEST_CASE("sbom_reader: CycloneDX of the older versions, each with what came with it") {
  // Checksums stand in many places there, and those of tools, references and ancestors are none of
  // the firmware's.
  const auto stated = [](const std::string& digits) {
    return R"("hashes":[{"alg":"SHA-256","content":")" + digits + R"("}])";
  };
  const std::string threes(64, '3');
  const auto begin = [](const std::string& version) {
    return R"({"bomFormat":"CycloneDX","specVersion":")" + version +
           R"(","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":1,)";
  };
  const std::string tools =
      R"("tools":[{"vendor":"v","name":"a.bin","version":"1",)" + stated(threes) + "}]";
  const std::string subject =
      R"("component":{"type":"firmware","name":"fw","version":"1",)" + stated(ones) + "}";
  const std::string file = R"({"type":"file","name":"a.bin","version":"",)" + stated(twos);

  const std::string v1_2 = begin("1.2") + R"("metadata":{"timestamp":"2020-05-26T00:00:00Z",)" +
                           tools + ',' + subject + R"(},"components":[)" + file +
                           R"(,"pedigree":{"ancestors":[{"type":"file","name":"a.bin",)"
                           R"("version":"0",)" +
                           stated(threes) +
                           R"(}],"patches":[{"type":"backport"}]}}],"services":[{"name":"s"}],)"
                           R"("dependencies":[{"ref":"a","dependsOn":[]}]})";
  CHECK(cyclonedx(v1_2, {"a.bin"}) == own + a_bin);

  const std::string v1_3 =
      begin("1.3") + R"("metadata":{)" + tools + ',' + subject +
      R"(,"licenses":[{"license":{"id":"MIT"}}],"properties":[{"name":"n","value":"v"}]},)"
      R"("components":[)" +
      file + R"(,"externalReferences":[{"type":"distribution","url":"https://x.example",)" +
      stated(threes) +
      R"(}],"evidence":{"copyright":[{"text":"c"}]},"properties":[]}],"compositions":[{)"
      R"("aggregate":"complete","assemblies":["a"]}]})";
  CHECK(cyclonedx(v1_3, {"a.bin"}) == own + a_bin);

  // A component's version may be left out from here on.
  const std::string v1_4 =
      begin("1.4") + R"("metadata":{)" + tools + ',' + subject +
      R"(},"components":[{"type":)"
      R"("file","bom-ref":"a","name":"a.bin","releaseNotes":{"type":"major","notes":[]},)" +
      stated(twos) +
      R"(,"signature":{"algorithm":"ES256","value":"x"}}],"vulnerabilities":[{)"
      R"("id":"CVE-2000-1","tools":[{"name":"a.bin",)" +
      stated(threes) + R"(}],"affects":[{"ref":"a"}]}]})";
  CHECK(cyclonedx(v1_4, {"a.bin"}) == own + a_bin);
}
