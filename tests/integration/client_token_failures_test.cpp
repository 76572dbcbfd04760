// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What whoever gives tokens may say in place of one, and what becomes of it.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/process.hpp"

#include <binarly/client.hpp>
#include <binarly/credentials.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

constexpr const char* hush = "the client's s&cret";

/// A service that accepts one token, and an identity server that says what a test wants.
struct with_raw_identity : client_fixture {
  explicit with_raw_identity(std::string answer)
      : client_fixture(service_options()), says(std::move(answer)) {
    options.retry = retry_policy().max_attempts(2).base_delay(0ms).delay_cap(0ms);
    options.auth = credentials::client_credentials(asking());
  }

  static fake_service_options service_options() {
    fake_service_options served;
    served.token = "good-token";
    return served;
  }

  client_credentials_options asking() const {
    client_credentials_options who;
    who.url = url_of_port(identity.port()) + "/realms/R/token";
    who.client_id = "robot";
    who.client_secret = secret(hush);
    tls_options trust;
    trust.system_authorities = false;
    trust.ca_pem = identity.ca_pem() + other.ca_pem();
    who.tls = trust;
    return who;
  }
  [[nodiscard]] std::string host() const { return "localhost:" + std::to_string(identity.port()); }

  /// An answer that ends its connection.
  static std::string answer(const std::string& status, const std::string& type,
                            const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
           body;
  }

  std::string says;
  std::string other_says;
  raw_server identity{context.get_executor(), [this](const std::string&) { return says; }};
  raw_server other{context.get_executor(), [this](const std::string&) { return other_says; }};
};

TEST_CASE("credentials: what identity servers say is told as theirs, with advice that fits") {
  struct row {
    const char* status;
    const char* type;
    std::string body;
    std::string words;
    std::string advice;
  };
  const std::vector<row> table{
      {"404 Not Found", "text/html", "<html>nothing here</html>", "", "its host, its path"},
      {"404 Not Found", "text/plain", "404 page not found", "", "its host, its path"},
      {"404 Not Found", "application/json", R"({"error":"Realm does not exist"})",
       "Realm does not exist", "check the realm"},
      {"401 Unauthorized", "application/json",
       R"({"error":"unauthorized_client","error_description":"Invalid client credentials"})",
       "unauthorized_client: Invalid client credentials", "check the client id"},
      {"400 Bad Request", "application/json", R"({"error":"invalid_client"})", "invalid_client",
       "check the client id"},
      {"403 Forbidden", "text/plain", "", "", "check the client id"},
      {"403 Forbidden", "application/json",
       R"({"statusCode":403,"error":"access_denied","message":"Service not found"})",
       "access_denied: Service not found", "check the audience"},
      {"400 Bad Request", "application/json",
       R"({"errorCode":"invalid_scope","errorSummary":"One or more scopes"})",
       "invalid_scope: One or more scopes", "check the scope"},
      {"200 OK", "application/json", R"({"error":"invalid_grant","error_description":"no"})",
       "invalid_grant: no", "check the user name"},
      {"200 OK", "text/html", "<html>sign in</html>", "", "the identity server's token endpoint"},
  };
  for (const auto& [status, type, body, words, advice] : table) {
    CAPTURE(status);
    CAPTURE(body);
    with_raw_identity world(with_raw_identity::answer(status, type, body));
    const auto found = world.get(world.make_client(), world.ref(0));
    REQUIRE(!found.has_value());
    const failure why = found.error();
    CAPTURE(why.message());
    CHECK(why == errc::token_refused);
    CHECK(why.detail().step == phase::token);
    CHECK(why.detail().http_status == static_cast<unsigned>(std::stoi(status)));
    CHECK(why.detail().answered_by == responder::identity_server);
    CHECK(why.detail().server_message == words);
    CHECK(why.message().find("from " + world.host()) != std::string::npos);
    CHECK(why.message().find("s&cret") == std::string::npos);
    CHECK(why.advice().find(advice) != std::string::npos);
    CHECK(world.identity.answered() == 1);
    CHECK(world.service.counters().requests == 0);
  }
}

TEST_CASE("credentials: a secret that is echoed is struck out, coded or not") {
  with_raw_identity world(with_raw_identity::answer(
      "400 Bad Request", "application/json",
      R"({"error":"invalid_client","error_description":"the client's s&cret or )"
      R"(the%20client%27s%20s%26cret"})"));
  const auto found = world.get(world.make_client(), world.ref(0));
  REQUIRE(!found.has_value());
  CHECK(found.error().detail().server_message == "invalid_client: [secret] or [secret]");
}

TEST_CASE("credentials: an identity server that nobody reaches is named, and not the service") {
  with_raw_identity world("");
  world.options.retry = retry_policy::none();
  auto who = world.asking();
  SUBCASE("out of reach") {
    std::uint16_t port = 0;
    {
      const raw_server gone(world.context.get_executor(), [](const std::string&) { return ""; });
      port = gone.port();
    }
    world.settle();
    who.url = url_of_port(port);
    world.options.auth = credentials::client_credentials(std::move(who));
    const auto found = world.get(world.make_client(), world.ref(0));
    REQUIRE(!found.has_value());
    const failure why = found.error();
    CAPTURE(why.message());
    CHECK(why == errc::token_unavailable);
    CHECK(why.detail().cause == make_error_code(errc::connect_failed));
    CHECK(why.detail().answered_by == responder::none);
    CHECK(why.message().find("no token can be had: from localhost:" + std::to_string(port) +
                             ": no connection") != std::string::npos);
    CHECK(why.advice().starts_with("check the identity server's address"));
  }
  SUBCASE("not to be trusted") {
    who.tls->ca_pem = world.service.ca_pem();
    world.options.auth = credentials::client_credentials(std::move(who));
    const auto found = world.get(world.make_client(), world.ref(0));
    REQUIRE(!found.has_value());
    const failure why = found.error();
    CAPTURE(why.message());
    CHECK(why == errc::token_refused);
    CHECK(why.detail().cause == make_error_code(errc::certificate_rejected));
    CHECK(why.message().find("from " + world.host() +
                             ": the server's certificate is not trusted") != std::string::npos);
    CHECK(why.advice().find("the authority that signed its certificate") != std::string::npos);
  }
}

