// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The fake service's SBOM reports, as they are on the wire.

#include "support/service_fixture.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

namespace json = boost::json;
using namespace binarly;
using namespace binarly::testing;

std::string cyclonedx_of(const image_ref& ref, const std::string& headers = {}) {
  return get_request("/api/v4/" + ref.path() + "/sbomReport:cycloneDX?contentType=json", headers);
}

std::string spdx_of(const image_ref& ref, const std::string& headers = {}) {
  return get_request("/api/v4/" + ref.path() + "/sbomReport:SPDX", headers);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

const std::string close_after = "Connection: close\r\n";

}  // namespace

TEST_CASE("fake service: a CycloneDX report states what the rule says") {
  service_fixture setup;
  const auto image = setup.service.image_at(5);
  const auto answer = setup.ask(cyclonedx_of(image.ref));
  REQUIRE(answer.status == 200);
  CHECK_FALSE(contains(answer.head, "Content-Encoding"));
  const auto report = json::parse(answer.body);
  CHECK(report.at("bomFormat").as_string() == "CycloneDX");
  const auto& own = report.at("metadata").at("component").at("hashes").as_array();
  REQUIRE(own.size() == 3);
  CHECK(own[0].at("alg").as_string() == "SHA-256");
  CHECK(own[0].at("content").as_string() == image.sha256);
  CHECK(own[1].at("content").as_string() == image.sha1);
  CHECK(own[2].at("content").as_string() == image.md5);
  const auto& components = report.at("components").as_array();
  // Three of twenty are nested, and firmware.bin stands before them.
  CHECK(components.size() == 18);
  CHECK(components[0].at("name").as_string() == "firmware.bin");
  CHECK(components[1].at("name").as_string() == "component-0");
  CHECK(components[1].at("components").at(0).at("hashes").at(0).at("content").as_string() ==
        setup.service.checksums_of(5, "component-1")[0].value);
}

TEST_CASE("fake service: an SPDX report states the same, in its own words") {
  service_fixture setup;
  for (std::uint64_t index = 0; index < 6; ++index) {
    CAPTURE(index);
    const auto image = setup.service.image_at(index);
    const auto answer = setup.ask(spdx_of(image.ref));
    REQUIRE(answer.status == 200);
    const auto report = json::parse(answer.body);
    CHECK(report.at("spdxVersion").as_string() == "SPDX-2.3");
    CHECK(report.at("packages").as_array().size() == (index % 2 == 0 ? 21 : 22));
    CHECK(report.at("files").at(0).at("checksums").at(0).at("checksumValue").as_string() ==
          setup.service.checksums_of(index, "firmware.bin")[0].value);
    CHECK(contains(answer.body, R"({"algorithm":"SHA256","checksumValue":")" + image.sha256));
    CHECK(contains(answer.body, R"({"algorithm":"SHA1","checksumValue":")" + image.sha1));
  }
}

TEST_CASE("fake service: checksums differ between images, files and seeds") {
  service_fixture setup;
  auto other_options = plain_options();
  other_options.seed = 2;
  const service_fixture other(other_options);
  const auto image = setup.service.image_at(5);
  CHECK(image.sha256.size() == 64);
  CHECK(image.sha1.size() == 40);
  CHECK(image.md5.size() == 32);
  CHECK(setup.service.image_at(5).sha256 == image.sha256);
  CHECK(setup.service.image_at(6).sha256 != image.sha256);
  CHECK(other.service.image_at(5).sha256 != image.sha256);
  CHECK(setup.service.checksums_of(5, "firmware.bin")[0].value != image.sha256);
  CHECK_THROWS_AS((void)setup.service.checksums_of(1000, "firmware.bin"), failure_error);
}

TEST_CASE("fake service: reports are coded for those who accept it, where it may") {
  const std::string accept = "Accept-Encoding: br, gzip\r\n";
  service_fixture setup;
  const auto ref = setup.service.image_at(1).ref;
  const auto coded = setup.ask(cyclonedx_of(ref, accept));
  CHECK(contains(coded.head, "\r\nContent-Encoding: gzip\r\n"));
  CHECK(coded.body.starts_with("\x1f\x8b"));
  CHECK(coded.body.size() < setup.ask(cyclonedx_of(ref)).body.size() / 2);
  // Images are not.
  CHECK_FALSE(contains(setup.ask(get_request(ref, accept)).head, "Content-Encoding"));
  auto options = plain_options();
  options.gzip_reports = false;
  service_fixture plain(options);
  CHECK_FALSE(contains(plain.ask(spdx_of(ref, accept)).head, "Content-Encoding"));
}

TEST_CASE("fake service: large reports come in chunks, and have no length") {
  auto options = plain_options();
  options.report_components = 1001;
  service_fixture setup(options);
  const auto image = setup.service.image_at(1);
  const auto end = setup.ask_to_the_end(cyclonedx_of(image.ref, close_after));
  CHECK(contains(end.bytes, "\r\nTransfer-Encoding: chunked\r\n"));
  CHECK_FALSE(contains(end.bytes, "Content-Length"));
  CHECK(contains(end.bytes, image.sha256));
  CHECK(end.bytes.ends_with("\r\n0\r\n\r\n"));

  service_fixture head_only(options);
  const auto target = "/api/v4/" + image.ref.path() + "/sbomReport:SPDX";
  const auto head = head_only.ask_to_the_end("HEAD " + target + " HTTP/1.1\r\nHost: h\r\n" +
                                             close_after + "\r\n");
  CHECK(head.bytes.ends_with("\r\n\r\n"));
  CHECK_FALSE(contains(head.bytes, image.sha256));
}

TEST_CASE("fake service: what is no report") {
  service_fixture setup;
  const auto path = "/api/v4/" + setup.service.image_at(1).ref.path();
  CHECK(setup.ask(get_request(path + "/sbomReport:cycloneDX")).status == 400);
  CHECK(setup.ask(get_request(path + "/sbomReport:cycloneDX?contentType=xml")).status == 400);
  CHECK(setup.ask(get_request(path + "/sbomReport")).status == 404);
  CHECK(setup.ask(get_request(path + "/sbomReport:spdx")).status == 404);
  CHECK(setup.ask(get_request(path + "/sbomReport:SPDX/")).status == 404);
  CHECK(setup.ask(get_request(path + "/")).status == 404);
  CHECK(setup.ask(spdx_of(image_ref("p", "i"))).status == 404);
  auto options = plain_options();
  options.report_components = 10'000'001;
  CHECK_THROWS_AS(service_fixture{options}, failure_error);
}
