// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The fake identity server as several real ones: realms, people, audiences, and how each refuses.

#include "support/service_fixture.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace json = boost::json;
using namespace binarly;
using namespace binarly::testing;

constexpr std::string_view path = "/realms/BinarlyRealm/protocol/openid-connect/token";
const std::string machine = "grant_type=client_credentials&client_id=machine&client_secret=";
const std::string good = machine + "secret";
// `machine:secret` and `machine:other`
const std::string good_basic = "Authorization: Basic bWFjaGluZTpzZWNyZXQ=\r\n";
const std::string bad_basic = "Authorization: Basic bWFjaGluZTpvdGhlcg==\r\n";
const std::string bare = "grant_type=client_credentials";

fake_service_options identity_options(identity_style style = identity_style::keycloak) {
  fake_service_options options = plain_options();
  options.identity.client_id = "machine";
  options.identity.client_secret = "secret";
  options.identity.style = style;
  return options;
}

std::string post(const std::string& body, const std::string& headers = {},
                 std::string_view where = path) {
  return "POST " + std::string(where) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
         headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string error_in(const wire_answer& answer) {
  json::error_code error;
  const json::value body = json::parse(answer.body, error);
  if (error || !body.is_object()) return {};
  const auto* const code = body.as_object().if_contains("error");
  return code != nullptr && code->is_string() ? code->as_string().c_str() : std::string();
}

struct identity : service_fixture {
  explicit identity(const fake_service_options& options) : service_fixture(options) {}
  explicit identity(identity_style style) : identity(identity_options(style)) {}

  wire_answer token_for(const std::string& form, const std::string& headers = {}) {
    return ask(post(form, headers));
  }
  wire_answer api_with(const wire_answer& answer) {
    REQUIRE(answer.status == 200);
    const std::string token = json::parse(answer.body).at("access_token").as_string().c_str();
    return ask(get_request(service.image_at(0).ref, "Authorization: Bearer " + token + "\r\n"));
  }
};

std::string refusal(const fake_identity& identity) {
  fake_service_options options = plain_options();
  options.identity = identity;
  try {
    const service_fixture setup(options);
    return {};
  } catch (const failure_error& error) {
    return error.why().detail().reason;
  }
}

}  // namespace

TEST_CASE("fake identity: a realm has a name, and others do not exist") {
  fake_service_options options = identity_options();
  options.identity.realm = "Firmware-1";
  options.path_prefix = "/auth";
  identity setup(options);
  const std::string own = "/auth/realms/Firmware-1/protocol/openid-connect/token";
  CHECK(setup.service.token_url().ends_with(own));
  CHECK(setup.ask(post(good, {}, own)).status == 200);
  for (const std::string& other :
       {"/auth" + std::string(path), std::string("/auth/realms/firmware-1/x"),
        std::string("/auth/realms/")}) {
    const wire_answer answer = setup.ask(post(good, {}, other));
    CHECK(answer.status == 404);
    CHECK(answer.body == R"({"error":"Realm does not exist"})");
  }
  // The realm is right, and what follows is not.
  const wire_answer nothing = setup.ask(post(good, {}, "/auth/realms/Firmware-1/token"));
  CHECK(nothing.status == 404);
  CHECK(nothing.body.find("Realm") == std::string::npos);
  CHECK(setup.service.counters().token_requests == 1);
}

TEST_CASE("fake identity: wrong paths are 404 in each server's own form") {
  const std::pair<identity_style, const char*> table[] = {
      {identity_style::oidc_provider, "application/json"},
      {identity_style::node_oauth, "text/html"},
      {identity_style::glewlwyd, "text/plain"},
      {identity_style::okta, "application/json"},
      {identity_style::auth0, "text/plain"},
      {identity_style::errors_in_200, "application/json"},
  };
  for (const auto& [style, type] : table) {
    CAPTURE(to_string(style));
    identity setup(style);
    const wire_answer answer = setup.ask(post(good, {}, "/realms/Other/token"));
    CHECK(answer.status == 404);
    CHECK(answer.head.find(std::string("\r\nContent-Type: ") + type) != std::string::npos);
    CHECK_FALSE(answer.body.empty());
  }
}

