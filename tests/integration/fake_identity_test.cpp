// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/run_task.hpp"
#include "support/service_fixture.hpp"
#include "support/wire_client.hpp"

#include <binarly/failure.hpp>
#include <binarly/testing/fake_service.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

constexpr std::string_view path = "/realms/BinarlyRealm/protocol/openid-connect/token";
const std::string form_type = "application/x-www-form-urlencoded";
const std::string good_form =
    "grant_type=client_credentials&client_id=machine&client_secret=s%2Be%26c+t";
// `machine` and `s+e&c t`, each encoded as in a form.
const std::string good_basic = "Authorization: Basic bWFjaGluZTpzJTJCZSUyNmMrdA==\r\n";

/// Over TLS.
fake_service_options identity_options() {
  fake_service_options options;
  options.identity.client_id = "machine";
  options.identity.client_secret = "s+e&c t";
  return options;
}

std::string post(const std::string& body, const std::string& headers = {},
                 const std::string& type = form_type) {
  std::string request = "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!type.empty()) request += "Content-Type: " + type + "\r\n";
  return request + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }

bool has_line(const wire_answer& answer, const std::string& line) {
  return answer.head.find("\r\n" + line + "\r\n") != std::string::npos;
}

std::string token_in(const wire_answer& answer) {
  REQUIRE(answer.status == 200);
  return json::parse(answer.body).at("access_token").as_string().c_str();
}

struct identity_fixture : service_fixture {
  explicit identity_fixture(const fake_service_options& options = identity_options())
      : service_fixture(options), ref(service.image_at(0).ref) {}

  std::string token() { return token_in(ask(post(good_form))); }
  unsigned status_with(const std::string& shown) { return ask(get_request(ref, shown)).status; }

  image_ref ref;
};

/// Two services over TLS, each with an authority of its own.
struct issuer_and_api {
  explicit issuer_and_api(const fake_service_options& options)
      : issuer(std::make_unique<fake_service>(context.get_executor(), options)),
        api(std::make_unique<fake_service>(context.get_executor(), fake_service_options())),
        issuers_client(context.get_executor(), issuer->ca_pem()),
        apis_client(context.get_executor(), api->ca_pem()) {
    run_task(context, issuers_client.connect(issuer->port()));
    run_task(context, apis_client.connect(api->port()));
  }

  wire_answer ask_issuer(const std::string& request) { return ask(issuers_client, request); }
  wire_answer ask_api(const std::string& request) { return ask(apis_client, request); }

  asio::io_context context;
  std::unique_ptr<fake_service> issuer;
  std::unique_ptr<fake_service> api;

 private:
  wire_answer ask(wire_client& client, const std::string& request) {
    wire_answer answer;
    run_task(context, ask_into(client, request, answer));
    return answer;
  }
  static asio::awaitable<void> ask_into(wire_client& client, const std::string& request,
                                        wire_answer& answer) {
    answer = co_await client.ask(request);
  }

  wire_client issuers_client;
  wire_client apis_client;
};

/// Two requests, a few bytes at a time.
asio::awaitable<void> ask_in_pieces(wire_client& client, std::string requests) {
  for (std::size_t at = 0; at < requests.size(); at += 5)
    co_await client.send(requests.substr(at, 5));
  const wire_answer first = co_await client.read_answer();
  const wire_answer second = co_await client.read_answer();
}

/// The status, and the code that RFC 6749 has for it.
void check_refusal(const wire_answer& answer, unsigned status, std::string_view error) {
  CAPTURE(answer.head);
  CAPTURE(answer.body);
  CHECK(answer.status == status);
  CHECK(has_line(answer, "Content-Type: application/json"));
  CHECK(has_line(answer, "Cache-Control: no-store"));
  const json::value body = json::parse(answer.body);
  CHECK(body.at("error").as_string() == error);
  CHECK_FALSE(body.at("error_description").as_string().empty());
}

}  // namespace

