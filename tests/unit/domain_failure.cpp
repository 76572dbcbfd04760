// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/failure.hpp>

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <vector>

namespace {

using binarly::condition;
using binarly::errc;
using binarly::failure;
using binarly::failure_detail;
using binarly::phase;
using binarly::result;
using namespace std::chrono_literals;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("failure: compared with a code and with a condition") {
  const failure refused(errc::token_refused, "");
  CHECK(refused == errc::token_refused);
  CHECK_FALSE(refused == errc::unauthorized);
  CHECK(refused == condition::unauthorized);
  CHECK(failure(errc::token_unavailable, "") == condition::unavailable);
  CHECK_FALSE(failure() == errc::not_found);
  const result<int> none(failure(errc::not_found, ""));
  CHECK(none.error() == errc::not_found);
}

TEST_CASE("a failure says in one line what, where, why, how often and what to do") {
  failure_detail detail;
  detail.code = errc::forbidden;
  detail.step = phase::decode;
  detail.operation = "get image";
  detail.resource = "products/P/images/I";
  detail.http_status = 403;
  detail.server_message = "permission denied";
  detail.details = {{"missing", "", "images", ""}, {"", "", "", ""}};
  detail.permission = "image.read";
  detail.resource_name = "products/P";
  detail.request_id = "r-17";
  detail.attempts = 2;
  detail.elapsed = 1250ms;
  detail.retry_after = 3s;
  std::ostringstream out;
  out << failure(detail);
  CHECK(out.str() ==
        "get image products/P/images/I: forbidden (HTTP 403): the service says \"permission "
        "denied\" [missing, images]; missing permission image.read on products/P (request id "
        "r-17, the service asks to wait 3 s, 2 attempts, 1.25 s); ask for the missing permission, "
        "or use another token");
}

TEST_CASE("a transport failure names the phase and the cause") {
  failure_detail detail;
  detail.code = errc::connect_failed;
  detail.step = phase::connect;
  detail.operation = "get image";
  detail.resource = "products/P/images/I";
  detail.reason = "localhost:9: Connection refused";
  detail.attempts = 1;
  detail.elapsed = 850us;
  CHECK(failure(detail).message() ==
        "get image products/P/images/I: no connection while connecting: localhost:9: Connection "
        "refused (1 attempt, 850 us); check the base URL, and that the service, or the proxy, is "
        "running and "
        "reachable from here");
}

TEST_CASE("a proxy that refuses is not taken for the service") {
  failure_detail detail;
  detail.code = errc::proxy_refused;
  detail.step = phase::proxy;
  detail.operation = "get image";
  detail.resource = "products/P/images/I";
  detail.reason = "the proxy p.example:3128 answered 407";
  detail.proxy_status = 407;
  CHECK(failure(detail).message() ==
        "get image products/P/images/I: refused by the proxy while opening a tunnel: the proxy "
        "p.example:3128 answered 407; check the proxy's user name and password, and that it takes "
        "Basic credentials");
  CHECK_FALSE(failure(detail) == condition::unauthorized);
  detail.proxy_status = 403;
  CHECK(contains(failure(detail).advice(), "lets the service's host and port through"));
  detail.proxy_status = 0;  // SOCKS has none
  CHECK(contains(failure(detail).advice(), "user name and password"));
  detail.code = errc::connection_lost;
  CHECK(contains(failure(detail).advice(), "check that the proxy is well"));
  detail.step = phase::body;
  CHECK_FALSE(contains(failure(detail).advice(), "proxy"));
  CHECK(to_string(phase::proxy) == "proxy");
}

TEST_CASE("each code belongs to its condition, and to no other") {
  struct row {
    errc code;
    condition group;
  };
  const std::vector<row> table{
      {errc::not_found, condition::not_found},
      {errc::unauthorized, condition::unauthorized},
      {errc::forbidden, condition::forbidden},
      {errc::throttled, condition::throttled},
      {errc::timed_out, condition::timed_out},
      {errc::cancelled, condition::cancelled},
      {errc::client_closed, condition::cancelled},
      {errc::resolve_failed, condition::transport},
      {errc::connect_failed, condition::transport},
      {errc::proxy_refused, condition::transport},
      {errc::certificate_rejected, condition::transport},
      {errc::handshake_failed, condition::transport},
      {errc::connection_lost, condition::transport},
      {errc::truncated, condition::transport},
      {errc::malformed_answer, condition::bad_response},
      {errc::too_large, condition::bad_response},
      {errc::redirected, condition::bad_response},
      {errc::bad_response, condition::bad_response},
      {errc::server_error, condition::unavailable},
      {errc::circuit_open, condition::unavailable},
  };
  const std::vector<condition> all{
      condition::not_found, condition::unauthorized, condition::forbidden,
      condition::throttled, condition::timed_out,    condition::cancelled,
      condition::transport, condition::bad_response, condition::unavailable,
  };
  for (const auto& [code, group] : table) {
    CAPTURE(make_error_code(code).message());
    for (const condition other : all) {
      CHECK((failure(code, "") == other) == (other == group));
    }
  }
}

TEST_CASE("as JSON a failure has all of its members that are not empty, and its history") {
  failure_detail detail;
  detail.code = errc::throttled;
  detail.step = phase::decode;
  detail.operation = "get image";
  detail.resource = "products/P/images/I";
  detail.http_status = 429;
  detail.server_message = "say \"please\"";
  detail.details = {{"slow", "", "images", ""}};
  detail.request_id = "r-17";
  detail.call_id = "0123456789ABC";
  detail.attempts = 2;
  detail.elapsed = 1250ms;
  detail.retry_after = 90s;
  detail.stopped = binarly::retry_stop::retry_after;
  detail.stop_reason = "so";
  binarly::attempt_record first;
  first.number = 1;
  first.code = errc::timed_out;
  first.step = phase::head;
  first.duration = 30ms;
  binarly::attempt_record second;
  second.number = 2;
  second.code = errc::throttled;
  second.step = phase::decode;
  second.http_status = 429;
  second.hedge = true;
  second.wait = 50ms;
  second.duration = 1us;
  second.request_id = "r-17";
  detail.history = {first, second};
  const failure why(detail);
  CHECK(why.json() ==
        R"({"code":"throttled","step":"decode","http_status":429,"message":"get image )"
        R"(products/P/images/I: throttled (HTTP 429): the service says \"say \"please\"\" [slow, )"
        R"(images] (request id r-17, call id 0123456789ABC, the service asks to wait 90 s, 2 )"
        R"(attempts, 1.25 s); not tried again: so; lower the rate or the window, and try again )"
        R"(later","advice":"lower the rate or the window, and try again later",)"
        R"("operation":"get image","resource":"products/P/images/I",)"
        R"("server_message":"say \"please\"","details":[{"reason":"slow","service":"images"}],)"
        R"("request_id":"r-17","call_id":"0123456789ABC","retry_after_s":90,"attempts":2,)"
        R"("elapsed_us":1250000,"stopped":"retry_after","stop_reason":"so","history":[)"
        R"({"number":1,"code":"timed_out","step":"head","duration_us":30000},)"
        R"({"number":2,"code":"throttled","step":"decode","http_status":429,"hedge":true,)"
        R"("wait_us":50000,"duration_us":1,"request_id":"r-17"}]})");
  CHECK(failure().json() == "{}");
}

TEST_CASE("a default-constructed failure is none") {
  const failure none;
  CHECK_FALSE(none.code());
  CHECK(none.detail().attempts == 0);
  CHECK(none.message() == "no failure");
  CHECK(none.advice().empty());
}

TEST_CASE("value() of a failure throws what carries it") {
  const binarly::result<int> outcome = failure(errc::not_found, "");
  try {
    (void)outcome.value();
    FAIL("nothing was thrown");
  } catch (const binarly::failure_error& thrown) {
    CHECK(thrown.why().code() == errc::not_found);
    CHECK(contains(thrown.what(), "not found"));
  }
}

}  // namespace
