// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Reports that take a second reading, reports of other kinds, and component trees.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/client_search.hpp"

#include <binarly/call_report.hpp>
#include <binarly/client.hpp>
#include <binarly/image_hashes.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

namespace {

/// An SPDX report that names its subject at its end, in the middle of more than can be held.
std::string large_spdx(const std::string& subject, char digit) {
  const auto package = [](const std::string& id, char value) {
    return R"({"SPDXID":")" + id +
           R"(","name":"p","checksums":[{"algorithm":"MD5","checksumValue":")" +
           std::string(32, value) + R"("}]},)";
  };
  std::string text = R"({"spdxVersion":"SPDX-2.3","packages":[)";
  constexpr int many = 16'000;
  for (int i = 0; i < many; ++i)
    text += i == many / 2 ? package(subject, digit) : package("P" + std::to_string(i), '1');
  text += package("last", '1');
  text.pop_back();
  return text + R"(],"documentDescribes":[")" + subject + R"("]})";
}

/// What becomes of a search that gets these answers, one after the other, and its report.
struct answered {
  result<image_hashes> found = failure(errc::cancelled, "");
  call_report report;
  std::vector<std::string> heads;
};

answered search_with(const std::vector<std::string>& answers, const hash_query& query,
                     call_options call = call_options()) {
  asio::io_context context;
  answered out;
  const raw_server server(context.get_executor(), [&](const std::string& head) {
    out.heads.push_back(head);
    return out.heads.size() <= answers.size() ? answers[out.heads.size() - 1] : std::string();
  });
  const auto options = options_for(url_of_port(server.port()), server.ca_pem());
  const client service(context.get_executor(), options);
  call.report = std::make_shared<call_report>();
  const search one(service, image_ref("product", "image"), query, call);
  run_until(context, [&] { return one.done(); });
  out.found = one.outcome();
  out.report = *call.report;
  return out;
}

}  // namespace

TEST_CASE("find hashes: a subject that could not be held is found by asking again") {
  const auto first = answer(large_spdx("Subject", '5'));
  const auto read = search_with({first, first}, query_for(sbom_format::spdx));
  REQUIRE(read.found.has_value());
  REQUIRE(read.found->own.size() == 1);
  CHECK(read.found->own[0].value == std::string(32, '5'));
  CHECK(read.found->own_flaws.empty());
  CHECK(read.heads.size() == 2);
  CHECK(read.report.attempts == 2);
  CHECK(read.report.failed_attempts.empty());
  CHECK(read.report.bytes > 2'000'000);

  // Trouble in between is tried again; and the report must still be the same.
  call_options call;
  call.retry = at_once(2);
  const auto patient =
      search_with({first, answer("", "", "503 Oops"), first}, query_for(sbom_format::spdx), call);
  REQUIRE(patient.found.has_value());
  CHECK(patient.report.attempts == 3);
  const auto changed =
      search_with({first, answer(large_spdx("Another", '6'))}, query_for(sbom_format::spdx));
  REQUIRE_FALSE(changed.found.has_value());
  const failure why = changed.found.error();
  CHECK(why.code() == errc::bad_response);
  CHECK(contains(why.message(), "the report changed while it was read for the second time"));
  CHECK_FALSE(contains(why.message(), "base URL"));
}

TEST_CASE("find hashes: a report that was recognised is never blamed on the base URL") {
  const auto message = [](const std::string& body, sbom_format format) {
    const auto read = search_with({answer(body)}, query_for(format));
    REQUIRE_FALSE(read.found.has_value());
    CHECK(read.found.error().code() == errc::bad_response);
    return read.found.error().message();
  };
  const std::string spdx3 =
      R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]})";
  const std::string xml = R"(<bom xmlns="http://cyclonedx.org/schema/bom/1.5">)";
  for (const auto& [text, words] :
       {std::pair(message(spdx3, sbom_format::cyclonedx), "an SPDX 3 report, where"),
        std::pair(message(report, sbom_format::spdx), "a CycloneDX report, where"),
        std::pair(message(xml, sbom_format::cyclonedx), "a CycloneDX report in XML"),
        std::pair(message(report.substr(0, 40), sbom_format::cyclonedx), "ends in the middle")}) {
    CAPTURE(text);
    CHECK(contains(text, words));
    CHECK_FALSE(contains(text, "base URL"));
  }
  CHECK(contains(message("<html></html>", sbom_format::cyclonedx), "base URL"));
}

TEST_CASE("find hashes: in the component tree of a scan") {
  hash_query query;
  query.files = {"a", "x/b"};
  query.scan_id = "01JYJ0W0AACGC7QT1Q21SRWG99";
  const std::string tree =
      R"({"components":[{"name":"fw","path":"/x","components":[)"
      R"({"name":"a","path":"/x/a","md5":"00112233445566778899aabbccddeeff"},)"
      R"({"name":"b","path":"/x/b","sha1":"0123456789012345678901234567890123456789"}]}]})";
  const auto read = search_with({answer(tree)}, query);
  REQUIRE(read.found.has_value());
  REQUIRE(read.heads.size() == 1);
  CHECK(
      read.heads[0].starts_with("GET /api/v4/products/product/images/image/scans/"
                                "01JYJ0W0AACGC7QT1Q21SRWG99/components HTTP/1.1\r\n"));
  REQUIRE(read.found->files.size() == 2);
  CHECK(read.found->files[0].name == "a");
  CHECK(read.found->files[0].path == "/x/a");
  CHECK(read.found->files[1].name == "x/b");
  CHECK(read.found->files[1].checksums[0].algorithm == "SHA-1");
  CHECK(read.found->own.empty());
  CHECK(read.found->check("sha256", "00").outcome == checksum_agreement::untold);

  query.scan_id = "../other";
  const auto refused = search_with({}, query);
  CHECK(refused.found.error().code() == errc::invalid_argument);
  CHECK(refused.heads.empty());
}