TEST_CASE("credentials: an other address that is out of reach is no refusal") {
  with_raw_identity world(with_raw_identity::answer("404 Not Found", "text/html", "<html>"));
  const deaf_port nobody;
  auto who = world.asking();
  who.alternative_url = url_of_port(nobody.number());
  world.options.auth = credentials::client_credentials(std::move(who));
  const auto from = world.make_client();
  const failure why = world.get(from, world.ref(0)).error();
  CHECK(why == errc::token_unavailable);
  CHECK(why.message().find("localhost:" + std::to_string(nobody.number())) != std::string::npos);
}

TEST_CASE("credentials: a provider that is destroyed before it answers hangs nobody") {
  client_fixture world;
  world.options.auth = credentials::provided_by([](bool) -> asio::awaitable<result<access_token>> {
    // As an operation does whose context ends: its handler is dropped, and the coroutine with it.
    const auto drop = [](auto&&) {};
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(drop, asio::use_awaitable);
    co_return access_token(secret("token"));
  });
  const auto from = world.make_client();
  const lookup one(from, world.ref(0));
  run_until(world.context, [&one] { return one.done(); });
  CHECK(one.why() == errc::token_unavailable);
}

TEST_CASE("credentials: the other address is asked where one answers 404, and kept once it works") {
  const std::string nothing = with_raw_identity::answer("404 Not Found", "text/html", "<html>");
  with_raw_identity world(nothing);
  auto who = world.asking();
  who.alternative_url = url_of_port(world.other.port());
  world.options.auth = credentials::client_credentials(std::move(who));
  const std::string other_host = "localhost:" + std::to_string(world.other.port());
  const auto from = world.make_client();
  SUBCASE("a token is there") {
    // Good for those who wait for it alone.
    world.other_says = with_raw_identity::answer("200 OK", "application/json",
                                                 R"({"access_token":"good-token","expires_in":0})");
    CHECK(world.get(from, world.ref(0)).has_value());
    CHECK(world.identity.answered() == 1);
    CHECK(world.other.answered() == 1);
    CHECK(world.get(from, world.ref(1)).has_value());
    CHECK(world.identity.answered() == 1);
    CHECK(world.other.answered() == 2);
  }
  SUBCASE("nothing is there either") {
    world.other_says = nothing;
    const failure why = world.get(from, world.ref(0)).error();
    CHECK(why == errc::token_refused);
    CHECK(why.detail().http_status == 404);
    CHECK(why.message().find("from " + world.host() + "/realms/R/token; and none from " +
                             other_host + "/realms/BinarlyRealm") != std::string::npos);
    CHECK(world.identity.answered() == 1);
    CHECK(world.other.answered() == 1);
  }
  SUBCASE("a server of tokens is there that does not know the client") {
    world.other_says = with_raw_identity::answer("401 Unauthorized", "application/json",
                                                 R"({"error":"invalid_client"})");
    const failure why = world.get(from, world.ref(0)).error();
    CHECK(why == errc::token_refused);
    CHECK(why.detail().http_status == 401);
    CHECK(why.message().find("from " + other_host) != std::string::npos);
  }
  SUBCASE("the attempts are one number for both") {
    world.other_says = with_raw_identity::answer("503 Service Unavailable", "text/html", "<html>");
    const failure why = world.get(from, world.ref(0)).error();
    CHECK(why == errc::token_unavailable);
    CHECK(world.identity.answered() == 1);
    CHECK(world.other.answered() == 1);
  }
  SUBCASE("the first is in trouble: nobody else is asked") {
    world.says = with_raw_identity::answer("503 Service Unavailable", "text/html", "<html>");
    const failure why = world.get(from, world.ref(0)).error();
    CHECK(why == errc::token_unavailable);
    CHECK(world.identity.answered() == 2);
    CHECK(world.other.answered() == 0);
  }
}

TEST_CASE("credentials: a provider that fails for now is asked again, within the call's attempts") {
  client_fixture world;
  world.options.retry = retry_policy().max_attempts(2).base_delay(0ms).delay_cap(0ms);
  const auto asked = std::make_shared<int>(0);
  const auto code = std::make_shared<errc>(errc::connect_failed);
  world.options.auth =
      credentials::provided_by([asked, code](bool) -> asio::awaitable<result<access_token>> {
        ++*asked;
        co_return failure(*code, "the vault is sealed");
      });
  SUBCASE("for now") {
    const failure why = world.get(world.make_client(), world.ref(0)).error();
    CHECK(why == errc::token_unavailable);
    CHECK(why.message().find("from the token provider: no connection: the vault is sealed") !=
          std::string::npos);
    CHECK(*asked == 2);
  }
  SUBCASE("for good") {
    *code = errc::forbidden;
    const failure why = world.get(world.make_client(), world.ref(0)).error();
    CHECK(why == errc::token_refused);
    CHECK(*asked == 1);
  }
  SUBCASE("nobody cancelled the call") {
    *code = errc::cancelled;
    CHECK(world.get(world.make_client(), world.ref(0)).error() == errc::token_unavailable);
    CHECK(*asked == 2);
  }
}

}  // namespace
