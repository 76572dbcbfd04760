// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/packed.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

bool one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

/// What holds for whatever failure a service provokes.
void check_manners(const failure& why) {
  const std::string line = why.message();
  CHECK(one_line(line));
  CHECK(line.size() < 2000);
  CHECK(!contains(line, client_token));
  CHECK(contains(line, why.detail().resource));
  CHECK(why.detail().operation == "get image");
  CHECK(why.detail().elapsed.count() > 0);
  if (!why.advice().empty()) CHECK(contains(line, why.advice()));
}

/// A fault, and what a lookup that meets it comes to.
struct outcome {
  fault kind;
  errc code;
  phase step;
  unsigned status;
  bool retried;
  std::string words;  ///< somewhere in the message
};

const std::vector<outcome> outcomes{
    {fault::reset_before, errc::connection_lost, phase::head, 0, true, ""},
    {fault::reset_in_head, errc::truncated, phase::head, 0, true, ""},
    {fault::reset_in_body, errc::truncated, phase::body, 200, true, ""},
    {fault::close_before, errc::connection_lost, phase::head, 0, true, "closed the connection"},
    {fault::truncate_body, errc::truncated, phase::body, 200, true, "closed the connection"},
    {fault::unannounced_end, errc::truncated, phase::body, 200, true, "without TLS's goodbye"},
    {fault::status_408, errc::server_error, phase::decode, 408, true, "HTTP 408"},
    {fault::status_429, errc::throttled, phase::decode, 429, true, "HTTP 429"},
    {fault::status_500, errc::server_error, phase::decode, 500, true, "internal error"},
    {fault::status_502, errc::server_error, phase::decode, 502, true, "HTTP 502"},
    {fault::status_503, errc::server_error, phase::decode, 503, true, "HTTP 503"},
    {fault::status_504, errc::server_error, phase::decode, 504, true, "HTTP 504"},
    {fault::html_error, errc::server_error, phase::decode, 502, true, "HTTP 502"},
    {fault::html_success, errc::bad_response, phase::decode, 200, false, "byte"},
    {fault::wrong_json, errc::bad_response, phase::decode, 200, false, "id"},
    {fault::broken_json, errc::bad_response, phase::decode, 200, false, "byte"},
    {fault::deep_json, errc::bad_response, phase::decode, 200, false, "deep"},
    {fault::huge_body, errc::too_large, phase::body, 200, false, "4194304 bytes"},
    {fault::huge_head, errc::too_large, phase::head, 0, false, "16384 bytes"},
    {fault::garbage, errc::malformed_answer, phase::head, 0, false, "not proper HTTP"},
    {fault::redirect, errc::redirected, phase::decode, 302, false, "elsewhere.invalid"},
    {fault::forbidden, errc::forbidden, phase::decode, 403, false, "products.view"},
};

retry_policy at_once(int attempts) {
  return retry_policy().max_attempts(attempts).base_delay(0ms).delay_cap(0ms);
}

std::string body_with_length(const std::string& status, const std::string& headers,
                             const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// What a server's bytes make of a lookup.
result<image> outcome_of(raw_server::responder answer, const image_ref& ref,
                         const call_options& options = call_options()) {
  asio::io_context context;
  const raw_server server(context.get_executor(), std::move(answer));
  const client service(context.get_executor(),
                       options_for(url_of_port(server.port()), server.ca_pem()));
  const lookup one(service, ref, options);
  run_until(context, [&] { return one.done(); });
  return one.outcome();
}

result<image> outcome_of(const std::string& answer, const image_ref& ref,
                         const call_options& options = call_options()) {
  return outcome_of([&answer](const std::string&) { return answer; }, ref, options);
}

failure failure_of(raw_server::responder answer) {
  const auto outcome = outcome_of(std::move(answer), image_ref("product", "image"));
  REQUIRE(!outcome);
  return outcome.error();
}

}  // namespace

