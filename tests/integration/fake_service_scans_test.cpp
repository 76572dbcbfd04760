// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Scans that go on, what reports say meanwhile, and what the components of a scan are.

#include "support/service_fixture.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace binarly;
using namespace binarly::testing;

fake_service_options scanning(std::vector<std::string> states) {
  fake_service_options options = plain_options();
  options.scans.emplace_back(std::move(states));
  options.scans.front().share = 1;
  return options;
}

struct scanning_fixture : service_fixture {
  explicit scanning_fixture(const fake_service_options& options)
      : service_fixture(options),
        ref(service.image_at(5).ref),
        path("/api/v4/" + ref.path()),
        report(path + "/sbomReport:cycloneDX?contentType=json") {}

  json::value get(const std::string& target) {
    const wire_answer answer = ask(get_request(target));
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body);
  }
  std::string state_in_image() {
    return get(path).at("latestScan").at("latestScanState").at("type").as_string().c_str();
  }
  std::string scan_id() {
    return get(path + "/scans").at("scans").at(0).at("id").as_string().c_str();
  }

  image_ref ref;
  std::string path;
  std::string report;
};

}  // namespace

TEST_CASE("fake scans: one that goes on is the same in all places") {
  scanning_fixture setup(scanning({"new", "new", "new", "running", "done"}));
  const json::value image = setup.get(setup.path);
  const json::value& in_image = image.at("latestScan");
  CHECK(image.at("scans").at(0) == in_image);
  const json::value list = setup.get(setup.path + "/scans?status=true");
  CHECK(list.at("scans").as_array().size() == 1);
  CHECK(list.at("scans").at(0) == in_image);
  const std::string id = in_image.at("id").as_string().c_str();
  CHECK(is_ulid(id));
  const json::value alone = setup.get(setup.path + "/scans/" + id);
  CHECK(alone == in_image);
  CHECK(alone.at("latestScanState").at("type").as_string() == "new");
  CHECK(setup.state_in_image() == "running");
  CHECK(setup.get(setup.path + "/scans/" + id).at("latestScanState").at("type").as_string() ==
        "done");
  CHECK(setup.state_in_image() == "done");
}

TEST_CASE("fake scans: any words, of either vocabulary") {
  for (const std::string state : {"in_progress", "completed", "failed", "cancelled", "no_scans",
                                  "status_unavailable", "a_word_of_next_year"}) {
    CAPTURE(state);
    scanning_fixture setup(scanning({state}));
    CHECK(setup.state_in_image() == state);
    CHECK(setup.ask(get_request(setup.report)).status == (state == "completed" ? 200 : 404));
  }
}

TEST_CASE("fake scans: an image without one") {
  scanning_fixture setup(scanning({""}));
  const json::value image = setup.get(setup.path);
  CHECK_FALSE(image.as_object().contains("scans"));
  CHECK_FALSE(image.as_object().contains("latestScan"));
  CHECK(setup.get(setup.path + "/scans").at("scans").as_array().empty());
  CHECK(setup.ask(get_request(setup.report)).status == 404);
}

TEST_CASE("fake scans: one that begins later, and one that only the list has") {
  scanning_fixture setup(scanning({"", "new", "done"}));
  CHECK(setup.get(setup.path + "/scans").at("scans").as_array().empty());
  CHECK(setup.state_in_image() == "new");
  CHECK(setup.state_in_image() == "done");

  fake_service_options options = scanning({"new", "done"});
  options.scans.front().in_image = false;
  scanning_fixture hidden(options);
  CHECK_FALSE(hidden.get(hidden.path).as_object().contains("latestScan"));
  CHECK(hidden.get(hidden.path + "/scans").at("scans").as_array().size() == 1);
}

