// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_identity.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace binarly::testing;
using namespace std::chrono_literals;

fake_identity identity_with(std::chrono::seconds lifetime, std::uint64_t uses = 0) {
  fake_identity identity;
  identity.client_id = "id";
  identity.client_secret = "secret";
  identity.token_lifetime = lifetime;
  identity.uses_per_token = uses;
  return identity;
}

}  // namespace

TEST_CASE("parse_form: fields") {
  const std::pair<std::string_view, form_fields> table[] = {
      {"", {}},
      {"a=1", {{"a", "1"}}},
      {"a=1&b=2", {{"a", "1"}, {"b", "2"}}},
      {"&&a=1&", {{"a", "1"}}},
      {"a=b=c", {{"a", "b=c"}}},
      {"a+b=c+d", {{"a b", "c d"}}},
      {"%61=%62%2B%26%3d%25", {{"a", "b+&=%"}}},
      {"a=%c3%A4", {{"a", "\xc3\xa4"}}},
      {"a=%00", {{"a", std::string(1, '\0')}}},
      {"=1", {{"", "1"}}},
      // Without a value it was not sent.
      {"a=&b&c=1", {{"c", "1"}}},
  };
  for (const auto& [text, fields] : table) {
    CAPTURE(text);
    CHECK(parse_form(text) == fields);
  }
}

TEST_CASE("parse_form: what is no form") {
  for (const std::string_view text :
       {"a=%", "a=%4", "a=%4g", "a=%g4", "a=%%41", "%=1", "a=1&%zz=2", "a b=1", "a=\x01", "a=\x7f",
        "a=\xc3\xa4", "a=1\r\n", "a=1&a=1", "a=1&b=2&a=3", "a=1&%61=2", "a=&a=1", "a&a"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_form(text).has_value());
  }
}

TEST_CASE("parse_basic: both halves are encoded") {
  struct row {
    std::string_view authorization;
    std::string id;
    std::string secret;
  };
  const row table[] = {
      {"Basic aWQ6c2VjcmV0", "id", "secret"},
      {"bAsIc   aWQ6c2VjcmV0", "id", "secret"},
      {"Basic YTpi", "a", "b"},
      {"Basic YTpiYg==", "a", "bb"},
      {"Basic YTpiYmI=", "a", "bbb"},
      {"Basic Og==", "", ""},
      {"Basic YTpiOmM=", "a", "b:c"},
      {"Basic aSUzYWQ6cyUyYmUrYw==", "i:d", "s+e c"},
  };
  for (const auto& [authorization, id, secret] : table) {
    CAPTURE(authorization);
    const auto read = parse_basic(authorization);
    REQUIRE(read.has_value());
    CHECK(read->id == id);
    CHECK(read->secret == secret);
  }
}

TEST_CASE("parse_basic: what is none") {
  for (const std::string_view authorization :
       {"", "Basic", "Basic ", "aWQ6c2VjcmV0", "Bearer aWQ6c2VjcmV0", "Basic aWQ6c2VjcmV0=",
        "Basic YTpiYg", "Basic YTpiYg=", "Basic YTpiYh==", "Basic YT=iYmI=", "Basic YTpi====",
        "Basic Y===", "Basic YTpiA===", "Basic aWQ6c2Vj\tcmV0", "Basic aWQ6-2Vj_mV0", "Basic YWJj",
        // `a:%`, and `a:b c`
        "Basic YTol", "Basic YTpiIGM="}) {
    CAPTURE(authorization);
    CHECK_FALSE(parse_basic(authorization).has_value());
  }
}

TEST_CASE("token_register: tokens look like the platform's, and are no such thing") {
  token_register tokens(1, identity_with(60s));
  token_register again(1, identity_with(60s));
  token_register other(2, identity_with(60s));
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  std::set<std::string> seen;
  for (int count = 0; count < 1000; ++count) {
    const std::string token = tokens.issue();
    REQUIRE(token.starts_with("fake-token-"));
    REQUIRE(token.size() > 950);
    REQUIRE(token.size() < 1100);
    REQUIRE(token.find_first_not_of(alphabet) == std::string::npos);
    REQUIRE(std::ranges::count(token, '.') == 2);
    REQUIRE(token == again.issue());
    REQUIRE_FALSE(token == other.issue());
    REQUIRE_FALSE(other.accept(token));
    // Beyond the number, too, no two are alike.
    seen.insert(token.substr(token.find('.')));
  }
  CHECK(seen.size() == 1000);
  CHECK(tokens.issued() == 1000);
}

TEST_CASE("token_register: only what was issued is good") {
  token_register tokens(1, identity_with(60s));
  token_register ahead(1, identity_with(60s));
  CHECK(ahead.accept(ahead.issue()));
  CHECK_FALSE(tokens.accept(ahead.issue()));
  const std::string token = tokens.issue();
  CHECK(tokens.accept(token));
  std::string forged = token;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  const std::string beyond = "fake-token-18446744073709551615" + token.substr(token.find('.'));
  const std::string padded = "fake-token-0" + token.substr(std::string("fake-token-").size());
  for (const std::string& other :
       {forged, beyond, padded, token + 'A', token.substr(0, token.size() - 1), token.substr(1),
        std::string("fake-token-"), std::string("fake-token-0"), std::string("x"), std::string()}) {
    CAPTURE(other);
    CHECK_FALSE(tokens.accept(other));
  }
}

TEST_CASE("token_register: tokens expire one by one") {
  token_register tokens(1, identity_with(10s));
  const token_register::time_point start{1h};
  const std::string first = tokens.issue(start);
  const std::string second = tokens.issue(start + 4s);
  CHECK(tokens.accept(first, start + 10s - 1ns));
  CHECK_FALSE(tokens.accept(first, start + 10s));
  CHECK(tokens.accept(second, start + 10s));
  const std::string third = tokens.issue(start + 13s);
  CHECK_FALSE(tokens.accept(first, start + 13s));
  CHECK(tokens.accept(second, start + 13s));
  CHECK_FALSE(tokens.accept(second, start + 14s));
  CHECK(tokens.accept(third, start + 14s));
}

TEST_CASE("token_register: without a lifetime they do not") {
  token_register tokens(1, identity_with(0s));
  const token_register::time_point start{1h};
  const std::string token = tokens.issue(start);
  CHECK(tokens.issue(start + 10'000h) != token);
  CHECK(tokens.accept(token, start + 20'000h));
}

TEST_CASE("token_register: tokens are used up, each by itself") {
  token_register tokens(1, identity_with(60s, 2));
  const std::string first = tokens.issue();
  const std::string second = tokens.issue();
  CHECK(tokens.accept(first));
  CHECK(tokens.accept(first));
  CHECK_FALSE(tokens.accept(first));
  CHECK_FALSE(tokens.accept(first));
  CHECK(tokens.accept(second));
}

TEST_CASE("token_register: revoked tokens stay so") {
  token_register tokens(1, identity_with(60s));
  const std::string first = tokens.issue();
  const std::string second = tokens.issue();
  tokens.revoke_all();
  CHECK_FALSE(tokens.accept(first));
  CHECK_FALSE(tokens.accept(second));
  const std::string third = tokens.issue();
  CHECK_FALSE(tokens.accept(first));
  CHECK_FALSE(tokens.accept(second));
  CHECK(tokens.accept(third));
  CHECK(tokens.issued() == 3);
}
