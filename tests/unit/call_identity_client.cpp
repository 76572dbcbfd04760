// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/token_request.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using binarly::client_authentication;
using binarly::client_credentials_options;
using binarly::password_options;
using binarly::secret;
using binarly::call::make_token_request;
using binarly::call::token_endpoint;

client_credentials_options somebody() {
  client_credentials_options who;
  who.client_id = "robot 7";
  who.client_secret = secret("h&u=s+h\xc3\xbc");
  return who;
}

TEST_CASE("who asks for a token stands in the form") {
  const auto asks = make_token_request(somebody(), "Accept: a\r\n");
  CHECK(asks.form.reveal() ==
        "grant_type=client_credentials&client_id=robot%207&client_secret=h%26u%3Ds%2Bh%C3%BC");
  CHECK(asks.fields.reveal() == "Accept: a\r\nContent-Type: application/x-www-form-urlencoded\r\n");
}

std::string basic(const std::string& base64) {
  return "Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Basic " + base64 +
         "\r\n";
}

TEST_CASE("or is said as basic credentials, of whose halves no more is coded than must be") {
  auto who = somebody();
  who.authentication = client_authentication::basic;
  const auto asks = make_token_request(who, "");
  CHECK(asks.form.reveal() == "grant_type=client_credentials");
  // robot%207:h&u=s%2Bh%C3%BC
  CHECK(asks.fields.reveal() == basic("cm9ib3QlMjA3OmgmdT1zJTJCaCVDMyVCQw=="));

  // Servers that undo the coding, and those that do not, read the same.
  who.client_id = "robot-7";
  who.client_secret = secret("a/b=c:d~e!f*g&h");
  // robot-7:a/b=c:d~e!f*g&h
  CHECK(make_token_request(who, "").fields.reveal() == basic("cm9ib3QtNzphL2I9YzpkfmUhZipnJmg="));
  // The first colon ends the id.
  who.client_id = "a:b";
  who.client_secret = secret("100%");
  // a%3Ab:100%25
  CHECK(make_token_request(who, "").fields.reveal() == basic("YSUzQWI6MTAwJTI1"));
}

TEST_CASE("what may be echoed of a request is known in each form in which it is sent") {
  const auto texts = [](const binarly::call::token_request& asks) {
    std::vector<std::string> all;
    for (const auto& each : asks.hidden)
      all.emplace_back(each.reveal());
    return all;
  };
  auto who = somebody();
  CHECK(texts(make_token_request(who, "")) ==
        std::vector<std::string>{"h&u=s+h\xc3\xbc", "h%26u%3Ds%2Bh%C3%BC"});
  who.client_secret = secret("plain");
  who.authentication = client_authentication::basic;
  // robot%207:plain
  CHECK(texts(make_token_request(who, "")) ==
        std::vector<std::string>{"plain", "cm9ib3QlMjA3OnBsYWlu"});
}

TEST_CASE(
    "a person's password grant is the platform's own, and has a secret but where one is given") {
  password_options who;
  who.username = "a@b.example";
  who.password = secret("p w");
  CHECK(make_token_request(who, "").form.reveal() ==
        "grant_type=password&username=a%40b.example&password=p%20w&client_id=BinarlyClient&scope="
        "openid");
  // Without a secret there is nothing to say as basic credentials.
  who.authentication = client_authentication::basic;
  CHECK(make_token_request(who, "").form.reveal() ==
        "grant_type=password&username=a%40b.example&password=p%20w&client_id=BinarlyClient&scope="
        "openid");
  CHECK(make_token_request(who, "").fields.reveal().find("Authorization") ==
        std::string_view::npos);
  who.client_id = "other";
  who.client_secret = secret("hush");
  who.scope.clear();
  who.audience = "main-api";
  const auto asks = make_token_request(who, "");
  CHECK(asks.form.reveal() ==
        "grant_type=password&username=a%40b.example&password=p%20w&audience=main-api");
  CHECK(asks.fields.reveal() == basic("b3RoZXI6aHVzaA=="));  // other:hush
}

TEST_CASE("scope and audience are sent when there are any") {
  auto who = somebody();
  who.authentication = client_authentication::basic;
  who.scope = "images read";
  who.audience = "https://api";
  CHECK(make_token_request(who, "").form.reveal() ==
        "grant_type=client_credentials&scope=images%20read&audience=https%3A%2F%2Fapi");
}

TEST_CASE("an address without a path means the platform's own token endpoint") {
  const std::string whole =
      "https://auth-x.binarly.cloud/realms/BinarlyRealm/protocol/openid-connect/token";
  CHECK(token_endpoint("https://auth-x.binarly.cloud") == whole);
  CHECK(token_endpoint("https://auth-x.binarly.cloud/") == whole);
  CHECK(token_endpoint(whole) == whole);
  CHECK(token_endpoint("https://h/other") == "https://h/other");
  CHECK(token_endpoint("nonsense") == "nonsense");
}

}  // namespace
