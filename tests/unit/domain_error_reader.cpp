// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/error_reader.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

namespace {

using binarly::domain::error_envelope;
using binarly::domain::error_reader;

std::optional<error_envelope> read(std::string_view body) {
  error_reader reader;
  reader.write(body);
  return reader.finish();
}

TEST_CASE("error_reader: the whole envelope, in one piece and byte by byte") {
  const std::string_view body =
      R"({"message": "permission denied", "permission": "image.read",
          "resourceName": "products/P", "other": [1, {"message": "inner"}],
          "details": [{"reason": "r", "field": "f", "service": "s", "error": "e"},
                      {"reason": "only"}, {}]})";
  error_reader bytewise;
  for (const char& c : body)
    bytewise.write({&c, 1});
  for (const auto& envelope : {read(body), bytewise.finish()}) {
    REQUIRE(envelope.has_value());
    CHECK(envelope->message == "permission denied");
    CHECK(envelope->permission == "image.read");
    CHECK(envelope->resource_name == "products/P");
    REQUIRE(envelope->details.size() == 3);
    CHECK(envelope->details[0].reason == "r");
    CHECK(envelope->details[0].field == "f");
    CHECK(envelope->details[0].service == "s");
    CHECK(envelope->details[0].error == "e");
    CHECK(envelope->details[1].reason == "only");
    CHECK(envelope->details[1].field.empty());
    CHECK(envelope->details[2].reason.empty());
  }
}

TEST_CASE("error_reader: the platform's own form is told from others'") {
  const auto of_platform = [](std::string_view body) {
    const auto envelope = read(body);
    return envelope && envelope->of_platform;
  };
  CHECK(of_platform(R"({"message":"image not found"})"));
  CHECK(of_platform(R"({"message":"no","details":null,"permission":"products.view"})"));
  CHECK(of_platform(R"({"message":"no","details":[{"reason":"r"}],"traceId":"of next year"})"));
  for (const std::string_view other : {
           R"({"message":""})",
           R"({"message":null,"details":[{"reason":"r"}]})",
           R"({"details":[{"reason":"r"}]})",
           R"({"error":"not found"})",
           R"({"code":5,"message":"Not Found","details":[]})",
           R"({"statusCode":404,"message":"Cannot GET /x","error":"Not Found"})",
           R"({"timestamp":"t","status":404,"error":"Not Found","message":"m","path":"/x"})",
           R"({"kind":"Status","status":"Failure","message":"m","reason":"NotFound","code":404})",
           R"({"title":"Not Found","status":404,"message":"m"})",
           R"([{"message":"m"}])",
           R"("message")",
       }) {
    CAPTURE(other);
    CHECK_FALSE(of_platform(other));
  }
}

TEST_CASE("error_reader: a byte order mark before the JSON is passed over") {
  const auto marked = read("\xef\xbb\xbf{\"message\": \"m\"}");
  REQUIRE(marked.has_value());
  CHECK(marked->message == "m");
  CHECK_FALSE(read("\xef\xbb\xbf").has_value());
  CHECK_FALSE(read("\xef\xbb{\"message\": \"m\"}").has_value());
}

TEST_CASE("error_reader: one known field is enough") {
  CHECK(read(R"({"message": "m"})")->message == "m");
  CHECK(read(R"({"permission": "p"})")->permission == "p");
  CHECK(read(R"({"resourceName": "r"})")->resource_name == "r");
  CHECK(read(R"({"details": [{"error": "e"}]})")->details.at(0).error == "e");
}

TEST_CASE("error_reader: fields of the wrong kind are as good as absent") {
  const auto envelope = read(R"({"message": "m", "permission": 1, "resourceName": null,
      "details": ["text", 2, {"reason": [], "field": {}, "service": true, "error": "e"}]})");
  REQUIRE(envelope.has_value());
  CHECK(envelope->message == "m");
  CHECK(envelope->permission.empty());
  CHECK(envelope->resource_name.empty());
  REQUIRE(envelope->details.size() == 1);
  CHECK(envelope->details[0].reason.empty());
  CHECK(envelope->details[0].field.empty());
  CHECK(envelope->details[0].service.empty());
  CHECK(envelope->details[0].error == "e");
  CHECK(read(R"({"message": "m", "details": {"reason": "r"}})")->details.empty());
}

