// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/service_fixture.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

misbehaviour lasting(fault kind, std::chrono::milliseconds duration) {
  misbehaviour made(kind);
  made.duration = duration;
  return made;
}

/// A TLS service, and what its client gets when one request meets the fault.
struct faulty : service_fixture {
  faulty() : service_fixture(fake_service_options()), ref(service.image_at(3).ref) {}

  void next(const misbehaviour& one) { service.script(ref, {one}); }
  wire_answer answer_to(fault kind) {
    next(misbehaviour(kind));
    return ask(get_request(ref));
  }
  wire_end end_of(fault kind) {
    next(misbehaviour(kind));
    return ask_to_the_end(get_request(ref));
  }

  image_ref ref;
};

/// Whether the bytes hold the whole answer, as far as its head announces one.
bool is_whole(const std::string& bytes) {
  const std::size_t end_of_head = bytes.find("\r\n\r\n");
  if (end_of_head == std::string::npos) return false;
  const std::string field = "Content-Length: ";
  const std::size_t at = bytes.find(field);
  return at < end_of_head &&
         bytes.size() == end_of_head + 4 + std::stoul(bytes.substr(at + field.size()));
}

std::vector<unsigned> statuses(std::uint64_t seed) {
  fake_service_options options = plain_options();
  options.seed = seed;
  options.faults = {misbehaviour(fault::status_503, 0.25), misbehaviour(fault::status_429, 0.25)};
  service_fixture setup(options);
  const std::string request = get_request(setup.service.image_at(0).ref);
  std::vector<unsigned> seen;
  for (int count = 0; count < 200; ++count)
    seen.push_back(setup.ask(request).status);
  CHECK(setup.service.counters().faults ==
        200U - static_cast<std::uint64_t>(std::ranges::count(seen, 200U)));
  return seen;
}

}  // namespace

TEST_CASE("faults: statuses, with and without Retry-After") {
  faulty setup;
  const std::pair<fault, unsigned> table[] = {
      {fault::status_408, 408}, {fault::status_429, 429}, {fault::status_500, 500},
      {fault::status_502, 502}, {fault::status_503, 503}, {fault::status_504, 504},
  };
  for (const auto& [kind, status] : table) {
    CAPTURE(status);
    const wire_answer bare = setup.answer_to(kind);
    CHECK(bare.status == status);
    CHECK(bare.head.find("Retry-After") == std::string::npos);
    misbehaviour later(kind);
    later.retry_after = "Wed, 21 Oct 2099 07:28:00 GMT";
    setup.next(later);
    CHECK(setup.ask(get_request(setup.ref))
              .head.find("\r\nRetry-After: Wed, 21 Oct 2099 07:28:00 "
                         "GMT\r\n") != std::string::npos);
  }
  CHECK(setup.ask(get_request(setup.ref)).status == 200);
  CHECK(setup.service.counters().faults == 12);
  CHECK(setup.service.counters().connections == 1);
}

