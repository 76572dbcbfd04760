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

namespace {

using namespace binarly::test;
using binarly::hash_query;
using binarly::sbom_format;
using binarly::domain::sbom_reader;

}  // namespace

TEST_CASE("sbom_reader: SPDX, what the document describes") {
  const std::string a = package("A", '1');
  const std::string b = package("B", '2');
  const std::string packages = R"("packages":[)" + a + "," + b + "]";
  const std::string own_a = "own MD5=" + md5('1');
  const std::string own_b = "own MD5=" + md5('2');
  CHECK(spdx(spdx_report(R"("packages":[)" + a + "]")) == own_a);
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

TEST_CASE("sbom_reader: SPDX, what a document with an id of its own describes") {
  const std::string id = R"("SPDXID":"SPDXRef-fw",)";
  const std::string a = package("A", '1');
  const auto says = [](const std::string& from, const std::string& to) {
    return R"("relationships":[{"spdxElementId":")" + from +
           R"(","relationshipType":"DESCRIBES","relatedSpdxElement":")" + to + R"("}])";
  };
  const std::string things =
      R"("packages":[)" + a + R"(],"files":[{"fileName":"f","SPDXID":"F",)" + checksums('3') + "}]";
  const std::string of_file = "own MD5=" + md5('3');
  CHECK(spdx(spdx_report(id + things + "," + says("SPDXRef-fw", "F"))) == of_file);
  CHECK(spdx(spdx_report(says("SPDXRef-fw", "F") + "," + id + things)) == of_file);
  CHECK(spdx(spdx_report(id + things + "," + says("SPDXRef-DOCUMENT", "F"))) == of_file);
  // Itself, and what is no document's word.
  CHECK(spdx(spdx_report(id + things + "," + says("SPDXRef-fw", "SPDXRef-fw"))) ==
        "own MD5=" + md5('1'));
  CHECK(spdx(spdx_report(id + things + "," + says("A", "F"))) == "own MD5=" + md5('1'));
  // So many that they are not held, which matters only where the document says nothing else.
  std::string many = R"("relationships":[)";
  for (int i = 0; i < 5000; ++i)
    many += R"({"spdxElementId":"A","relationshipType":"DESCRIBES","relatedSpdxElement":"F"},)";
  CHECK(spdx(spdx_report(things + "," + many + describes("F") + "]")) == of_file);
  CHECK(spdx(spdx_report(things + "," + many + "{}]")).find("too many root elements") !=
        std::string::npos);
}

TEST_CASE("sbom_reader: SPDX, a report that breaks is recognised by its document's id") {
  const auto why = [](const std::string& body) {
    const auto wanted = std::make_shared<const hash_query>(query_for(sbom_format::spdx));
    sbom_reader reader(wanted, std::nullopt);
    reader.write(body);
    const auto made = reader.finish();
    REQUIRE(!made);
    return made.error();
  };
  CHECK(
      why(R"({"SPDXID":"SPDXRef-DOCUMENT","x":,"spdxVersion":"SPDX-2.3"})").detail().answered_by ==
      binarly::responder::platform);
  CHECK(why(R"({"SPDXID":1,"x":,"spdxVersion":"SPDX-2.3"})").detail().answered_by !=
        binarly::responder::platform);
}