TEST_CASE("fake identity: a wrong secret, as each server says it") {
  struct row {
    identity_style style;
    unsigned status;
    const char* error;
    const char* words;
  };
  const row table[] = {
      {identity_style::keycloak, 401, "invalid_client", "error_description"},
      {identity_style::oidc_provider, 401, "invalid_client", "client authentication failed"},
      {identity_style::node_oauth, 400, "invalid_client", "client is invalid"},
      {identity_style::glewlwyd, 403, "", ""},
      {identity_style::okta, 401, "", R"("errorCode":"invalid_client","errorSummary":")"},
      {identity_style::auth0, 401, "access_denied", "Unauthorized"},
      {identity_style::errors_in_200, 200, "invalid_client", "error_description"},
  };
  for (const auto& [style, status, error, words] : table) {
    CAPTURE(to_string(style));
    identity setup(style);
    const wire_answer answer = setup.token_for(bare, bad_basic);
    CHECK(answer.status == status);
    CHECK(error_in(answer) == error);
    CHECK(answer.body.find(words) != std::string::npos);
    if (style == identity_style::glewlwyd) CHECK(answer.body.empty());
    CHECK(setup.api_with(setup.token_for(bare + "&scope=s", good_basic)).status == 200);
  }
}

TEST_CASE("fake identity: where the credentials may stand") {
  const auto status = [](accepted_authentication where, const std::string& form,
                         const std::string& headers) {
    fake_service_options options = identity_options();
    options.identity.authentication = where;
    return identity(options).token_for(form, headers).status;
  };
  CHECK(status(accepted_authentication::either, good, "") == 200);
  CHECK(status(accepted_authentication::either, bare, good_basic) == 200);
  CHECK(status(accepted_authentication::form, good, "") == 200);
  CHECK(status(accepted_authentication::form, bare, good_basic) == 401);
  CHECK(status(accepted_authentication::basic, good, "") == 401);
  CHECK(status(accepted_authentication::basic, bare, good_basic) == 200);
  for (const auto where : {accepted_authentication::either, accepted_authentication::form,
                           accepted_authentication::basic}) {
    CHECK(status(where, good, good_basic) == 400);
  }
  identity basic_alone(identity_style::glewlwyd);
  CHECK(basic_alone.token_for(good + "&scope=s").status == 403);
}

TEST_CASE("fake identity: some read Basic credentials as they stand there") {
  // `machine:s%2Be` and `machine:s+e`
  const std::string coded = "Authorization: Basic bWFjaGluZTpzJTJCZQ==\r\n";
  const std::string plain = "Authorization: Basic bWFjaGluZTpzK2U=\r\n";
  for (const auto style : {identity_style::keycloak, identity_style::oidc_provider,
                           identity_style::node_oauth, identity_style::glewlwyd}) {
    CAPTURE(to_string(style));
    fake_service_options options = identity_options(style);
    options.identity.client_secret = "s+e";
    identity setup(options);
    const bool undone = style == identity_style::keycloak || style == identity_style::oidc_provider;
    CHECK((setup.token_for(bare + "&scope=s", coded).status == 200) == undone);
    CHECK((setup.token_for(bare + "&scope=s", plain).status == 200) != undone);
  }
}