TEST_CASE("fake scans: set for one image") {
  scanning_fixture setup(plain_options());
  // By itself its scan does not go on, and its report is there.
  CHECK(setup.ask(get_request(setup.report)).status == 200);
  setup.service.set_scan(setup.ref, fake_scan());
  CHECK(setup.state_in_image() == "new");
  CHECK(setup.ask(get_request(setup.report)).status == 404);
  CHECK(setup.ask(get_request(setup.report)).status == 200);
  setup.service.set_scan(setup.ref, fake_scan({"cancelled"}));
  CHECK(setup.state_in_image() == "cancelled");
  CHECK_THROWS_AS(setup.service.set_scan(image_ref("p", "i"), fake_scan()), failure_error);
  CHECK_THROWS_AS(setup.service.set_scan(setup.ref, fake_scan({"a b"})), failure_error);

  fake_service_options options = plain_options();
  options.scans.emplace_back(std::vector<std::string>());
  CHECK_THROWS_AS(scanning_fixture{options}, failure_error);
}

TEST_CASE("fake scans: what is refused or broken is no look, and no list of images is") {
  fake_service_options options = scanning({"new", "done"});
  options.token = "secret";
  options.permissions = {"products.view"};
  scanning_fixture setup(options);
  const std::string shown = "Authorization: Bearer secret\r\n";
  CHECK(setup.ask(get_request(setup.path)).status == 401);
  CHECK(setup.ask(get_request(setup.report, shown)).status == 403);
  setup.service.script(setup.ref, {misbehaviour(fault::status_503)});
  CHECK(setup.ask(get_request(setup.path, shown)).status == 503);
  const std::string list = "/api/v4/products/" + setup.ref.product_id() + "/images";
  for (int count = 0; count < 2; ++count) {
    const json::value images = json::parse(setup.ask(get_request(list, shown)).body);
    CHECK(images.at("images").at(0).at("latestScan").at("latestScanState").at("type").as_string() ==
          "new");
  }
  const auto state = [&] {
    return json::parse(setup.ask(get_request(setup.path, shown)).body)
        .at("latestScan")
        .at("latestScanState")
        .at("type");
  };
  CHECK(state() == "new");
  CHECK(state() == "done");
}

TEST_CASE("fake scans: until it is done, reports and components are refused as was chosen") {
  const std::pair<early_report, unsigned> table[] = {
      {early_report::status_202, 202}, {early_report::status_400, 400},
      {early_report::status_404, 404}, {early_report::status_409, 409},
      {early_report::status_422, 422}, {early_report::status_500, 500},
      {early_report::status_502, 502},
  };
  for (const auto& [what, status] : table) {
    CAPTURE(status);
    fake_service_options options = scanning({"running", "running", "running", "running", "done"});
    options.scans.front().before = what;
    scanning_fixture setup(options);
    const std::string id = setup.scan_id();
    for (const std::string& target : {setup.report, setup.path + "/sbomReport:SPDX",
                                      setup.path + "/scans/" + id + "/components"}) {
      CAPTURE(target);
      const wire_answer answer = setup.ask(get_request(target));
      CHECK(answer.status == status);
      CHECK(json::parse(answer.body).at("message").is_string());
    }
    CHECK(setup.get(setup.report).at("bomFormat").is_string());
    CHECK(setup.get(setup.path + "/scans/" + id + "/components").as_object().contains("sha256"));
  }
}

