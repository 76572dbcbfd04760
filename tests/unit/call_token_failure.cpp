// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/token_failure.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using binarly::condition;
using binarly::errc;
using binarly::failure;
using binarly::failure_detail;
using binarly::phase;
using binarly::responder;

struct row {
  errc code;
  unsigned http_status;
  std::string words;  // the server's
  errc becomes;
  std::string advice;  // a part of it
};

failure told(const row& what) {
  failure_detail detail;
  detail.code = what.code;
  detail.step = phase::decode;
  detail.http_status = what.http_status;
  detail.server_message = what.words;
  detail.reason = "from auth.example";
  return failure(binarly::call::token_failure(detail));
}

TEST_CASE("token_failure: for good or for now, by whom, and what to do") {
  constexpr auto refused = errc::token_refused;
  constexpr auto unavailable = errc::token_unavailable;
  const std::vector<row> table{
      {errc::resolve_failed, 0, "", unavailable, "host in the identity server's address"},
      {errc::connect_failed, 0, "", unavailable, "running and reachable"},
      {errc::handshake_failed, 0, "", unavailable, "speaks TLS"},
      {errc::connection_lost, 0, "", unavailable, "network between here and the identity server"},
      {errc::truncated, 200, "", unavailable, "network between here and the identity server"},
      {errc::timed_out, 0, "", unavailable, "allow more time"},
      {errc::certificate_rejected, 0, "", refused, "name the authority that signed"},
      {errc::client_certificate_rejected, 0, "", refused, "certificate that the identity server"},
      {errc::throttled, 429, "", unavailable, "fewer requests"},
      {errc::server_error, 503, "", unavailable, "the identity server is in trouble"},
      {errc::server_error, 500, "unknown_error", unavailable, "the identity server is in trouble"},
      {errc::redirected, 302, "", refused, "redirects are not followed"},
      {errc::bad_response, 200, "", refused, "the identity server's token endpoint"},
      {errc::malformed_answer, 0, "", refused, "the identity server's token endpoint"},
      {errc::not_found, 404, "", refused, "its host, its path, and the realm"},
      {errc::not_found, 404, "Realm does not exist", refused, "check the realm"},
      {errc::rejected, 405, "", refused, "its host, its path, and the realm"},
      {errc::unauthorized, 401, "invalid_client: who?", refused, "the client secret"},
      {errc::rejected, 400, "invalid_client", refused, "the client secret"},
      {errc::rejected, 400, "unauthorized_client: no", refused, "the client secret"},
      {errc::forbidden, 403, "", refused, "the client secret"},
      {errc::rejected, 400, "invalid_grant: who?", refused, "the user name and the password"},
      {errc::unauthorized, 401, "invalid_grant", refused, "the user name and the password"},
      {errc::rejected, 400, "invalid_scope", refused, "check the scope"},
      {errc::rejected, 400, "scope_invalid", refused, "check the scope"},
      {errc::rejected, 400, "invalid_target", refused, "check the audience"},
      {errc::forbidden, 403, "access_denied: Service not found", refused, "check the audience"},
      {errc::rejected, 400, "unsupported_grant_type", refused, "does not offer this grant"},
      {errc::rejected, 400, "invalid_request: no", refused, "in the form or as basic"},
      {errc::rejected, 200, "invalid_client", refused, "the client secret"},
      {errc::rejected, 200, "temporarily_unavailable", unavailable, "in trouble"},
      {errc::rejected, 400, "temporarily_unavailable: later", unavailable, "in trouble"},
      {errc::invalid_argument, 0, "", refused, "where the token comes from"},
      {errc::cancelled, 0, "", unavailable, "where the token comes from"},
  };
  for (const auto& each : table) {
    CAPTURE(std::string(to_string(each.code)));
    CAPTURE(each.http_status);
    CAPTURE(each.words);
    const auto why = told(each);
    CHECK(why.detail().code == each.becomes);
    CHECK(why == (each.becomes == refused ? condition::unauthorized : condition::unavailable));
    CHECK(why.detail().step == phase::token);
    CHECK(why.detail().cause == make_error_code(each.code));
    CHECK(why.detail().http_status == each.http_status);
    CHECK(why.detail().server_message == each.words);
    CHECK(why.detail().answered_by ==
          (each.http_status == 0 ? responder::none : responder::identity_server));
    CAPTURE(why.advice());
    CHECK(why.advice().find(each.advice) != std::string::npos);
    CHECK(why.advice().find("base URL") == std::string::npos);
    // Done twice, it is the same.
    const failure again(binarly::call::token_failure(why.detail()));
    CHECK(again.message() == why.message());
  }
}

TEST_CASE("token_failure: a proxy's refusal is not taken for the identity server's") {
  failure_detail detail;
  detail.code = errc::proxy_refused;
  detail.proxy_status = 407;
  failure why(binarly::call::token_failure(detail));
  CHECK(why == errc::token_refused);
  CHECK(why.detail().answered_by == responder::proxy);
  CHECK(why.advice() ==
        "check the proxy's user name and password, and that it takes Basic credentials");
  detail.proxy_status = 503;
  why = failure(binarly::call::token_failure(detail));
  CHECK(why == errc::token_unavailable);
  CHECK(why.advice().find("lets the identity server's host and port through") != std::string::npos);
  detail.proxy_status = 0;
  CHECK(failure(binarly::call::token_failure(detail)) == errc::token_refused);
}

TEST_CASE("token_failure: one line tells who said what") {
  CHECK(told({errc::unauthorized, 401, "invalid_client: who?", {}, ""}).message() ==
        "no token is given (HTTP 401): from auth.example: the identity server says "
        "\"invalid_client: who?\"; check the client id and the client secret, and that the "
        "identity server lets this client get tokens in this way");
}

}  // namespace