TEST_CASE("fake identity: scopes are refused, dropped or missed") {
  const auto with_scope = [](identity_style style) {
    fake_service_options options = identity_options(style);
    options.identity.scope = "images";
    return options;
  };
  identity keycloak(with_scope(identity_style::keycloak));
  CHECK(error_in(keycloak.token_for(good + "&scope=openid")) == "invalid_scope");

  identity oidc(with_scope(identity_style::oidc_provider));
  CHECK(oidc.api_with(oidc.token_for(good + "&scope=unknown")).status == 200);
  CHECK(oidc.token_for(good).status == 200);
  const wire_answer openid = oidc.token_for(good + "&scope=images+openid");
  CHECK(openid.status == 400);
  CHECK(error_in(openid) == "invalid_scope");

  identity node(with_scope(identity_style::node_oauth));
  CHECK(node.token_for(good + "&scope=images").status == 200);
  CHECK(error_in(node.token_for(good + "&scope=other")) == "invalid_scope");

  identity glewlwyd(with_scope(identity_style::glewlwyd));
  CHECK(glewlwyd.token_for(bare + "&scope=images", good_basic).status == 200);
  const wire_answer unknown = glewlwyd.token_for(bare + "&scope=other", good_basic);
  CHECK(unknown.status == 400);
  CHECK(error_in(unknown) == "scope_invalid");
  const wire_answer without = glewlwyd.token_for(bare, good_basic);
  CHECK(without.status == 403);
  CHECK(without.body.empty());

  identity okta(with_scope(identity_style::okta));
  CHECK(okta.token_for(good + "&scope=other").body.find(R"("errorCode":"invalid_scope")") !=
        std::string::npos);
}

TEST_CASE("fake identity: another audience gets no token, or one that the API refuses") {
  fake_service_options options = identity_options();
  options.identity.audience = "main-api";
  const std::string right = good + "&audience=main-api";
  const std::string wrong = good + "&audience=other";
  identity strict(options);
  CHECK(strict.token_for(right).status == 200);
  CHECK(error_in(strict.token_for(wrong)) == "invalid_request");
  CHECK(error_in(strict.token_for(good)) == "invalid_request");

  options.identity.for_another_audience = other_audience::useless_token;
  identity lenient(options);
  CHECK(lenient.api_with(lenient.token_for(right)).status == 200);
  for (const std::string& form : {wrong, good}) {
    const wire_answer refused = lenient.api_with(lenient.token_for(form));
    CHECK(refused.status == 401);
    CHECK(std::string_view(json::parse(refused.body).at("message").as_string()).find("audience") !=
          std::string_view::npos);
  }
  CHECK(lenient.service.counters().tokens_issued == 3);
  CHECK(lenient.service.counters().unauthorized == 2);

  options.identity.for_another_audience = other_audience::refused;
  options.identity.style = identity_style::auth0;
  identity auth0(options);
  const wire_answer denied = auth0.token_for(wrong);
  CHECK(denied.status == 403);
  CHECK(error_in(denied) == "access_denied");
}

TEST_CASE("fake identity: people ask with a password") {
  fake_service_options options = plain_options();
  options.identity.username = "user@example.com";
  options.identity.password = "p w";
  const std::string form =
      "grant_type=password&client_id=BinarlyClient&username=user%40example.com";
  identity setup(options);
  CHECK(setup.api_with(setup.token_for(form + "&password=p+w&scope=openid")).status == 200);
  const wire_answer wrong = setup.token_for(form + "&password=other");
  CHECK(wrong.status == 401);
  CHECK(error_in(wrong) == "invalid_grant");
  CHECK(setup.token_for(form).status == 401);
  CHECK(error_in(setup.token_for("grant_type=password&client_id=other&username=user%40example.com"
                                 "&password=p+w")) == "invalid_client");
  // Nobody is a machine here.
  CHECK(error_in(setup.token_for(good)) == "invalid_client");
  CHECK(error_in(setup.token_for("grant_type=refresh_token")) == "unsupported_grant_type");

  options.identity.client_id = "machine";
  options.identity.client_secret = "secret";
  identity both(options);
  CHECK(both.token_for(good).status == 200);
  CHECK(both.token_for(form + "&password=p+w").status == 200);
  CHECK(error_in(identity(identity_style::keycloak).token_for(form + "&password=p+w")) ==
        "unsupported_grant_type");
}

TEST_CASE("fake identity: an answer may leave its type out") {
  fake_service_options options = identity_options();
  options.identity.states_token_type = false;
  identity setup(options);
  const wire_answer answer = setup.token_for(good);
  CHECK_FALSE(json::parse(answer.body).as_object().contains("token_type"));
  CHECK(setup.api_with(answer).status == 200);
}