TEST_CASE("client: each fault of a service has its own failure, on every detail of it") {
  client_fixture world;
  std::uint64_t index = 0;
  for (const auto& [kind, code, step, status, retried, words] : outcomes) {
    CAPTURE(to_string(kind));
    // Over a connection that has served, some of them would be replayed without a word.
    const auto service = world.make_client();
    const auto ref = world.ref(++index);
    world.service.script(ref, {misbehaviour(kind)});
    const auto found = world.get(service, ref);
    REQUIRE(!found);
    const failure why = found.error();
    const auto& detail = why.detail();
    CAPTURE(why.message());
    CHECK(detail.code == code);
    CHECK(detail.step == step);
    CHECK(detail.http_status == status);
    CHECK(detail.attempts == 1);
    CHECK(detail.resource == ref.path());
    CHECK(detail.request_id.starts_with("fake-") == (status != 0));
    CHECK(!detail.retry_after);
    CHECK(!why.advice().empty());
    CHECK(contains(why.message(), words));
    check_manners(why);
    CHECK(world.get(service, ref).value().id == ref.image_id());
  }
}

TEST_CASE("client: faults that may pass are tried again, and then nobody hears of them") {
  client_fixture world;
  call_options options;
  options.retry = at_once(3);
  std::uint64_t index = 0;
  for (const auto& [kind, code, step, status, retried, words] : outcomes) {
    CAPTURE(to_string(kind));
    const auto service = world.make_client();
    const auto ref = world.ref(++index);
    world.service.script(ref, {misbehaviour(kind), misbehaviour(kind)});
    const auto before = world.service.counters().requests;
    const auto found = world.get(service, ref, options);
    const auto requests = world.service.counters().requests - before;
    if (retried) {
      CHECK(found.has_value());
      CHECK(requests == 3);
    } else {
      REQUIRE(!found);
      CHECK(found.error().detail().attempts == 1);
      CHECK(requests == 1);
    }
  }
}

TEST_CASE("client: a fault that stays is reported with the last attempt's details") {
  client_fixture world;
  const auto service = world.make_client();
  const auto ref = world.ref(1);
  call_options options;
  options.retry = at_once(3);
  world.service.script(ref, {misbehaviour(fault::status_503), misbehaviour(fault::reset_in_body),
                             misbehaviour(fault::status_500), misbehaviour()});
  const failure why = world.get(service, ref, options).error();
  CHECK(why.detail().attempts == 3);
  CHECK(why.detail().http_status == 500);
  CHECK(why.detail().request_id == "fake-3");
  CHECK(contains(why.message(), "3 attempts"));
  CHECK(why == condition::unavailable);
  CHECK(world.service.counters().requests == 3);
}

TEST_CASE("client: what only looks odd is an image all the same") {
  client_fixture world;
  const auto service = world.make_client();
  misbehaviour slow(fault::slow_bytes);
  slow.duration = 20ms;
  misbehaviour late(fault::delay);
  late.duration = 1ms;
  std::uint64_t index = 0;
  for (const auto& odd :
       {misbehaviour(), misbehaviour(fault::continue_first), misbehaviour(fault::chunked),
        misbehaviour(fault::reset_after), misbehaviour(fault::close_after), slow, late}) {
    CAPTURE(to_string(odd.kind));
    const auto ref = world.ref(++index);
    world.service.script(ref, {odd});
    const auto found = world.get(service, ref);
    REQUIRE(found.has_value());
    CHECK(found->id == ref.image_id());
    CHECK(found->name == world.service.image_at(index).name);
    CHECK(found->version == world.service.image_at(index).version);
    CHECK(found->parent == "products/" + ref.product_id());
  }
}

