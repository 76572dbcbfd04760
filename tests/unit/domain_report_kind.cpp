// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain_sbom_bodies.hpp"

#include <binarly/failure.hpp>
#include <binarly/image_hashes.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace binarly::test;
using binarly::responder;
using binarly::sbom_format;

/// Who gave an answer that cannot be read.
responder giver_of(std::string_view body, sbom_format format) {
  binarly::domain::sbom_reader reader(
      std::make_shared<const binarly::hash_query>(query_for(format)));
  reader.write(body);
  const auto outcome = reader.finish();
  REQUIRE_FALSE(outcome.has_value());
  return outcome.error().detail().answered_by;
}

}  // namespace

TEST_CASE("report_kind: a report that is no JSON is called what it is") {
  const std::string words = ", where JSON was asked for";
  for (const auto& [body, kind] :
       {std::pair(R"(<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5">)",
                  "byte 0: the answer is a CycloneDX report in XML"),
        std::pair(" \n<rdf:RDF xmlns:spdx=\"http://spdx.org/rdf/terms#\">",
                  "an SPDX report in RDF"),
        std::pair("<Document><SPDXID>SPDXRef-DOCUMENT</SPDXID>", "an SPDX report in XML"),
        std::pair("\xef\xbb\xbf# a comment\nSPDXVersion: SPDX-2.3\n", "as tags and values"),
        std::pair("---\nSPDXID: \"SPDXRef-DOCUMENT\"\nspdxVersion: \"SPDX-2.3\"\n", "in YAML"),
        std::pair("%PDF-1.7\n", "a report in PDF")}) {
    for (const auto format : {sbom_format::cyclonedx, sbom_format::spdx}) {
      const auto outcome = read(query_for(format), body);
      CAPTURE(outcome);
      CHECK(fails_with(outcome, kind));
      CHECK(fails_with(outcome, words));
      CHECK(giver_of(body, format) == responder::platform);
    }
  }
  // Other pages are not the platform's.
  for (const std::string body : {"<html><title>SPDX</title>", "", "ok", "SPDX", "<bom/>"}) {
    CAPTURE(body);
    CHECK_FALSE(fails_with(read(query_for(sbom_format::spdx), body), words));
    CHECK(giver_of(body, sbom_format::spdx) == responder::none);
  }
}

TEST_CASE("report_kind: a report of another format, or one that breaks off, is the platform's") {
  CHECK(giver_of(small_spdx, sbom_format::cyclonedx) == responder::platform);
  CHECK(giver_of(report(""), sbom_format::spdx) == responder::platform);
  CHECK(giver_of(R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]})",
                 sbom_format::cyclonedx) == responder::platform);
  CHECK(giver_of(R"({"bomFormat":"CycloneDX","components":[)", sbom_format::cyclonedx) ==
        responder::platform);
  CHECK(giver_of(R"({"status":"ok"})", sbom_format::cyclonedx) == responder::none);
}