TEST_CASE("fake identity: overloaded, for as long as it is") {
  fake_service_options options = identity_options();
  misbehaviour overloaded(fault::status_503, 1);
  overloaded.retry_after = "30";
  options.identity.faults = {overloaded};
  identity setup(options);
  for (int count = 0; count < 3; ++count) {
    const wire_answer answer = setup.token_for(good);
    CHECK(answer.status == 503);
    CHECK(answer.head.find("\r\nRetry-After: 30\r\n") != std::string::npos);
  }
  // Those of the service's own requests are others.
  CHECK(setup.ask(get_request(setup.service.image_at(0).ref)).status == 401);
  setup.service.script_token_requests(
      {misbehaviour(canned_answer(200, "application/json", R"({"error":"server_error"})")),
       misbehaviour(fault::none), misbehaviour(fault::gzip), misbehaviour(fault::byte_order_mark)});
  const wire_answer canned = setup.token_for(good);
  CHECK(canned.status == 200);
  CHECK(error_in(canned) == "server_error");
  CHECK(setup.api_with(setup.token_for(good)).status == 200);
  CHECK(setup.token_for(good).head.find("Content-Encoding: gzip") != std::string::npos);
  CHECK(setup.token_for(good).body.starts_with("\xef\xbb\xbf{"));
  CHECK(setup.token_for(good).status == 503);
}

TEST_CASE("fake identity: strangers stand before it, too") {
  identity setup(identity_style::keycloak);
  for (const auto& [kind, status] :
       {std::pair(fault::not_found_html, 404U), std::pair(fault::not_found_text, 404U),
        std::pair(fault::forbidden_json, 403U)}) {
    setup.service.script_token_requests({misbehaviour(kind)});
    CHECK(setup.token_for(good).status == status);
  }
  for (const auto kind :
       {fault::wrong_image, fault::unauthorized, fault::wrong_parent, fault::null_members,
        fault::zero_time, fault::archived, fault::no_checksums}) {
    CAPTURE(to_string(kind));
    CHECK_THROWS_AS(setup.service.script_token_requests({misbehaviour(kind)}), failure_error);
    fake_service_options options = identity_options();
    options.identity.faults = {misbehaviour(kind, 0.5)};
    CHECK_THROWS_AS(identity{options}, failure_error);
  }
}

TEST_CASE("fake identity: what cannot be played is named") {
  const fake_identity usable = identity_options().identity;
  const auto with = [&](auto change) {
    fake_identity changed = usable;
    change(changed);
    return refusal(changed);
  };
  CHECK(with([](auto&) {}).empty());
  CHECK(with([](auto& o) { o.username = "x"; }).starts_with("identity: username"));
  CHECK(with([](auto& o) { o.password = "x"; }).starts_with("identity: username"));
  for (const std::string realm : {"", "a/b", "a b", "\"", "\r\n"}) {
    CHECK(with([&](auto& o) { o.realm = realm; }).starts_with("identity: realm"));
  }
  CHECK(with([](auto& o) { o.realm = std::string(129, 'x'); }).starts_with("identity: realm"));
  CHECK(with([](auto& o) { o.style = static_cast<identity_style>(99); }).starts_with("identity: "));
  CHECK(with([](auto& o) {
          o.authentication = static_cast<accepted_authentication>(99);
        }).starts_with("identity: "));
  CHECK(with([](auto& o) {
          o.style = identity_style::glewlwyd;
          o.authentication = accepted_authentication::form;
        }).starts_with("identity: glewlwyd"));
  CHECK(with([](auto& o) { o.faults = {misbehaviour(fault::hang, 2)}; }).starts_with("faults: "));
}

TEST_CASE("fake identity: names of styles and the like") {
  for (int index = 0; index <= static_cast<int>(identity_style::errors_in_200); ++index) {
    const auto style = static_cast<identity_style>(index);
    CHECK(parse_identity_style(to_string(style)).value() == style);
  }
  CHECK(parse_accepted_authentication("basic").value() == accepted_authentication::basic);
  CHECK(parse_other_audience("useless_token").value() == other_audience::useless_token);
  CHECK(parse_identity_style("other").error().detail().reason.find("keycloak, oidc_provider") !=
        std::string::npos);
  CHECK(to_string(static_cast<other_audience>(9)) == "?");
}