TEST_CASE("client: another image than the one asked for is a bad answer, and does not verify") {
  client_fixture world;
  const auto service = world.make_client();
  const auto ref = world.ref(1);
  world.service.script(ref, {misbehaviour(fault::wrong_image), misbehaviour(fault::wrong_image)});
  const auto found = world.get(service, ref);
  REQUIRE(found.has_error());
  check_manners(found.error());
  CHECK(found.error() == errc::bad_response);
  CHECK(found.error().detail().step == phase::decode);
  CHECK(found.error().detail().http_status == 200);
  CHECK(contains(found.error().message(), "about another image: asked for \"" + ref.image_id() +
                                              "\", got \"" + world.ref(2).image_id() + '"'));

  std::vector<verification> verified;
  bool ended = false;
  async_verify_images(
      service, std::vector<image_ref>{ref},
      [&](verification done) { verified.push_back(std::move(done)); }, {},
      [&](const std::exception_ptr&, const verify_summary&) { ended = true; });
  run_until(world.context, [&] { return ended; });
  REQUIRE(verified.size() == 1);
  CHECK(verified[0].verdict == verdict::failed);
  CHECK(verified[0].failure == errc::bad_response);
  CHECK(verified[0].mismatches.empty());
  CHECK(verified[0].image == nullptr);
}

TEST_CASE("client: what an answer says of itself is compared with what was asked for") {
  const std::string product = "01JQPGDX8QW0YJ0XEKV1EVG534";
  const std::string image = "01JYJ0W0AACGC7QT1Q21SRWG94";
  const std::string small_product = "01jqpgdx8qw0yj0xekv1evg534";
  const std::string small_image = "01jyj0w0aacgc7qt1q21srwg94";
  const std::string other = "01JYJ0W0AACGC7QT1Q21SRWG95";
  struct row {
    image_ref asked;
    std::string id;
    std::string parent;  ///< JSON; empty for none
    std::string words;   ///< of the refusal; empty for an image
  };
  const auto quoted = [](const std::string& text) { return '"' + text + '"'; };
  const image_ref ref(product, image);
  const image_ref small(small_product, small_image);
  const image_ref plain("p", "img_abc");
  const std::vector<row> table{
      {ref, image, quoted("products/" + product), ""},
      {ref, image, "", ""},
      {ref, image, "null", ""},
      {ref, image, quoted(""), ""},
      {ref, image, quoted("/products/" + product), ""},
      {ref, small_image, quoted("products/" + small_product), ""},
      {small, image, quoted("products/" + product), ""},
      {small, "products/" + product + "/images/" + image, quoted("products/" + product), ""},
      {plain, "img_abc", quoted("products/p"), ""},
      {plain, "/products/p/images/img_abc", "", ""},
      {ref, other, "", "another image: asked for \"" + image + "\", got \"" + other + '"'},
      {ref, "", "", "another image: asked for \"" + image + "\", got none"},
      {ref, "products/P/images/" + image, "", "another image"},
      {ref, "products/" + product + "/images/" + other, "", "another image"},
      {plain, "img_ABC", "", "another image: asked for \"img_abc\", got \"img_ABC\""},
      {plain, "a\\u001b[2J", "", "got \"a\\x1b[2J\""},
      {plain, std::string(5000, 'i'), "", "got one of 5000 bytes"},
      {plain, client_token, "", "another image"},
      {ref, image, quoted("products/" + other),
       "another product: asked for \"products/" + product + "\", got \"products/" + other + '"'},
      {plain, "img_abc", quoted("products/P"), "another product"},
      {plain, "img_abc", quoted("p"), "another product"},
      {plain, "img_abc", quoted("products/p/images/img_abc"), "another product"},
  };
  for (const auto& [asked, id, parent, words] : table) {
    CAPTURE(id);
    CAPTURE(parent);
    const std::string body =
        R"({"id":")" + id + '"' + (parent.empty() ? "" : R"(,"parent":)" + parent) + '}';
    for (const bool join : {false, true}) {
      call_options options;
      options.join = join;
      const auto found = outcome_of(body_with_length("200 OK", "", body), asked, options);
      CHECK(found.has_value() == words.empty());
      if (found) continue;
      check_manners(found.error());
      CHECK(found.error() == errc::bad_response);
      CHECK(found.error().detail().step == phase::decode);
      CHECK(contains(found.error().message(), words));
    }
  }
}