TEST_CASE("faults: contents") {
  faulty setup;
  const std::string proper = setup.ask(get_request(setup.ref)).body;

  const wire_answer html = setup.answer_to(fault::html_error);
  CHECK(html.status == 502);
  CHECK(html.head.find("Content-Type: text/html") != std::string::npos);
  CHECK(html.body.starts_with("<!DOCTYPE html>"));
  CHECK(setup.answer_to(fault::html_success).status == 200);

  const wire_answer wrong = setup.answer_to(fault::wrong_json);
  CHECK(wrong.status == 200);
  CHECK_FALSE(json::parse(wrong.body).as_object().contains("id"));

  const wire_answer broken = setup.answer_to(fault::broken_json);
  CHECK(broken.status == 200);
  CHECK(broken.body == proper.substr(0, proper.size() / 2));

  const wire_answer other = setup.answer_to(fault::wrong_image);
  CHECK(other.status == 200);
  CHECK(json::parse(other.body).at("id").as_string() == setup.service.image_at(4).ref.image_id());

  const std::string deep = setup.answer_to(fault::deep_json).body;
  CHECK(std::ranges::count(deep, '[') >= 10'000);
  json::parse_options limits;
  limits.max_depth = 20'000;
  CHECK(json::parse(deep, {}, limits).at("id").as_string() == setup.ref.image_id());

  const wire_answer away = setup.answer_to(fault::redirect);
  CHECK(away.status == 302);
  CHECK(away.head.find("\r\nLocation: https://elsewhere.invalid/\r\n") != std::string::npos);

  const wire_answer denied = setup.answer_to(fault::forbidden);
  CHECK(denied.status == 403);
  CHECK(json::parse(denied.body).at("permission").as_string() == "products.view");
  CHECK(json::parse(denied.body).at("resourceName").as_string() == setup.ref.path());

  CHECK(setup.answer_to(fault::none).body == proper);
  CHECK(setup.service.counters().connections == 1);
}

TEST_CASE("faults: connections that end early") {
  struct row {
    fault kind;
    boost::system::error_code error;
    bool head;
    bool whole;
  };
  const row table[] = {
      {fault::reset_before, asio::error::connection_reset, false, false},
      {fault::reset_in_head, asio::error::connection_reset, false, false},
      {fault::reset_in_body, asio::error::connection_reset, true, false},
      {fault::reset_after, asio::error::connection_reset, true, true},
      {fault::close_before, asio::error::eof, false, false},
      {fault::close_after, asio::error::eof, true, true},
      {fault::truncate_body, asio::error::eof, true, false},
      {fault::unannounced_end, asio::ssl::error::stream_truncated, true, false},
      {fault::garbage, asio::error::eof, true, false},
  };
  for (const row& expected : table) {
    CAPTURE(to_string(expected.kind));
    faulty setup;
    const wire_end end = setup.end_of(expected.kind);
    CHECK(end.error == expected.error);
    CHECK((end.bytes.find("\r\n\r\n") != std::string::npos) == expected.head);
    CHECK(is_whole(end.bytes) == expected.whole);
    const bool nothing =
        expected.kind == fault::reset_before || expected.kind == fault::close_before;
    CHECK(end.bytes.empty() == nothing);
    if (expected.kind == fault::close_after) {
      CHECK(end.bytes.find("Connection: keep-alive") != std::string::npos);
    }
    if (expected.kind == fault::unannounced_end) {
      CHECK(end.bytes.find("Content-Length") == std::string::npos);
      CHECK(end.bytes.ends_with("}"));
    }
  }
}

TEST_CASE("faults: huge answers") {
  SUBCASE("body") {
    faulty setup;
    setup.next(misbehaviour(fault::huge_body));
    const wire_end start = setup.ask_to_the_end(get_request(setup.ref), 100'000'000);
    CHECK_FALSE(start.error);
    CHECK(start.bytes.find("\r\nContent-Length: 100000000\r\n") != std::string::npos);
    CHECK(start.bytes.size() >= 100'000'000);
  }
  SUBCASE("head") {
    faulty setup;
    const wire_answer answer = setup.answer_to(fault::huge_head);
    CHECK(answer.head.size() > 1'000'000);
    CHECK(json::parse(answer.body).at("id").as_string() == setup.ref.image_id());
  }
}

TEST_CASE("faults: interim answers and chunks") {
  faulty setup;
  const std::string proper = setup.ask(get_request(setup.ref)).body;
  setup.next(misbehaviour(fault::continue_first));
  const wire_end interim = setup.ask_to_the_end(get_request(setup.ref, "Connection: close\r\n"));
  CHECK(interim.bytes.starts_with("HTTP/1.1 103 "));
  CHECK(interim.bytes.find("\r\n\r\nHTTP/1.1 200 OK\r\n") != std::string::npos);
  CHECK(interim.bytes.ends_with(proper));

  faulty another;
  another.next(misbehaviour(fault::chunked));
  const wire_end chunked =
      another.ask_to_the_end(get_request(another.ref, "Connection: close\r\n"));
  CHECK(chunked.bytes.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  std::string rest = chunked.bytes.substr(chunked.bytes.find("\r\n\r\n") + 4);
  std::string joined;
  for (;;) {
    const std::size_t size = std::stoul(rest, nullptr, 16);
    rest.erase(0, rest.find("\r\n") + 2);
    joined += rest.substr(0, size);
    REQUIRE(rest.substr(size, 2) == "\r\n");
    rest.erase(0, size + 2);
    if (size == 0) break;
  }
  CHECK(joined == proper);
  CHECK(rest.empty());
}

TEST_CASE("faults: late and slow answers are whole") {
  faulty setup;
  const std::string proper = setup.ask(get_request(setup.ref)).body;
  for (const fault kind : {fault::delay, fault::slow_bytes}) {
    CAPTURE(to_string(kind));
    setup.next(lasting(kind, 60ms));
    const auto start = std::chrono::steady_clock::now();
    CHECK(setup.ask(get_request(setup.ref)).body == proper);
    // A lower bound only: how much later it gets is the machine's affair.
    CHECK(std::chrono::steady_clock::now() - start >= 50ms);
  }
  fake_service_options far = plain_options();
  far.latency = 60ms;
  service_fixture distant(far);
  const auto start = std::chrono::steady_clock::now();
  CHECK(distant.ask(get_request(distant.service.image_at(0).ref)).status == 200);
  CHECK(std::chrono::steady_clock::now() - start >= 50ms);
}

TEST_CASE("faults: the dice follow from the seed") {
  const std::vector<unsigned> first = statuses(1);
  CHECK(first == statuses(1));
  CHECK(first != statuses(2));
  for (const unsigned status : {503U, 429U}) {
    CAPTURE(status);
    const auto count = std::ranges::count(first, status);
    CHECK(count > 25);
    CHECK(count < 75);
  }
}

TEST_CASE("faults: a script goes before the dice, in order, and only for its image") {
  fake_service_options options = plain_options();
  options.faults = {misbehaviour(fault::status_500, 1)};
  service_fixture setup(options);
  const image_ref ref = setup.service.image_at(0).ref;
  setup.service.script(ref, {misbehaviour(fault::none), misbehaviour(fault::status_504)});
  setup.service.script(ref, {misbehaviour(fault::status_408)});
  CHECK(setup.ask(get_request(setup.service.image_at(1).ref)).status == 500);
  for (const unsigned status : {200U, 504U, 408U, 500U}) {
    CHECK(setup.ask(get_request("/api/v4/" + ref.path() + "?withCounts=true")).status == status);
  }
}

TEST_CASE("faults: parsing") {
  const auto faults = parse_faults("429=0.05,delay=0.1,reset_in_body=0.02");
  REQUIRE(faults.has_value());
  REQUIRE(faults->size() == 3);
  CHECK((*faults)[0].kind == fault::status_429);
  CHECK((*faults)[0].probability == doctest::Approx(0.05));
  CHECK((*faults)[1].kind == fault::delay);
  CHECK((*faults)[2].kind == fault::reset_in_body);
  CHECK(parse_faults("")->empty());
  CHECK(parse_faults("429=0.5,503=0.5").has_value());

  for (int index = 0; index <= static_cast<int>(fault::byte_order_mark); ++index) {
    const auto kind = static_cast<fault>(index);
    // An answer's words do not fit in here.
    if (kind == fault::answer) continue;
    const auto again = parse_faults(std::string(to_string(kind)) + "=1");
    REQUIRE(again.has_value());
    CHECK(again->at(0).kind == kind);
  }
  CHECK(to_string(fault::status_503) == "503");
  CHECK(to_string(fault::chunked) == "chunked");
  CHECK(to_string(fault::byte_order_mark) == "byte_order_mark");

  const std::pair<std::string, std::string_view> bad[] = {
      {"delya=0.1", "\"delya\" is no kind of fault; the nearest names are delay, "},
      {"reset_body=0.1", "are reset_in_body, "},
      {"50=0.1", "are 500, 502, 503"},
      {"429", "\"429\" lacks"},
      {"429=", "\"429=\""},
      {"429=x", "\"429=x\""},
      {"429=0.1x", "\"429=0.1x\""},
      {"429=-0.1", "\"429=-0.1\""},
      {"429=1.1", "\"429=1.1\""},
      {"429=nan", "\"429=nan\""},
      {"429=0.6,delay=0.6", "\"delay=0.6\""},
      {"answer=0.1", "\"answer\""},
      {"429=0.1,", "comma at the end"},
      {",429=0.1", "\"\""},
      {"a\033[1m\n=1", "\"a?[1m?\""},
      {std::string(5000, 'x'), "4096"},
  };
  for (const auto& [text, word] : bad) {
    CAPTURE(text);
    const auto refused = parse_faults(text);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().detail().reason.starts_with("faults: "));
    CHECK(refused.error().detail().reason.find(word) != std::string::npos);
  }
}