TEST_CASE("fake scans: no content is an answer without a body, and the connection goes on") {
  fake_service_options options = scanning({"new"});
  options.scans.front().before = early_report::status_204;
  scanning_fixture setup(options);
  const wire_end end = setup.ask_to_the_end(get_request(setup.report) +
                                            get_request(setup.path, "Connection: close\r\n"));
  CHECK(end.bytes.starts_with("HTTP/1.1 204 No Content\r\n"));
  const std::string head = end.bytes.substr(0, end.bytes.find("\r\n\r\n"));
  CHECK(head.find("Content-") == std::string::npos);
  CHECK(head.find("Transfer-Encoding") == std::string::npos);
  CHECK(end.bytes.substr(head.size() + 4).starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(end.error == asio::error::eof);
}

TEST_CASE("fake scans: a report that is there before its checksums are") {
  fake_service_options options = scanning({"running", "running", "running", "done"});
  options.scans.front().before = early_report::no_checksums;
  scanning_fixture setup(options);
  const std::string components = setup.path + "/scans/" + setup.scan_id() + "/components";
  const wire_answer early = setup.ask(get_request(setup.report));
  CHECK(early.status == 200);
  CHECK(json::parse(early.body).at("bomFormat").as_string() == "CycloneDX");
  CHECK(early.body.find("hashes") == std::string::npos);
  CHECK(early.body.find("firmware.bin") != std::string::npos);
  CHECK(setup.ask(get_request(components)).body.find("sha256") == std::string::npos);
  CHECK(setup.ask(get_request(setup.report)).body.find("hashes") != std::string::npos);

  options.scans.front().before = early_report::whole;
  scanning_fixture whole(options);
  CHECK(whole.ask(get_request(whole.report)).body.find("hashes") != std::string::npos);
}

TEST_CASE("fake scans: components are a tree, with the checksums of the reports") {
  scanning_fixture setup(scanning({"done"}));
  const std::string id = setup.scan_id();
  const json::value root = setup.get(setup.path + "/scans/" + id + "/components");
  const auto is = [&](const json::value& node, std::string_view file) {
    const auto sums = setup.service.checksums_of(5, file);
    CHECK(node.at("sha256").as_string() == sums[0].value);
    CHECK(node.at("sha1").as_string() == sums[1].value);
    CHECK(node.at("md5").as_string() == sums[2].value);
  };
  is(root, "");
  CHECK(root.at("path").as_string() == "/");
  const auto& files = root.at("components").as_array();
  CHECK(files.size() == 18);
  CHECK(files[0].at("name").as_string() == "firmware.bin");
  CHECK(files[0].at("path").as_string() == "/firmware.bin");
  is(files[0], "firmware.bin");
  is(files[1], "component-0");
  const json::value& inner = files[1].at("components").at(0);
  CHECK(inner.at("path").as_string() == "/usr/lib/component-0/component-1");
  is(inner, "component-1");
  CHECK(setup.service.image_at(5).sha256 == root.at("sha256").as_string());
}

TEST_CASE("fake scans: what is no scan of the image") {
  scanning_fixture setup(scanning({"done"}));
  const std::string id = setup.scan_id();
  const std::string others = setup.get("/api/v4/" + setup.service.image_at(9).ref.path() + "/scans")
                                 .at("scans")
                                 .at(0)
                                 .at("id")
                                 .as_string()
                                 .c_str();
  for (const std::string& below :
       {"/scans/" + others, "/scans/" + others + "/components", std::string("/scans/"),
        std::string("/scans//components"), "/scans/" + id + "/", "/scans/" + id + "/component",
        "/scans/" + id + "/components/"}) {
    CAPTURE(below);
    const wire_answer answer = setup.ask(get_request(setup.path + below));
    CHECK(answer.status == 404);
    CHECK(json::parse(answer.body).at("message").is_string());
  }
  // By rule, five of six images have none.
  service_fixture by_rule;
  int found = 0;
  for (std::uint64_t index = 0; index < 60; ++index) {
    const std::string path = "/api/v4/" + by_rule.service.image_at(index).ref.path();
    const json::value list = json::parse(by_rule.ask(get_request(path + "/scans")).body);
    if (list.at("scans").as_array().empty()) continue;
    ++found;
    const std::string scan = list.at("scans").at(0).at("id").as_string().c_str();
    CHECK(by_rule.ask(get_request(path + "/scans/" + scan)).status == 200);
    CHECK(by_rule.ask(get_request(path + "/scans/" + scan + "/components")).status == 200);
  }
  CHECK(found > 0);
}

TEST_CASE("fake scans: large trees come in chunks, in gzip where it is accepted") {
  fake_service_options options = scanning({"done"});
  options.report_components = 1001;
  scanning_fixture setup(options);
  const std::string target = setup.path + "/scans/" + setup.scan_id() + "/components";
  SUBCASE("plain") {
    const wire_end end = setup.ask_to_the_end(get_request(target, "Connection: close\r\n"));
    CHECK(end.bytes.find("\r\nTransfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(end.bytes.find("component-1000\"") != std::string::npos);
    CHECK(end.bytes.ends_with("\r\n0\r\n\r\n"));
  }
  SUBCASE("coded") {
    const wire_end end =
        setup.ask_to_the_end(get_request(target, "Connection: close\r\nAccept-Encoding: gzip\r\n"));
    CHECK(end.bytes.find("\r\nContent-Encoding: gzip\r\n") != std::string::npos);
  }
}