TEST_CASE("client: an image in gzip's coding is read, within the limit, and no other coding is") {
  const image_ref ref("product", "image");
  const std::string body = R"({"id":"image","name":"n"})";
  const std::string gzip = "Content-Encoding: gzip\r\n";
  const auto get = [&ref](const std::string& headers, const std::string& bytes) {
    return outcome_of(body_with_length("200 OK", headers, bytes), ref);
  };
  const auto refused = [&get](const std::string& headers, const std::string& bytes,
                              const std::string& words, errc code = errc::bad_response) {
    const auto found = get(headers, bytes);
    REQUIRE(found.has_error());
    check_manners(found.error());
    CAPTURE(found.error().message());
    return found.error() == code && found.error().detail().step == phase::decode &&
           contains(found.error().message(), words);
  };
  CHECK(get(gzip, packed(body)).value().name == "n");
  CHECK(get("content-encoding: X-GZIP\r\n", packed(body)).has_value());
  CHECK(get("Content-Encoding: identity\r\n", body).has_value());
  CHECK(get(gzip, packed("\xef\xbb\xbf" + body)).has_value());
  CHECK(refused("Content-Encoding: br\r\n", body, "its coding is \"br\""));
  CHECK(refused(gzip + gzip, packed(packed(body)), "\"gzip, gzip\""));
  CHECK(refused(gzip, body, "gzip coding is broken"));
  CHECK(refused(gzip, packed(body).substr(0, 20), "gzip coding ends in the middle"));
  CHECK(refused("", packed(body), "not JSON"));
  CHECK(refused(gzip, packed(R"({"id":"other"})"), "about another image"));
  const std::string bomb = packed(body + std::string(5'000'000, ' '));
  CHECK(
      refused(gzip, bomb, "larger than 4194304 bytes once its coding is undone", errc::too_large));
}

TEST_CASE("client: a byte order mark before an image or an error is passed over") {
  const std::string mark = "\xef\xbb\xbf";
  const image_ref ref("product", "image");
  CHECK(outcome_of(body_with_length("200 OK", "", mark + R"({"id":"image"})"), ref).has_value());
  const auto missing = outcome_of(
      body_with_length("404 Not Found", "", mark + R"({"message":"no such image"})"), ref);
  REQUIRE(missing.has_error());
  CHECK(missing.error() == errc::not_found);
  CHECK(missing.error().detail().server_message == "no such image");
}

TEST_CASE("client: a base URL with the API's path at its end is the same service") {
  fake_service_options served;
  served.record_heads = true;
  for (const std::string prefix : {"", "/on/premise"}) {
    served.path_prefix = prefix;
    client_fixture world(served);
    for (const std::string tail : {"", "/", "/api/v4", "/api/v4/"}) {
      world.options.base_url = world.service.base_url() + tail;
      CAPTURE(world.options.base_url);
      CHECK(world.get(world.make_client(), world.ref(1)).has_value());
      CHECK(world.service.recent_heads().back().starts_with("GET " + prefix + "/api/v4/" +
                                                            world.ref(1).path() + " HTTP/1.1\r\n"));
    }
  }
}

TEST_CASE("client: counts come only where they were asked for") {
  client_fixture world;
  const auto service = world.make_client();
  call_options options;
  options.with_counts = true;
  CHECK(!world.get(service, world.ref(1)).value().counts);
  CHECK(world.get(service, world.ref(1), options).value().counts);
}

TEST_CASE("client: a token that is not accepted, and an image that is not there") {
  fake_service_options served;
  served.token = "another-token";
  client_fixture world(served);
  const failure refused = world.get(world.make_client(), world.ref(1)).error();
  CHECK(refused == condition::unauthorized);
  CHECK(refused.detail().http_status == 401);
  CHECK(refused.detail().attempts == 1);
  CHECK(contains(refused.detail().server_message, "bearer token"));
  CHECK(!contains(refused.message(), "another-token"));
  check_manners(refused);

  world.options.auth = credentials::bearer("another-token");
  const auto service = world.make_client();
  CHECK(world.get(service, world.ref(1)).has_value());
  call_options patient;
  patient.retry = at_once(3);
  const image_ref unknown("01JQPGDX8QW0YJ0XEKV1EVG534", "01JYJ0W0AACGC7QT1Q21SRWG94");
  const failure missing = world.get(service, unknown, patient).error();
  CHECK(missing == condition::not_found);
  CHECK(missing.detail().http_status == 404);
  CHECK(missing.detail().attempts == 1);
  CHECK(contains(missing.detail().server_message, "not found"));
  check_manners(missing);
}

