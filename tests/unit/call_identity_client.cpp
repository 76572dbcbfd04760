// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/identity_client.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using binarly::client_authentication;
using binarly::client_credentials_options;
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

TEST_CASE("or is said as basic credentials, whose halves are encoded first") {
  auto who = somebody();
  who.authentication = client_authentication::basic;
  const auto asks = make_token_request(who, "");
  CHECK(asks.form.reveal() == "grant_type=client_credentials");
  // robot%207:h%26u%3Ds%2Bh%C3%BC
  CHECK(asks.fields.reveal() ==
        "Content-Type: application/x-www-form-urlencoded\r\n"
        "Authorization: Basic cm9ib3QlMjA3OmglMjZ1JTNEcyUyQmglQzMlQkM=\r\n");
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