TEST_CASE("fake service: a token is issued, and asked for") {
  identity_fixture setup;
  const wire_answer answer = setup.ask(post(good_form));
  CHECK(answer.status == 200);
  CHECK(has_line(answer, "Content-Type: application/json"));
  CHECK(has_line(answer, "Cache-Control: no-store"));
  const json::object body = json::parse(answer.body).as_object();
  CHECK(body.size() == 3);
  CHECK(body.at("token_type").as_string() == "Bearer");
  CHECK(body.at("expires_in").as_int64() == 1800);

  CHECK(setup.status_with("") == 401);
  CHECK(setup.status_with(bearer("other")) == 401);
  CHECK(setup.status_with(bearer(token_in(answer))) == 200);
  CHECK(setup.service.token_url() == setup.service.base_url() + std::string(path));

  const fake_service_counters seen = setup.service.counters();
  CHECK(seen.requests == 4);
  CHECK(seen.token_requests == 1);
  CHECK(seen.tokens_issued == 1);
  CHECK(seen.unauthorized == 2);
  CHECK(seen.connections == 1);
}

TEST_CASE("fake service: requests for a token come in many forms") {
  identity_fixture setup;
  const std::string bare = "grant_type=client_credentials";
  const std::pair<const char*, std::string> table[] = {
      {"basic credentials", post(bare, good_basic)},
      {"basic credentials, and who it is in the form, too",
       post(bare + "&client_id=machine", good_basic)},
      {"a parameter of the content type", post(good_form, {}, form_type + " ; charset=UTF-8")},
      {"capitals", post(good_form, {}, "Application/X-WWW-Form-Urlencoded")},
      {"parameters that nobody knows", post(good_form + "&x=1&scope=any&audience=any&y")},
      {"an escape where none is needed",
       post("grant%5Ftype=client%5fcredentials&client_id=%6dachine&client_secret=s%2be%26c%20t")},
      {"chunks", "POST " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nContent-Type: " +
                     form_type + "\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n" +
                     good_form.substr(0, 7) + "\r\n42\r\n" + good_form.substr(7) + "\r\n0\r\n\r\n"},
      {"a large form", post(good_form + "&x=" + std::string(60'000, 'x'))},
  };
  REQUIRE(good_form.size() == 7 + 0x42);
  for (const auto& [form, request] : table) {
    CAPTURE(form);
    CHECK(setup.status_with(bearer(token_in(setup.ask(request)))) == 200);
  }
  CHECK(setup.service.counters().tokens_issued == std::size(table));
}

TEST_CASE("fake service: requests for a token are refused as RFC 6749 says") {
  identity_fixture setup;
  const auto without_secret = [](const std::string& grant) {
    return "grant_type=" + grant + "&client_id=machine&client_secret=";
  };
  const std::string grant = "grant_type=client_credentials";
  const std::string base = without_secret("client_credentials");
  struct row {
    const char* what;
    std::string request;
    unsigned status;
    const char* error;
  };
  const row table[] = {
      {"another secret", post(base + "other"), 401, "invalid_client"},
      {"a secret that is not encoded", post(base + "s+e%26c+t"), 401, "invalid_client"},
      {"no secret", post(base), 401, "invalid_client"},
      {"another client", post(grant + "&client_id=m&client_secret=s%2Be%26c+t"), 401,
       "invalid_client"},
      {"no client", post(grant), 401, "invalid_client"},
      {"two ways", post(good_form, good_basic), 400, "invalid_request"},
      {"two clients", post(grant + "&client_id=other", good_basic), 400, "invalid_request"},
      {"no grant type", post("client_id=machine&client_secret=s%2Be%26c+t"), 400,
       "invalid_request"},
      {"an empty grant type", post(without_secret("") + "s%2Be%26c+t"), 400, "invalid_request"},
      {"another grant type", post(without_secret("password") + "s%2Be%26c+t"), 400,
       "unsupported_grant_type"},
      {"a parameter twice", post(good_form + "&client_id=machine"), 400, "invalid_request"},
      {"an unknown one twice", post(good_form + "&x=1&x=1"), 400, "invalid_request"},
      {"a broken escape", post(good_form + "&x=%2"), 400, "invalid_request"},
      {"a space", post(good_form + "&x=a b"), 400, "invalid_request"},
      {"no body", post(""), 400, "invalid_request"},
      {"JSON", post("{}", {}, "application/json"), 415, "invalid_request"},
      {"a type that begins alike", post(good_form, {}, form_type + "x"), 415, "invalid_request"},
      {"no type", post(good_form, {}, ""), 415, "invalid_request"},
  };
  for (const auto& [what, request, status, error] : table) {
    CAPTURE(what);
    const wire_answer answer = setup.ask(request);
    check_refusal(answer, status, error);
    CHECK(answer.head.find("WWW-Authenticate") == std::string::npos);
  }
  const fake_service_counters seen = setup.service.counters();
  CHECK(seen.token_requests == std::size(table));
  CHECK(seen.tokens_issued == 0);
  CHECK(seen.unauthorized == 0);
  CHECK(seen.connections == 1);
}

TEST_CASE("fake service: a client that is refused in its head is told how to do better") {
  identity_fixture setup;
  for (const std::string authorization :
       {// `machine:other`, the secret without its encoding, what is no base 64, another scheme
        "Basic bWFjaGluZTpvdGhlcg==", "Basic bWFjaGluZTpzK2UmYyB0", "Basic !", "Bearer x"}) {
    CAPTURE(authorization);
    const wire_answer answer = setup.ask(
        post("grant_type=client_credentials", "Authorization: " + authorization + "\r\n"));
    check_refusal(answer, 401, "invalid_client");
    CHECK(has_line(answer, "WWW-Authenticate: Basic realm=\"BinarlyRealm\""));
  }
  // A good form does not make up for what cannot be read.
  check_refusal(setup.ask(post(good_form, bearer("x"))), 401, "invalid_client");
}

TEST_CASE("fake service: tokens are had by POST alone") {
  identity_fixture setup;
  for (const std::string method : {"GET", "PUT", "OPTIONS"}) {
    CAPTURE(method);
    const wire_answer answer =
        setup.ask(method + " " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    check_refusal(answer, 405, "invalid_request");
    CHECK(has_line(answer, "Allow: POST"));
  }
  // What a target asks for is no form.
  check_refusal(
      setup.ask("GET " + std::string(path) + "?" + good_form + " HTTP/1.1\r\nHost: h\r\n\r\n"), 405,
      "invalid_request");
  CHECK(setup.service.counters().token_requests == 4);
}

TEST_CASE("fake service: the token endpoint's requests are bounded, too") {
  identity_fixture setup;
  CHECK(setup.ask(post(good_form + "&x=" + std::string(70'000, 'x'))).status == 413);
  CHECK(setup.service.counters().tokens_issued == 0);
}

TEST_CASE("fake service: scope and audience are asked for") {
  fake_service_options options = identity_options();
  options.identity.scope = "images read";
  options.identity.audience = "https://api/";
  identity_fixture setup(options);
  const std::string scope = "&scope=images+read";
  const std::string audience = "&audience=https%3A%2F%2Fapi%2F";
  CHECK(setup.ask(post(good_form + scope + audience)).status == 200);
  check_refusal(setup.ask(post(good_form + audience)), 400, "invalid_scope");
  check_refusal(setup.ask(post(good_form + audience + "&scope=images")), 400, "invalid_scope");
  check_refusal(setup.ask(post(good_form + scope)), 400, "invalid_request");
  check_refusal(setup.ask(post(good_form + scope + "&audience=api")), 400, "invalid_request");
}

TEST_CASE("fake service: a lifetime of zero is not stated") {
  fake_service_options options = identity_options();
  options.identity.token_lifetime = 0s;
  identity_fixture setup(options);
  const wire_answer answer = setup.ask(post(good_form));
  CHECK_FALSE(json::parse(answer.body).as_object().contains("expires_in"));
  CHECK(setup.status_with(bearer(token_in(answer))) == 200);
}

TEST_CASE("fake service: the stated lifetime is the one given") {
  fake_service_options options = identity_options();
  options.identity.token_lifetime = 7s;
  identity_fixture setup(options);
  CHECK(json::parse(setup.ask(post(good_form)).body).at("expires_in").as_int64() == 7);
}

TEST_CASE("fake service: a token ends after its uses") {
  fake_service_options options = identity_options();
  options.identity.uses_per_token = 2;
  identity_fixture setup(options);
  const std::string first = bearer(setup.token());
  const std::string second = bearer(setup.token());
  CHECK(setup.status_with(first) == 200);
  // Refused requests take no use, and neither do those that a fault befalls.
  CHECK(setup.status_with("") == 401);
  setup.service.script(setup.ref, {misbehaviour(fault::status_503)});
  CHECK(setup.status_with(first) == 503);
  CHECK(setup.status_with(first) == 200);
  CHECK(setup.status_with(first) == 401);
  CHECK(setup.status_with(second) == 200);
  CHECK(setup.status_with(bearer(setup.token())) == 200);
  CHECK(setup.service.counters().unauthorized == 2);
}

TEST_CASE("fake service: the fixed token is good beside those that were issued") {
  fake_service_options options = identity_options();
  options.token = "fixed";
  options.identity.uses_per_token = 1;
  identity_fixture setup(options);
  const std::string issued = bearer(setup.token());
  CHECK(setup.status_with(issued) == 200);
  setup.service.revoke_tokens();
  for (int count = 0; count < 3; ++count)
    CHECK(setup.status_with(bearer("fixed")) == 200);
  CHECK(setup.status_with(bearer("")) == 401);
}

TEST_CASE("fake service: revoked tokens are refused, later ones are not") {
  identity_fixture setup;
  const std::string first = bearer(setup.token());
  const std::string second = bearer(setup.token());
  CHECK(setup.status_with(first) == 200);
  setup.service.revoke_tokens();
  CHECK(setup.status_with(first) == 401);
  CHECK(setup.status_with(second) == 401);
  CHECK(setup.status_with(bearer(setup.token())) == 200);
  CHECK(setup.status_with(first) == 401);
}

TEST_CASE("fake service: tokens of another service are good only where they are accepted") {
  fake_service_options options = identity_options();
  options.identity.uses_per_token = 3;
  issuer_and_api both(options);
  const auto status_with = [&](const std::string& shown) {
    return both.ask_api(get_request(both.api->image_at(0).ref, shown)).status;
  };
  CHECK(both.api->ca_pem() != both.issuer->ca_pem());
  CHECK(status_with("") == 200);

  both.api->accept_tokens_of(*both.issuer);
  const std::string token = bearer(token_in(both.ask_issuer(post(good_form))));
  CHECK(status_with("") == 401);
  CHECK(status_with(bearer("other")) == 401);
  CHECK(status_with(token) == 200);
  CHECK(both.ask_api(post(good_form)).status == 401);
  CHECK(both.api->token_url().empty());
  CHECK(both.api->counters().tokens_issued == 0);
  CHECK(both.issuer->counters().tokens_issued == 1);

  SUBCASE("their uses are counted together") {
    const image_ref ref = both.issuer->image_at(0).ref;
    CHECK(both.ask_issuer(get_request(ref, token)).status == 200);
    CHECK(status_with(token) == 200);
    CHECK(status_with(token) == 401);
    CHECK(both.ask_issuer(get_request(ref, token)).status == 401);
  }
  SUBCASE("they are revoked where they were issued") {
    both.issuer->revoke_tokens();
    CHECK(status_with(token) == 401);
    CHECK(status_with(bearer(token_in(both.ask_issuer(post(good_form))))) == 200);
  }
  SUBCASE("they are revoked where they are accepted") {
    both.api->revoke_tokens();
    CHECK(status_with(token) == 401);
    const image_ref ref = both.issuer->image_at(0).ref;
    CHECK(both.ask_issuer(get_request(ref, token)).status == 401);
  }
  SUBCASE("they outlive the service that issued them") {
    both.issuer.reset();
    CHECK(status_with(token) == 200);
  }
}

TEST_CASE("fake service: who plays no identity server issues nothing to accept") {
  issuer_and_api both(identity_options());
  CHECK_THROWS_AS(both.issuer->accept_tokens_of(*both.api), failure_error);
  CHECK(both.ask_api(get_request(both.api->image_at(0).ref)).status == 200);
}

TEST_CASE("fake service: identities that cannot be played") {
  const auto refusal = [](const fake_identity& identity) {
    asio::io_context context;
    fake_service_options options;
    options.identity = identity;
    try {
      const fake_service service(context.get_executor(), options);
      return std::string();
    } catch (const failure_error& error) {
      return error.why().detail().reason;
    }
  };
  fake_identity identity = identity_options().identity;
  identity.token_lifetime = -1s;
  CHECK(refusal(identity).starts_with("identity: token_lifetime"));
  identity.token_lifetime = 24h * 367;
  CHECK(refusal(identity).starts_with("identity: token_lifetime"));
  identity = identity_options().identity;
  identity.client_secret.clear();
  CHECK(refusal(identity).starts_with("identity: client_id and client_secret"));
  identity = identity_options().identity;
  identity.client_id.clear();
  CHECK(refusal(identity).starts_with("identity: client_id and client_secret"));
}

TEST_CASE("fake service: the token endpoint lies below the path prefix") {
  fake_service_options options = identity_options();
  options.path_prefix = "/on/premise";
  identity_fixture setup(options);
  CHECK(setup.service.token_url() == "https://localhost:" + std::to_string(setup.service.port()) +
                                         "/on/premise" + std::string(path));
  std::string request = post(good_form);
  request.insert(request.find('/'), options.path_prefix);
  CHECK(setup.ask(request).status == 200);
  CHECK(setup.ask(post(good_form)).status == 401);
}

TEST_CASE("fake service: faults at the token endpoint change the answer") {
  identity_fixture setup;
  const auto answer_to = [&](fault kind) {
    setup.service.script_token_requests({misbehaviour(kind)});
    return setup.ask(post(good_form));
  };
  const std::pair<fault, unsigned> statuses[] = {
      {fault::status_408, 408}, {fault::status_429, 429}, {fault::status_500, 500},
      {fault::status_502, 502}, {fault::status_503, 503}, {fault::status_504, 504},
  };
  for (const auto& [kind, status] : statuses) {
    CAPTURE(status);
    misbehaviour later(kind);
    later.retry_after = "7";
    setup.service.script_token_requests({later});
    const wire_answer answer = setup.ask(post(good_form));
    CHECK(answer.status == status);
    CHECK(has_line(answer, "Retry-After: 7"));
    CHECK(answer.body.empty() == (status != 500));
  }
  CHECK(json::parse(answer_to(fault::status_500).body).at("error").as_string() == "server_error");
  const wire_answer denied = answer_to(fault::forbidden);
  CHECK(denied.status == 403);
  CHECK(json::parse(denied.body).at("error").as_string() == "access_denied");
  CHECK(answer_to(fault::redirect).status == 302);

  const wire_answer html = answer_to(fault::html_success);
  CHECK(html.status == 200);
  CHECK(has_line(html, "Content-Type: text/html"));
  CHECK(html.body.starts_with("<!DOCTYPE html>"));
  CHECK(answer_to(fault::html_error).status == 502);
  const wire_answer wrong = answer_to(fault::wrong_json);
  CHECK(wrong.status == 200);
  CHECK_FALSE(json::parse(wrong.body).as_object().contains("access_token"));
  const wire_answer broken = answer_to(fault::broken_json);
  CHECK(broken.status == 200);
  CHECK(broken.body.starts_with(R"({"access_token":")"));
  json::error_code error;
  json::parse(broken.body, error);
  CHECK(error);
  CHECK(setup.service.counters().tokens_issued == 0);

  const wire_answer deep = answer_to(fault::deep_json);
  CHECK(deep.status == 200);
  CHECK(deep.body.ends_with("]]]]}"));
  json::parse_options deeper;
  deeper.max_depth = 20'000;
  const json::value inside = json::parse(deep.body, {}, deeper);
  const std::string token = inside.at("access_token").as_string().c_str();
  CHECK(setup.status_with(bearer(token)) == 200);
  CHECK(setup.service.counters().faults == 14);
}

TEST_CASE("fake service: faults at the token endpoint change how the answer comes") {
  identity_fixture setup;
  const auto end_of = [&](fault kind, std::size_t most = std::size_t{1} << 20U) {
    setup.service.script_token_requests({misbehaviour(kind)});
    return setup.ask_to_the_end(post(good_form), most);
  };
  SUBCASE("reset_before") {
    const wire_end end = end_of(fault::reset_before);
    CHECK(end.bytes.empty());
    CHECK(end.error == asio::error::connection_reset);
  }
  SUBCASE("close_before") {
    const wire_end end = end_of(fault::close_before);
    CHECK(end.bytes.empty());
    CHECK(end.error == asio::error::eof);
  }
  SUBCASE("truncate_body") {
    const wire_end end = end_of(fault::truncate_body);
    CHECK(end.bytes.starts_with("HTTP/1.1 200 "));
    CHECK_FALSE(end.bytes.ends_with('}'));
    CHECK(end.error == asio::error::eof);
  }
  SUBCASE("huge_body") {
    const wire_end end = end_of(fault::huge_body, 300'000);
    CHECK(end.bytes.find(R"({"access_token":"xxxx)") != std::string::npos);
    CHECK_FALSE(end.error);
  }
  SUBCASE("garbage") { CHECK_FALSE(end_of(fault::garbage).bytes.starts_with("HTTP")); }
  CHECK(setup.service.counters().token_requests == 1);
}

TEST_CASE("fake service: a token can be late") {
  identity_fixture setup;
  misbehaviour late(fault::delay);
  late.duration = 60ms;
  setup.service.script_token_requests({late});
  const auto start = std::chrono::steady_clock::now();
  const std::string token = setup.token();
  CHECK(std::chrono::steady_clock::now() - start >= 60ms);
  CHECK(setup.status_with(bearer(token)) == 200);
}

TEST_CASE("fake service: scripts and dice keep to their own requests") {
  fake_service_options options = identity_options();
  options.faults = {misbehaviour(fault::status_503, 1)};
  identity_fixture setup(options);
  setup.service.script(setup.ref, {misbehaviour(fault::status_429)});
  setup.service.script_token_requests({misbehaviour(fault::none), misbehaviour(fault::status_504),
                                       misbehaviour(fault::status_502)});
  const std::string token = bearer(setup.token());
  CHECK(setup.status_with(token) == 429);
  CHECK(setup.status_with(token) == 503);
  CHECK(setup.ask(post(good_form)).status == 504);
  CHECK(setup.ask(post(good_form)).status == 502);
  for (int count = 0; count < 20; ++count)
    CHECK(setup.ask(post(good_form)).status == 200);

  CHECK_THROWS_AS(setup.service.script_token_requests(
                      {misbehaviour(fault::status_503), misbehaviour(fault::wrong_image)}),
                  failure_error);
  misbehaviour endless(fault::delay);
  endless.duration = 2h;
  CHECK_THROWS_AS(setup.service.script_token_requests({endless}), failure_error);
  CHECK(setup.ask(post(good_form)).status == 200);
}

TEST_CASE("fake service: the latest heads are shown as they came") {
  fake_service_options options = identity_options();
  options.record_heads = true;
  identity_fixture setup(options);
  CHECK(setup.service.recent_heads().empty());
  const std::string request = get_request(
      setup.ref, "traceparent: 00-1-2-01\r\nX-Request-Id:  spaced \r\nx: 1\r\nx: 2\r\n");
  CHECK(setup.ask(request).status == 401);
  CHECK(setup.ask(post(good_form, good_basic)).status == 400);
  const std::string form = post(good_form);
  const std::vector<std::string> heads = setup.service.recent_heads();
  REQUIRE(heads.size() == 2);
  CHECK(heads[0] == request);
  const std::string with_basic = post(good_form, good_basic);
  CHECK(heads[1] == with_basic.substr(0, with_basic.size() - good_form.size()));

  SUBCASE("in any pieces") {
    run_task(setup.context, ask_in_pieces(setup.client, form + request));
    const std::vector<std::string> more = setup.service.recent_heads();
    REQUIRE(more.size() == 4);
    CHECK(more[2] == form.substr(0, form.size() - good_form.size()));
    CHECK(more[3] == request);
  }
  SUBCASE("in one piece") {
    const std::string last = get_request(setup.ref, "Connection: close\r\n");
    const wire_end end = setup.ask_to_the_end(form + request + last);
    const std::vector<std::string> more = setup.service.recent_heads();
    REQUIRE(more.size() == 5);
    CHECK(more[2] == form.substr(0, form.size() - good_form.size()));
    CHECK(more[3] == request);
    CHECK(more[4] == last);
  }
  SUBCASE("64 of them") {
    for (int count = 0; count < 100; ++count)
      setup.ask(get_request("/" + std::to_string(count)));
    const std::vector<std::string> latest = setup.service.recent_heads();
    REQUIRE(latest.size() == 64);
    CHECK(latest.front() == get_request("/36"));
    CHECK(latest.back() == get_request("/99"));
  }
}

TEST_CASE("fake service: no head is kept unasked") {
  identity_fixture setup;
  CHECK(setup.ask(get_request(setup.ref)).status == 401);
  CHECK(setup.service.recent_heads().empty());
}

TEST_CASE("fake service: tokens and heads are looked at from any thread") {
  fake_service_options options = identity_options();
  options.record_heads = true;
  issuer_and_api both(options);
  both.api->accept_tokens_of(*both.issuer);
  std::thread other([&] {
    for (int count = 0; count < 200; ++count) {
      both.issuer->revoke_tokens();
      both.api->revoke_tokens();
      both.issuer->script_token_requests({misbehaviour(fault::none)});
      static_cast<void>(both.issuer->recent_heads());
      static_cast<void>(both.issuer->counters());
    }
    both.api->accept_tokens_of(*both.issuer);
  });
  const std::string request = get_request(both.api->image_at(0).ref, bearer("other"));
  for (int count = 0; count < 50; ++count) {
    CHECK(both.ask_issuer(post(good_form)).status == 200);
    CHECK(both.ask_api(request).status == 401);
  }
  other.join();
  const std::string token = bearer(token_in(both.ask_issuer(post(good_form))));
  CHECK(both.ask_api(get_request(both.api->image_at(0).ref, token)).status == 200);
}

TEST_CASE("fake service: without an identity there is no token endpoint") {
  service_fixture setup{fake_service_options()};
  CHECK(setup.ask(post(good_form)).status == 404);
  CHECK(setup.service.token_url().empty());
  CHECK(setup.service.counters().token_requests == 0);
}