TEST_CASE("client: a missing permission is named") {
  client_fixture world;
  const auto ref = world.ref(3);
  world.service.script(ref, {misbehaviour(fault::forbidden)});
  const failure why = world.get(world.make_client(), ref).error();
  CHECK(why == condition::forbidden);
  CHECK(why.detail().permission == "products.view");
  CHECK(why.detail().resource_name == ref.path());
  CHECK(contains(why.message(), "products.view"));
}

TEST_CASE("client: the service's wish to wait is honoured, and reported") {
  client_fixture world;
  const auto service = world.make_client();
  const auto ref = world.ref(1);
  call_options patient;
  patient.retry = at_once(2);
  const auto asking = [](const std::string& wait) {
    misbehaviour throttled(fault::status_429);
    throttled.retry_after = wait;
    return throttled;
  };

  world.service.script(ref, {asking("0")});
  CHECK(world.get(service, ref, patient).has_value());
  world.service.script(ref, {asking("Wed, 21 Oct 2015 07:28:00 GMT")});
  CHECK(world.get(service, ref, patient).has_value());

  // Longer than the policy waits for anybody: not asked again.
  world.service.script(ref, {asking("61")});
  const failure soon = world.get(service, ref, patient).error();
  CHECK(soon == condition::throttled);
  CHECK(soon.detail().retry_after == 61s);
  CHECK(soon.detail().attempts == 1);
  CHECK(contains(soon.message(), "61 s"));
  world.service.script(ref, {asking("Fri, 31 Dec 2399 23:59:59 GMT")});
  const failure late = world.get(service, ref, patient).error();
  CHECK(late.detail().retry_after > 24h);
  CHECK(late.detail().attempts == 1);

  // Not beyond what is left of the call's own time, either.
  patient.deadline = 30s;
  world.service.script(ref, {asking("31")});
  const failure no_time = world.get(service, ref, patient).error();
  CHECK(no_time == condition::throttled);
  CHECK(no_time.detail().attempts == 1);
}

TEST_CASE("client: a server that echoes the token makes no failure repeat it") {
  const std::string token = client_token;
  const std::vector<std::string> echoes{
      body_with_length("500 Oops", "Content-Type: application/json\r\n",
                       R"({"message":"bad request: Bearer )" + token + R"("})"),
      body_with_length("409 Conflict", "Content-Type: application/json\r\n",
                       R"({"message":"no","details":[{"reason":")" + token + R"(","field":")" +
                           token + R"(","service":")" + token + R"(","error":")" + token +
                           R"("}]})"),
      body_with_length(
          "403 Forbidden", "Content-Type: application/json\r\n",
          R"({"message":"no","permission":")" + token + R"(","resourceName":")" + token + R"("})"),
      body_with_length("500 " + token, "x-request-id: " + token + "\r\n", token),
      body_with_length("302 Found", "Location: https://elsewhere.invalid/?t=" + token + "\r\n", ""),
      body_with_length("429 Wait", "Retry-After: " + token + "\r\n", ""),
      body_with_length(
          "200 OK", "Content-Type: application/json\r\n",
          R"({"id":"i","name":"n","version":"v","author":"a","createTime":")" + token + R"("})"),
      body_with_length("200 OK", "Content-Type: application/json\r\n",
                       R"({"id":"i","name":"n","version":"v","author":7,")" + token + R"(":[})"),
      body_with_length("200 OK", "Content-Type: " + token + "\r\n", token),
      "HTTP/1.1 200 OK\r\nContent-Length: " + token + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + token + "\r\nContent-Length: 1\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nno colon " + token + "\r\n\r\n",
      token + "\r\n\r\n",
  };
  for (const auto& echo : echoes) {
    CAPTURE(echo);
    bool shown = false;
    const failure why = failure_of([&](const std::string& head) {
      shown = contains(head, "\r\nAuthorization: Bearer " + token + "\r\n");
      return echo;
    });
    CHECK(shown);
    check_manners(why);
    const auto& detail = why.detail();
    for (const auto& text : {detail.reason, detail.server_message, detail.permission,
                             detail.resource_name, detail.request_id, detail.cause.message()}) {
      CHECK(!contains(text, token));
    }
    for (const auto& each : detail.details) {
      CHECK(!contains(each.reason + each.field + each.service + each.error, token));
    }
  }
}

