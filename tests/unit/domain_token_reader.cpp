// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/token_reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using binarly::access_token;
using binarly::domain::token_reader;
using namespace std::chrono_literals;

binarly::result<access_token> read(std::string_view body, std::size_t piece = 7) {
  token_reader reader;
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size())))
    reader.write(body.substr(0, piece));
  return reader.finish();
}

TEST_CASE("token_reader: the documented answer") {
  const auto got =
      read(R"({"access_token": "hush.hush", "token_type": "Bearer", "expires_in": 1800})");
  REQUIRE(got.has_value());
  CHECK(got->value.reveal() == "hush.hush");
  CHECK(got->lifetime == 1800s);
}

TEST_CASE("token_reader: lifetimes in every form that servers have for them") {
  struct row {
    std::string written;
    std::optional<std::chrono::seconds> lifetime;
  };
  const std::vector<row> table{
      {"60", 60s},
      {"\"60\"", 60s},
      {"60.0", 60s},
      {"0", 0s},
      {"-1", std::nullopt},
      {"null", std::nullopt},
      {"\"soon\"", std::nullopt},
      {"1e300", std::nullopt},
      {"9223372036854775807", std::chrono::seconds(std::int64_t{1} << 32U)},
  };
  for (const auto& [written, lifetime] : table) {
    CAPTURE(written);
    const auto got =
        read(R"({"token_type":"bearer","access_token":"t","expires_in":)" + written + "}");
    REQUIRE(got.has_value());
    CHECK(got->lifetime == lifetime);
  }
}

TEST_CASE("token_reader: what is no token is refused, and never repeated") {
  const std::vector<std::string> table{
      "",
      "<html>hush</html>",
      R"(["hush"])",
      R"({"access_token":"hush","token_type":"Bearer")",
      R"({"access_token":"hush","token_type":"Bearer"} hush)",
      R"({"access_token":"hush","token_type":"mac"})",
      R"({"access_token":"hush","token_type":17})",
      R"({"access_token":"hush","token_type":""})",
      R"({"access_token":17,"token_type":"Bearer"})",
      R"({"access_token":"","token_type":"Bearer"})",
      R"({"token_type":"Bearer"})",
      R"({"access_token":"hush","token_type":"Bearer","x":)" + std::string(40, '[') +
          std::string(40, ']') + "}",
      R"({"access_token":"hush","token_type":"Bearer","x":")" + std::string(64 * 1024, 'x') + "\"}",
  };
  for (const auto& body : table) {
    CAPTURE(body);
    const auto got = read(body, 1000);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code() == binarly::errc::bad_response);
    CHECK(got.error().message().find("hush") == std::string::npos);
  }
}

TEST_CASE("token_reader: a type that is absent is Bearer, and a byte order mark is passed over") {
  for (const std::string body :
       {R"({"access_token":"hush"})", R"({"access_token":"hush","token_type":null})",
        R"({"access_token":"hush","token_type":"bEARER","error":"none"})",
        "\xef\xbb\xbf{\"access_token\":\"hush\",\"token_type\":\"Bearer\"}"}) {
    CAPTURE(body);
    const auto got = read(body, 1);
    REQUIRE(got.has_value());
    CHECK(got->value.reveal() == "hush");
  }
}

TEST_CASE("token_reader: an error in place of a token is told as it is") {
  struct row {
    std::string body;
    std::string words;
  };
  const std::vector<row> table{
      {R"({"error":"invalid_client","error_description":"who?"})", "invalid_client: who?"},
      {R"({"errorCode":"E0000004","errorSummary":"Authentication failed"})",
       "E0000004: Authentication failed"},
      {R"({"statusCode":403,"error":"access_denied","message":"not for you"})",
       "access_denied: not for you"},
      {R"({"access_token":"","message":"Forbidden"})", "Forbidden"},
      {R"({"error":"invalid_grant","error_description":"a hush-hush b"})",
       "invalid_grant: a [secret] b"},
  };
  for (const auto& [body, words] : table) {
    CAPTURE(body);
    token_reader reader;
    reader.write(body);
    const auto got = reader.finish("hush-hush");
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error() == binarly::errc::rejected);
    CHECK(got.error().detail().server_message == words);
  }
}

}  // namespace
