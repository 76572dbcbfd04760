// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/bearer.hpp"
#include "call/call_id.hpp"

#include <binarly/credentials.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace {

using binarly::secret;
using binarly::call::usable_bearer;

TEST_CASE("a bearer token loses the white space around it") {
  const auto token = usable_bearer(secret(" \tabc.DEF-_~+/==\r\n"));
  REQUIRE(token.has_value());
  CHECK(token->reveal() == "abc.DEF-_~+/==");
  CHECK(!usable_bearer(secret(" \r\n")).has_value());
  CHECK(!usable_bearer(secret("a b")).has_value());
}

TEST_CASE("client credentials that cannot be used are refused by name, and not repeated") {
  const auto refusal = [](std::string id, std::string hidden, std::string scope) -> std::string {
    binarly::client_credentials_options options;
    options.client_id = std::move(id);
    options.client_secret = secret(std::move(hidden));
    options.scope = std::move(scope);
    try {
      (void)binarly::credentials::client_credentials(std::move(options));
    } catch (const binarly::failure_error& refused) {
      CHECK(std::string(refused.what()).find("hush") == std::string::npos);
      return refused.why().detail().reason;
    }
    return "";
  };
  CHECK(refusal("id", "hush", "").empty());
  CHECK(refusal("", "hush", "").starts_with("auth.client_id"));
  CHECK(refusal("i\nd", "hush", "").starts_with("auth.client_id"));
  CHECK(refusal("id", "", "").starts_with("auth.client_secret"));
  CHECK(refusal("id", std::string("hush\0", 5), "").starts_with("auth.client_secret"));
  CHECK(refusal("id", "hush", std::string(1025, 's')).starts_with("auth.scope"));
  CHECK_THROWS_AS((void)binarly::credentials::token_file(""), binarly::failure_error);
  CHECK_THROWS_AS((void)binarly::credentials::provided_by({}), binarly::failure_error);
}

TEST_CASE("a user's credentials that cannot be used are refused by name, and not repeated") {
  const auto refusal = [](std::string name, std::string hidden, std::string client) -> std::string {
    binarly::password_options options;
    options.username = std::move(name);
    options.password = secret(std::move(hidden));
    options.client_id = std::move(client);
    try {
      (void)binarly::credentials::password(std::move(options));
    } catch (const binarly::failure_error& refused) {
      CHECK(std::string(refused.what()).find("hush") == std::string::npos);
      return refused.why().detail().reason;
    }
    return "";
  };
  CHECK(refusal("me", "hush", "id").empty());
  CHECK(refusal("", "hush", "id").starts_with("auth.username"));
  CHECK(refusal("m\ne", "hush", "id").starts_with("auth.username"));
  CHECK(refusal("me", "", "id").starts_with("auth.password"));
  CHECK(refusal("me", "hush\r\nhush", "id").starts_with("auth.password"));
  CHECK(refusal("me", "hush", "").starts_with("auth.client_id"));
}

TEST_CASE("a call's name has all of its bits") {
  CHECK(binarly::call::call_id(0) == "0000000000000");
  CHECK(binarly::call::call_id(31) == "000000000000Z");
  CHECK(binarly::call::call_id(UINT64_MAX) == "FZZZZZZZZZZZZ");
}

}  // namespace