TEST_CASE("sbom_reader: SPDX, a subject that is not told is no guess, and spoils no file") {
  const std::string a = package("A", '1', "a");
  const std::string packages = R"("packages":[)" + a + "," + package("B", '2', "b") + "]";
  const std::string found = "; a MD5=" + md5('1');
  const auto doubtful = [&](const std::string& members, const std::string& words) {
    const auto outcome = spdx(spdx_report(members), {"a"});
    CAPTURE(outcome);
    CHECK(outcome.starts_with("own ["));
    CHECK(outcome.find(words) != outcome.npos);
    CHECK(outcome.ends_with(found));
  };
  doubtful(packages, "does not say which package is the image, and has 2 of them");
  doubtful(packages + R"(,"documentDescribes":[])", "does not say which package");
  doubtful(packages + R"(,"documentDescribes":["NOASSERTION"])", "does not say which package");
  doubtful(R"("documentDescribes":["A","B"],)" + packages,
           R"(not say which thing is the image: it describes "A" and "B")");
  doubtful(
      R"("documentDescribes":["A"],)" + packages + R"(,"relationships":[)" + describes("B") + "]",
      "which thing is the image");
  doubtful(R"("relationships":[)" + describes("A") + "," + describes("DocumentRef-x:B") + "]," +
               packages,
           "which thing is the image");
  doubtful(R"("documentDescribes":["C"],)" + packages,
           "\"C\", which is none of its packages and files");
  doubtful(packages + R"(,"documentDescribes":["C"])",
           "\"C\", which is none of its packages and files");
  doubtful(R"("documentDescribes":[""],)" + packages, "without an id");
  doubtful(R"("documentDescribes":[1],)" + packages, "field \"documentDescribes[0]\": a number");
  doubtful(R"("documentDescribes":"A",)" + packages, "a string where an array is due");
  doubtful(packages + R"(,"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT",)"
                      R"("relationshipType":"DESCRIBES"}])",
           "without an id");
  doubtful(packages + R"(,"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT",)"
                      R"("relationshipType":"DESCRIBES","relatedSpdxElement":"A",)"
                      R"("relatedSpdxElement":"B"}])",
           "for the second time");
  const std::string twice = R"("packages":[)" + a + "," + package("A", '2') + "]";
  doubtful(R"("packages":[)" + a + R"(],"relationships":[)" + describes("NONE") + "]",
           "says that it describes nothing");
  // Itself, as some tools write, is no word.
  doubtful(packages + R"(,"relationships":[)" + describes("SPDXRef-DOCUMENT") + "]",
           "does not say which package");
  doubtful(R"("documentDescribes":["A"],)" + twice, "holds twice");
  doubtful(twice + R"(,"documentDescribes":["A"])", "holds twice");
  // What others describe, and what is said in other ways, is no matter.
  CHECK(spdx(spdx_report(R"("packages":[)" + a +
                         R"(],"relationships":[1,null,{},)"
                         R"({"spdxElementId":1,"relationshipType":"DESCRIBES"}])")) ==
        "own MD5=" + md5('1'));
}

TEST_CASE("sbom_reader: SPDX, a subject that is named after a large report's packages") {
  constexpr std::size_t many = 20'000;
  const auto body_with = [](std::size_t place) {
    std::string packages;
    for (std::size_t i = 0; i < many; ++i) {
      if (i != 0) packages += ',';
      packages += package(i == place ? "Subject" : "P" + std::to_string(i), i == place ? '5' : '1');
    }
    return spdx_report(R"("packages":[)" + packages + R"(],"relationships":[)" +
                       describes("Subject") + "]");
  };
  const auto outcome = [&](std::size_t place, int& readings) {
    const std::string body = body_with(place);
    return read_sbom(query_for(sbom_format::spdx), std::array{std::string_view(body)}, &readings);
  };
  int readings = 0;
  for (const std::size_t near : {std::size_t{0}, std::size_t{900}, many - 900, many - 1}) {
    CAPTURE(near);
    CHECK(outcome(near, readings) == "own MD5=" + md5('5'));
    CHECK(readings == 1);
  }
  // It takes a second reading, which knows what to wait for.
  CHECK(outcome(many / 2, readings) == "own MD5=" + md5('5'));
  CHECK(readings == 2);
  const auto nowhere = outcome(many, readings);
  CHECK(nowhere ==
        "own [the report describes \"Subject\", which is none of its packages and files]");
  CHECK(readings == 2);

  // The second reading is of another report.
  const auto wanted = std::make_shared<const hash_query>(query_for(sbom_format::spdx));
  for (const auto& other :
       {spdx_report(R"("packages":[)" + package("A", '1') + R"(],"documentDescribes":["A"])"),
        spdx_report(R"("packages":[)" + package("Subject", '1') + "]"),
        spdx_report(R"("packages":[)" + package("Subject", '1') +
                    R"(],"documentDescribes":["Subject","B"])")}) {
    sbom_reader second(wanted, "Subject");
    second.write(other);
    const auto changed = second.finish();
    REQUIRE_FALSE(changed.has_value());
    CHECK(changed.error().detail().reason.ends_with(
        "the report changed while it was read for the second time"));
  }
}

TEST_CASE("sbom_reader: SPDX files and packages by name") {
  CHECK(spdx(small_spdx, {"usr/a", "p"}) == "own MD5=" + md5('2') + "; p MD5=" + md5('1') +
                                                "; p MD5=" + md5('2') + "; usr/a MD5=" + md5('3'));
  CHECK(spdx(small_spdx, {"./usr/a"}) == "own MD5=" + md5('2') + "; ./usr/a MD5=" + md5('3'));
  CHECK(spdx(small_spdx, {"a", "/usr/a", "SPDXRef-DOCUMENT"}) == "own MD5=" + md5('2'));
}