TEST_CASE("error_reader: bodies that are no envelope") {
  const std::string deep =
      R"({"message": "m", "x": )" + std::string(40, '[') + std::string(40, ']') + "}";
  for (const std::string& body :
       {std::string(), std::string("<html><body>502 Bad Gateway</body></html>"), std::string("[]"),
        std::string("\"message\""), std::string("null"), std::string("{}"),
        std::string(R"({"message": ""})"), std::string(R"({"fault": "other"})"),
        std::string(R"({"message": "m")"), std::string(R"({"message": "m"} x)"),
        std::string("{\"message\": \"\xff\"}"), std::string("message"), deep,
        std::string(10'000, '['), std::string(10'000, '\0')}) {
    CAPTURE(body);
    CHECK_FALSE(read(body).has_value());
  }
}

TEST_CASE("error_reader: what an identity server says (RFC 6749, section 5.2)") {
  CHECK(read(R"({"error": "invalid_client", "error_description": "who?"})")->message ==
        "invalid_client: who?");
  CHECK(read(R"({"error": "invalid_client"})")->message == "invalid_client");
  CHECK(read(R"({"message": "m", "error": "e"})")->message == "m");
}

TEST_CASE("error_reader: what other identity servers and gateways say") {
  struct row {
    std::string body;
    std::string message;
  };
  for (
      const auto& [body, message] :
      {row{R"({"errorCode": "invalid_client", "errorSummary": "No such client", "errorLink": "l"})",
           "invalid_client: No such client"},
       row{R"({"statusCode": 403, "error": "Forbidden", "message": "Not for this domain"})",
           "Forbidden: Not for this domain"},
       row{R"({"statusCode": 401, "message": "missing subscription key"})",
           "missing subscription key"},
       row{R"({"error": {"code": 403, "message": "denied", "status": "PERMISSION_DENIED"}})",
           "PERMISSION_DENIED: denied"},
       row{R"({"error": {"code": "invalid_client", "message": "who?"}})", "invalid_client: who?"},
       row{R"({"fault": {"faultstring": "Invalid key", "detail": {"errorcode": "oauth.v2"}}})",
           "Invalid key"},
       row{R"({"fault": {"code": 900901, "message": "Invalid", "description": "not known"}})",
           "Invalid: not known"},
       row{R"({"Message": "explicit deny"})", "explicit deny"},
       row{R"({"httpCode": "401", "httpMessage": "Unauthorized", "moreInformation": "no id"})",
           "Unauthorized: no id"},
       row{R"({"type": "about:blank", "title": "Not Found", "detail": "no realm"})",
           "Not Found: no realm"},
       row{R"({"timestamp": 1, "status": 404, "error": "Not Found", "path": "/x"})", "Not Found"},
       row{"\xef\xbb\xbf{\"error\": \"Realm does not exist\"}", "Realm does not exist"}}) {
    CAPTURE(body);
    const auto envelope = read(body);
    REQUIRE(envelope.has_value());
    CHECK(envelope->message == message);
    CHECK_FALSE(envelope->of_platform);
  }
  CHECK(read("\xef\xbb\xbf{\"message\": \"m\"}")->of_platform);
}

TEST_CASE("error_reader: texts are made printable and are bounded") {
  const std::string long_text(2000, 'x');
  std::string details;
  for (int i = 0; i < 20; ++i) {
    details +=
        (i == 0 ? "" : ",") + std::string(R"({"reason": ")") + long_text + R"(", "field": "a\nb"})";
  }
  const auto envelope =
      read(R"({"message": "\u001b[2J\u202e)" + long_text + R"(", "permission": ")" + long_text +
           R"(", "resourceName": ")" + long_text + R"(", "details": [)" + details + "]}");
  REQUIRE(envelope.has_value());
  CHECK(envelope->message == "\\x1b[2J\\xe2\\x80\\xae" + std::string(512 - 19, 'x') + "\u2026");
  CHECK(envelope->permission == std::string(256, 'x') + "\u2026");
  CHECK(envelope->resource_name == std::string(256, 'x') + "\u2026");
  REQUIRE(envelope->details.size() == 16);
  CHECK(envelope->details[15].reason == std::string(256, 'x') + "\u2026");
  CHECK(envelope->details[15].field == "a\\x0ab");
}

TEST_CASE("error_reader: a secret that is echoed is struck out before texts are cut") {
  error_reader reader;
  reader.write(R"({"message": ")" + std::string(510, 'x') +
               R"(to\u006ben-1", "permission": "token-1",
      "resourceName": "a token-1", "details": [{"reason": "token-1", "field": "token-1",
      "service": "token-1", "error": "token-1"}]})");
  const auto envelope = reader.finish("token-1");
  REQUIRE(envelope.has_value());
  CHECK(envelope->message == std::string(510, 'x') + "[s\u2026");
  CHECK(envelope->permission == "[secret]");
  CHECK(envelope->resource_name == "a [secret]");
  CHECK(envelope->details.at(0).reason == "[secret]");
  CHECK(envelope->details.at(0).field == "[secret]");
  CHECK(envelope->details.at(0).service == "[secret]");
  CHECK(envelope->details.at(0).error == "[secret]");
}

TEST_CASE("error_reader: 64 KiB are read, and no more") {
  const std::string json = R"({"message": "m"})";
  CHECK(read(json + std::string(65536 - json.size(), ' ')).has_value());
  CHECK_FALSE(read(json + std::string(65537 - json.size(), ' ')).has_value());
  error_reader in_pieces;
  in_pieces.write(json);
  in_pieces.write(std::string(65537 - json.size(), ' '));
  CHECK_FALSE(in_pieces.finish().has_value());
  in_pieces.write(" ");
  CHECK_FALSE(in_pieces.finish().has_value());
  error_reader endless;
  const std::string piece(4096, ' ');
  for (int i = 0; i < 100'000; ++i)
    endless.write(piece);
  endless.write(json);
  CHECK_FALSE(endless.finish().has_value());
}

}  // namespace
