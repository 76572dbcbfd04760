// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Answers in unusual forms, answers of servers that are not the service, and what the service's own
// refusals look like.

#include "support/service_fixture.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <zlib.h>

namespace {

namespace json = boost::json;
using namespace binarly;
using namespace binarly::testing;

struct forms : service_fixture {
  explicit forms(const fake_service_options& options = plain_options())
      : service_fixture(options), ref(service.image_at(3).ref), path("/api/v4/" + ref.path()) {}

  wire_answer answer_to(const misbehaviour& next, const std::string& below = {}) {
    service.script(ref, {next});
    return ask(get_request(path + below));
  }
  wire_answer answer_to(fault kind, const std::string& below = {}) {
    return answer_to(misbehaviour(kind), below);
  }
  json::object image_with(fault kind) { return json::parse(answer_to(kind).body).as_object(); }

  image_ref ref;
  std::string path;
};

const std::string report = "/sbomReport:cycloneDX?contentType=json";

bool has(const wire_answer& answer, const std::string& text) {
  return answer.head.find(text) != std::string::npos;
}

std::string unzipped(const std::string& coded) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
  std::string plain(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  stream.avail_in = static_cast<uInt>(coded.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  REQUIRE(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  plain.resize(plain.size() - stream.avail_out);
  inflateEnd(&stream);
  return plain;
}

/// Whether it is the error envelope of the API: an object with a message in words.
bool is_envelope(const wire_answer& answer) {
  json::error_code error;
  const json::value body = json::parse(answer.body, error);
  return !error && body.is_object() && body.as_object().contains("message") &&
         body.at("message").is_string() && has(answer, "\r\nContent-Type: application/json\r\n");
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return text;
}

}  // namespace

TEST_CASE("forms: the service's own refusals bear its envelope") {
  fake_service_options options = plain_options();
  options.token = "secret";
  forms setup(options);
  const std::string shown = "Authorization: Bearer secret\r\n";
  const auto check = [&](const std::string& request, unsigned status) {
    CAPTURE(request);
    const wire_answer answer = setup.ask(request);
    CHECK(answer.status == status);
    CHECK(is_envelope(answer));
  };
  check(get_request(setup.path), 401);
  check(get_request("/"), 401);
  // Outside of the API it is a stranger's.
  const wire_answer outside = setup.ask(get_request("/", shown));
  CHECK(outside.status == 404);
  CHECK_FALSE(is_envelope(outside));
  check(get_request("/api/v4/" + image_ref("p", "i").path(), shown), 404);
  check(get_request(setup.path + "/sbomReport:cycloneDX", shown), 400);
  check(get_request(setup.path + "/scans/x", shown), 404);
  check(get_request("/api/v4/products/x/images", shown), 404);
  for (const auto& [kind, status] :
       {std::pair(fault::not_found, 404U), std::pair(fault::forbidden, 403U),
        std::pair(fault::unauthorized, 401U), std::pair(fault::status_500, 500U)}) {
    setup.service.script(setup.ref, {misbehaviour(kind)});
    check(get_request(setup.path, shown), status);
  }
  setup.service.set_permissions({});
  check(get_request(setup.path, shown), 403);
}

TEST_CASE("forms: what a stranger says is no envelope") {
  forms setup;
  struct row {
    fault kind;
    unsigned status;
    const char* type;
  };
  const row table[] = {
      {fault::not_found_text, 404, "text/plain"},
      {fault::not_found_html, 404, "text/html"},
      {fault::not_found_json, 404, "application/json"},
      {fault::forbidden_text, 403, "text/plain"},
      {fault::forbidden_html, 403, "text/html"},
      {fault::forbidden_json, 403, "application/json"},
  };
  for (const auto& [kind, status, type] : table) {
    for (const std::string& below : {std::string(), report, std::string("/scans")}) {
      CAPTURE(to_string(kind));
      const wire_answer answer = setup.answer_to(kind, below);
      CHECK(answer.status == status);
      CHECK(has(answer, std::string("\r\nContent-Type: ") + type));
      CHECK_FALSE(answer.body.empty());
      CHECK_FALSE(is_envelope(answer));
      CHECK(answer.body.find("\"message\"") == std::string::npos);
    }
  }
  CHECK(setup.service.counters().connections == 1);
}

TEST_CASE("forms: an answer word for word") {
  forms setup;
  canned_answer canned(418, "text/x-tea", "short and stout");
  canned.headers = "Retry-After: 1\r\nX-Pot: \"tea\"\r\n";
  const wire_answer answer = setup.answer_to(misbehaviour(canned));
  CHECK(answer.status == 418);
  CHECK(has(answer, "\r\nContent-Type: text/x-tea\r\n"));
  CHECK(has(answer, "\r\nRetry-After: 1\r\nX-Pot: \"tea\"\r\n"));
  CHECK(answer.body == "short and stout");
  CHECK(setup.ask(get_request(setup.path)).status == 200);
  const wire_answer bare = setup.answer_to(misbehaviour(canned_answer(503, "", "")));
  CHECK(bare.status == 503);
  CHECK_FALSE(has(bare, "Content-Type"));

  const auto refused = [&](const canned_answer& one) {
    CHECK_THROWS_AS(setup.service.script(setup.ref, {misbehaviour(one)}), failure_error);
  };
  refused(canned_answer(199, "", ""));
  refused(canned_answer(600, "", ""));
  refused(canned_answer(200, "a\r\nb: c", ""));
  refused(canned_answer(200, std::string(129, 'x'), ""));
  refused(canned_answer(200, "", std::string((1 << 20) + 1, 'x')));
  for (const char* headers :
       {"x", "x: y", "x: y\n", "x: y\r\n\r\n", ": y\r\n", "content-length: 3\r\n",
        "Connection: close\r\n", "Transfer-Encoding: chunked\r\n", "Content-Type: a\r\n",
        "x: \x01\r\n"}) {
    CAPTURE(headers);
    canned_answer odd(200, "", "");
    odd.headers = headers;
    refused(odd);
  }
  CHECK_THROWS_AS(setup.service.script(setup.ref, {misbehaviour(fault::answer)}), failure_error);
}

TEST_CASE("forms: gzip that nobody asked for") {
  forms setup;
  for (const std::string& below : {std::string(), report, std::string("/scans")}) {
    CAPTURE(below);
    const std::string plain = setup.ask(get_request(setup.path + below)).body;
    const wire_answer coded = setup.answer_to(fault::gzip, below);
    CHECK(coded.status == 200);
    CHECK(has(coded, "\r\nContent-Encoding: gzip\r\n"));
    CHECK(unzipped(coded.body) == plain);
  }
  // A refusal stays as it is.
  setup.service.script(image_ref("p", "i"), {misbehaviour(fault::gzip)});
  CHECK(is_envelope(setup.ask(get_request("/api/v4/" + image_ref("p", "i").path()))));
  // Asked for, it is done once.
  setup.service.script(setup.ref, {misbehaviour(fault::gzip)});
  const wire_answer once = setup.ask(get_request(setup.path + report, "Accept-Encoding: gzip\r\n"));
  CHECK(json::parse(unzipped(once.body)).at("bomFormat").is_string());
}

TEST_CASE("forms: a byte order mark stands before the JSON, inside of any coding") {
  forms setup;
  const std::string mark = "\xef\xbb\xbf";
  for (const std::string& below : {std::string(), report, std::string("/scans")}) {
    CAPTURE(below);
    const std::string plain = setup.ask(get_request(setup.path + below)).body;
    CHECK(setup.answer_to(fault::byte_order_mark, below).body == mark + plain);
  }
  setup.service.script(setup.ref, {misbehaviour(fault::byte_order_mark)});
  const wire_answer coded =
      setup.ask(get_request(setup.path + report, "Accept-Encoding: gzip\r\n"));
  CHECK(unzipped(coded.body).starts_with(mark + "{"));
}

TEST_CASE("forms: forms of a report that is not held") {
  fake_service_options options = plain_options();
  options.report_components = 1001;
  forms setup(options);
  setup.service.script(setup.ref, {misbehaviour(fault::byte_order_mark)});
  const wire_end end =
      setup.ask_to_the_end(get_request(setup.path + report, "Connection: close\r\n"));
  CHECK(end.bytes.find("\xef\xbb\xbf{\"$schema\"") != std::string::npos);
  CHECK(end.bytes.ends_with("\r\n0\r\n\r\n"));
}

TEST_CASE("forms: null for what may be absent") {
  forms setup;
  const json::object image = setup.image_with(fault::null_members);
  CHECK(image.at("id").as_string() == setup.ref.image_id());
  for (const char* member : {"version", "author", "files", "isArchived", "scans", "latestScan"}) {
    CAPTURE(member);
    CHECK(image.at(member).is_null());
  }
  const wire_answer counted = setup.answer_to(fault::null_members, "?withCounts=true");
  CHECK(json::parse(counted.body).at("counts").is_null());
  const wire_answer scans = setup.answer_to(fault::null_members, "/scans");
  CHECK(json::parse(scans.body).at("scans").is_null());
  CHECK(setup.answer_to(fault::null_members, report).status == 200);
}

TEST_CASE("forms: Go's zero time, an archived image, another product's") {
  forms setup;
  const json::object odd = setup.image_with(fault::zero_time);
  CHECK(odd.at("files").at(0).at("createTime").as_string() == "0001-01-01T00:00:00Z");
  CHECK(odd.at("createTime").as_string().starts_with("2024-"));
  CHECK(setup.image_with(fault::archived).at("isArchived").as_bool());

  fake_service_options options = plain_options();
  options.products = 1;
  forms alone(options);
  for (forms* const each : {&setup, &alone}) {
    const json::object strange = each->image_with(fault::wrong_parent);
    CHECK(strange.at("id").as_string() == each->ref.image_id());
    CHECK(strange.at("parent").as_string().starts_with("products/"));
    CHECK(strange.at("parent").as_string() != "products/" + each->ref.product_id());
  }
}

TEST_CASE("forms: reports without any checksum") {
  forms setup;
  for (const std::string& below : {report, std::string("/sbomReport:SPDX")}) {
    const wire_answer bare = setup.answer_to(fault::no_checksums, below);
    CHECK(bare.status == 200);
    CHECK(json::parse(bare.body).is_object());
    CHECK(bare.body.find("firmware.bin") != std::string::npos);
    CHECK(bare.body.find("hashes") == std::string::npos);
    CHECK(bare.body.find("checksums") == std::string::npos);
  }
}

TEST_CASE("forms: ids in either case find the image, which answers in capitals") {
  forms setup;
  const std::string small =
      "products/" + lower(setup.ref.product_id()) + "/images/" + lower(setup.ref.image_id());
  const std::string id = setup.ref.image_id();
  CHECK(json::parse(setup.ask(get_request("/api/v4/" + small)).body).at("id").as_string() == id);
  // Scripts name the same image.
  setup.service.script(setup.ref, {misbehaviour(fault::status_503)});
  CHECK(setup.ask(get_request("/api/v4/" + small)).status == 503);
  setup.service.script(image_ref(lower(setup.ref.product_id()), lower(id)),
                       {misbehaviour(fault::status_504)});
  CHECK(setup.ask(get_request(setup.path)).status == 504);
  const wire_answer list =
      setup.ask(get_request("/api/v4/products/" + lower(setup.ref.product_id()) + "/images"));
  CHECK(json::parse(list.body).at("images").at(0).at("id").as_string() == id);

  setup.service.set_scan(image_ref(lower(setup.ref.product_id()), lower(id)), fake_scan({"done"}));
  const std::string scan = json::parse(setup.ask(get_request(setup.path)).body)
                               .at("latestScan")
                               .at("id")
                               .as_string()
                               .c_str();
  CHECK(setup.ask(get_request(setup.path + "/scans/" + lower(scan))).status == 200);
  std::string forged = lower(id);
  forged.back() = forged.back() == '0' ? '1' : '0';
  CHECK(setup.ask(get_request("/api/v4/products/" + setup.ref.product_id() + "/images/" + forged))
            .status == 404);
}

TEST_CASE("forms: permissions are the platform's, and may be given later") {
  fake_service_options options = plain_options();
  options.permissions = {"products.view"};
  forms setup(options);
  setup.service.set_scan(setup.ref, fake_scan({"done"}));
  const auto status = [&](const std::string& below) {
    return setup.ask(get_request(setup.path + below)).status;
  };
  const std::string scan = json::parse(setup.ask(get_request(setup.path)).body)
                               .at("latestScan")
                               .at("id")
                               .as_string()
                               .c_str();
  CHECK(status("") == 200);
  CHECK(status("/scans") == 200);
  CHECK(status("/scans/" + scan + "/components") == 200);
  for (const std::string& below : {report, std::string("/sbomReport:SPDX")}) {
    const wire_answer denied = setup.ask(get_request(setup.path + below));
    CHECK(denied.status == 403);
    CHECK(is_envelope(denied));
    const json::value body = json::parse(denied.body);
    CHECK(body.at("permission").as_string() == "reports.view");
    CHECK(body.at("resourceName").as_string() == setup.ref.path());
  }
  setup.service.set_permissions({"reports.view"});
  CHECK(status(report) == 200);
  const std::string list = "/api/v4/products/" + setup.ref.product_id() + "/images";
  for (const std::string& target : {setup.path, setup.path + "/scans", list}) {
    const wire_answer denied = setup.ask(get_request(target));
    CHECK(denied.status == 403);
    CHECK(json::parse(denied.body).at("permission").as_string() == "products.view");
    CHECK(json::parse(denied.body)
              .at("resourceName")
              .as_string()
              .starts_with("products/" + setup.ref.product_id()));
  }
  // What is not there has no name.
  const wire_answer nothing = setup.ask(get_request("/api/v4/products/\"x/images/y"));
  CHECK(nothing.status == 403);
  CHECK(json::parse(nothing.body).at("resourceName").as_string().empty());
  setup.service.set_permissions({"products.view", "reports.view"});
  CHECK(status("") == 200);
  CHECK(status(report) == 200);

  for (const std::vector<std::string>& bad :
       {std::vector<std::string>(17, "x"), std::vector<std::string>{""},
        std::vector<std::string>{"a b"}, std::vector<std::string>{"\""},
        std::vector<std::string>{std::string(65, 'x')}}) {
    CHECK_THROWS_AS(setup.service.set_permissions(bad), failure_error);
    options.permissions = bad;
    CHECK_THROWS_AS(forms{options}, failure_error);
  }
}

TEST_CASE("forms: elsewhere something else may answer") {
  fake_service_options options = plain_options();
  options.token = "secret";
  options.path_prefix = "/on/premise";
  options.elsewhere = canned_answer(404, "text/plain", "default backend - 404");
  forms setup(options);
  for (const std::string& target : {setup.path, std::string("/"), std::string("/on/premise/x")}) {
    const wire_answer answer = setup.ask(get_request(target));
    CHECK(answer.status == 404);
    CHECK(answer.body == "default backend - 404");
  }
  const wire_answer own = setup.ask(get_request("/on/premise" + setup.path));
  CHECK(own.status == 401);
  CHECK(is_envelope(own));
  options.elsewhere->status = 700;
  CHECK_THROWS_AS(forms{options}, failure_error);
}

TEST_CASE("forms: reports are JSON in both formats, and no other type is written") {
  forms setup;
  const auto status = [&](const std::string& below) {
    return setup.ask(get_request(setup.path + below)).status;
  };
  CHECK(status("/sbomReport:SPDX") == 200);
  CHECK(status("/sbomReport:SPDX?contentType=json") == 200);
  CHECK(status("/sbomReport:SPDX?contentType=pdf") == 400);
  CHECK(status("/sbomReport:cycloneDX?contentType=json") == 200);
  CHECK(status("/sbomReport:cycloneDX?x=1&contentType=json") == 200);
}