TEST_CASE("client: hostile texts of a server stay on one line") {
  const std::string escapes = R"(\u001b[2J\r\n\u0000\u0007\u202e)";
  const std::vector<std::string> answers{
      body_with_length("500 Oops", "x-request-id: a\tb\x80\xff\r\n",
                       R"({"message":")" + escapes + R"(","details":[{"reason":")" + escapes +
                           R"(","error":")" + escapes + R"("}]})"),
      body_with_length("403 No", "",
                       R"({"message":"","permission":")" + escapes + R"(","resourceName":")" +
                           escapes + R"("})"),
      body_with_length("301 Moved", "Location: //x\t\x9b[2J\r\n", ""),
      body_with_length("200 OK", "", "{\"\\n\x1b[2J\":1"),
      body_with_length(
          "200 OK", "",
          R"({"id":"i","name":"n","version":"v","author":"a","createTime":")" + escapes + R"("})"),
      body_with_length("500 Oops", "", R"({"message":")" + std::string(1 << 20, 'x') + R"("})"),
      "HTTP/1.1 200 O\x1bK\r\n\r\n",
  };
  for (const auto& answer : answers) {
    check_manners(failure_of([&](const std::string&) { return answer; }));
  }
}

TEST_CASE("answers: a call reports what it went through, whatever came of it") {
  client_fixture world;
  world.options.retry = retry_policy().max_attempts(3).base_delay(0ms).delay_cap(0ms);
  const auto from = world.make_client();
  call_options call;
  call.report = std::make_shared<call_report>();
  const auto& report = *call.report;

  SUBCASE("success at once") {
    CHECK(world.get(from, world.ref(0), call).has_value());
    CHECK(report.attempts == 1);
    CHECK(report.failed_attempts.empty());
    CHECK(report.bytes > 100);
    CHECK(report.limit == 0);
    CHECK(report.limited.count() == 0);
    CHECK(!report.joined);
  }
  SUBCASE("success in the end, under the limit") {
    call.adaptive_limit = true;
    world.service.script(world.ref(0),
                         {misbehaviour(fault::status_500), misbehaviour(fault::truncate_body)});
    CHECK(world.get(from, world.ref(0), call).has_value());
    CHECK(report.attempts == 3);
    REQUIRE(report.failed_attempts.size() == 2);
    CHECK(report.failed_attempts[0].code == errc::server_error);
    CHECK(report.failed_attempts[1].code == errc::truncated);
    CHECK(report.limit > 0);
  }
  SUBCASE("failure") {
    world.service.script(world.ref(0),
                         {misbehaviour(fault::status_500), misbehaviour(fault::forbidden)});
    CHECK(world.get(from, world.ref(0), call).has_error());
    CHECK(report.attempts == 2);
    REQUIRE(report.failed_attempts.size() == 2);
    CHECK(report.failed_attempts[1].code == errc::forbidden);
  }
  SUBCASE("refused before anything was sent") {
    call.report->attempts = 7;
    CHECK(world.get(from, image_ref(), call).has_error());
    CHECK(report.attempts == 0);
    CHECK(report.bytes == 0);
  }
}
