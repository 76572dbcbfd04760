// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/entry_of.hpp"
#include "tools/journal/line.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;

std::chrono::sys_time<std::chrono::milliseconds> at(const std::string& text) {
  return std::chrono::floor<std::chrono::milliseconds>(timestamp::parse(text).value().time);
}

journal_entry verified() {
  journal_entry entry;
  entry.row = 7;
  entry.digest = 0xfedcba9876543210U;
  entry.product_id = "p";
  entry.image_id = "i";
  entry.verdict = verdict::verified;
  entry.attempts = 1;
  entry.limit = 32;
  entry.at = at("2026-01-02T03:04:05.678Z");
  entry.latency = 1234567ns;
  return entry;
}

/// As it comes out of the journal again.
journal_entry again(const std::string& line) {
  REQUIRE(line.ends_with('\n'));
  CHECK(line.find('\n') == line.size() - 1);
  auto read = read_journal_line(std::string_view(line).substr(0, line.size() - 1));
  REQUIRE(read.has_value());
  return *read;
}

std::string flaw_in(std::string_view line) {
  const auto read = read_journal_line(line);
  return read.has_error() ? read.error() : "none";
}

/// A line that is good but for the replacement.
std::string with(std::string line, const std::string& part, const std::string& other) {
  REQUIRE(line.find(part) != std::string::npos);
  line.replace(line.find(part), part.size(), other);
  line.pop_back();
  return line;
}

}  // namespace

TEST_CASE("journal: a verified upload in one line") {
  CHECK(journal_line(verified(), "") ==
        R"({"row":7,"digest":"fedcba9876543210","product_id":"p","image_id":"i",)"
        R"("verdict":"verified","attempts":1,"limit":32,"at":"2026-01-02T03:04:05.678Z",)"
        R"("latency_ms":1.235})"
        "\n");
}

TEST_CASE("journal: what is written is what is read") {
  auto entry = verified();
  entry.product_id = "../p";
  entry.image_id = "a\"\x1b\\\n\x7f\u00e9";
  entry.verdict = verdict::mismatched;
  entry.mismatches = {{"name", "a", "b\n"}, {"sha256", std::string(64, 'a'), ""}};
  entry.scan = "done";
  entry.retries = {{"throttled", 2}, {"timed_out", 1}};
  entry.latency = 5h + 1us;
  const auto read = again(journal_line(entry, ""));
  CHECK(read.row == entry.row);
  CHECK(read.digest == entry.digest);
  CHECK(read.product_id == entry.product_id);
  CHECK(read.image_id == entry.image_id);
  CHECK(read.verdict == entry.verdict);
  REQUIRE(read.mismatches.size() == 2);
  CHECK(read.mismatches[0].found == "b\n");
  CHECK(read.mismatches[1].field == "sha256");
  CHECK(read.mismatches[1].expected == entry.mismatches[1].expected);
  CHECK(read.scan == "done");
  CHECK(read.retries == entry.retries);
  CHECK(read.attempts == 1);
  CHECK(read.limit == 32);
  CHECK(read.at == entry.at);
  CHECK(read.latency == entry.latency);
  CHECK(!read.failure);
  for (std::size_t each = 0; each < verdict_count; ++each) {
    entry.verdict = static_cast<verdict>(each);
    entry.failure.emplace();
    const auto line =
        journal_line(entry, R"({"code":"not_found","message":"m","answered_by":"platform"})");
    CHECK(again(line).verdict == entry.verdict);
  }
}

TEST_CASE("journal: a verification becomes an entry, and its failure tells all there is") {
  failure_detail detail;
  detail.code = errc::server_error;
  detail.step = phase::head;
  detail.http_status = 503;
  detail.request_id = "r-1";
  detail.attempts = 4;
  detail.history.resize(4);
  verification outcome;
  outcome.expectation.ref = image_ref("p", "i");
  outcome.expectation.tag = 9;
  outcome.verdict = verdict::failed;
  outcome.failure = failure(detail);
  outcome.attempts = 4;
  outcome.limit = 5;
  outcome.scan.emplace().type = "running";
  outcome.retried.resize(3);
  outcome.retried[0].code = errc::throttled;
  outcome.retried[1].code = errc::timed_out;
  outcome.retried[2].code = errc::throttled;
  outcome.latency = 3ms;
  const auto json = outcome.failure.json();
  const auto entry = entry_of(outcome);
  CHECK(entry.row == 9);
  CHECK(entry.product_id == "p");
  CHECK(entry.image_id == "i");
  CHECK(entry.scan == "running");
  CHECK(entry.attempts == 4);
  CHECK(entry.limit == 5);
  CHECK(entry.retries == std::vector<retry_cause>{{"throttled", 2}, {"timed_out", 1}});
  CHECK(entry.latency == 3ms);
  CHECK(entry.at.time_since_epoch().count() > 0);

  const auto line = journal_line(entry, json);
  CHECK(again(line).failure == entry.failure);
  CHECK(entry.failure.value().code == "server_error");
  CHECK(entry.failure.value().advice == outcome.failure.advice());
  CHECK(!entry.failure.value().advice.empty());
  const auto value = boost::json::parse(line);
  CHECK(value.at("failure").at("history").as_array().size() == 4);
  CHECK(value.at("failure").at("request_id") == "r-1");
}

TEST_CASE("journal: a proxy's status is not taken for the service's") {
  failure_detail detail;
  detail.code = errc::proxy_refused;
  detail.step = phase::proxy;
  detail.proxy_status = 407;
  verification outcome;
  outcome.failure = failure(detail);
  const auto json = outcome.failure.json();
  const auto value = boost::json::parse(journal_line(entry_of(outcome), json));
  CHECK(value.at("failure").at("proxy_status") == 407);
  CHECK_FALSE(value.at("failure").as_object().contains("http_status"));
}

TEST_CASE("journal: lines that are none say why") {
  const std::string good = journal_line(verified(), "");
  const auto spoilt = [&](const std::string& part, const std::string& other) {
    return flaw_in(with(good, part, other));
  };
  CHECK(flaw_in("").starts_with("it is not JSON"));
  CHECK(flaw_in("[]") == "the line is no object");
  CHECK(flaw_in("{}") == "it has no row");
  CHECK(spoilt("7", "-7") == "row is no whole number");
  CHECK(spoilt("7", "0.5") == "row is no whole number");
  CHECK(spoilt("7", "\"7\"") == "row is no whole number");
  CHECK(spoilt("7", "0") == "row is not from 1 to 2^48");
  CHECK(spoilt("7", "281474976710657") == "row is not from 1 to 2^48");
  CHECK(spoilt("fedc", "fed") == "digest is not 16 hexadecimal digits");
  CHECK(spoilt("fedc", "-edc") == "digest is not 16 hexadecimal digits");
  CHECK(spoilt("\"p\"", "1") == "product_id is no string");
  CHECK(spoilt("verified", "maybe\\u001b") == "verdict is \"maybe\\x1b\", which is none");
  CHECK(spoilt("\"attempts\":1", "\"mismatches\":1") == "mismatches is no list");
  CHECK(spoilt("\"attempts\":1", "\"mismatches\":[{}]") == "it has no field");
  CHECK(spoilt("\"attempts\":1", "\"failure\":{}") == "it has no code");
  CHECK(spoilt("\"attempts\":1", "\"retries\":{\"a\":-1}") == "a is no whole number");
  CHECK(spoilt("2026-01", "2026-13") == "at is no date and time");
  CHECK(spoilt("1.235", "-1") == "latency_ms is no span of time");
  CHECK(spoilt("1.235", "1e300") == "latency_ms is no span of time");
  CHECK(flaw_in(std::string(10'000, '[')).starts_with("it is not JSON"));
  for (std::size_t size = 0; size < good.size() - 1; ++size)
    CHECK(flaw_in(good.substr(0, size)) != "none");
}

TEST_CASE("journal: what is unknown is passed over") {
  const std::string good = journal_line(verified(), "");
  CHECK(flaw_in(with(good, "\"attempts\":1", "\"colour\":{\"a\":[1]}")) == "none");
}

TEST_CASE("journal: archived images, and rows that were looked up again") {
  auto entry = verified();
  entry.archived = true;
  entry.again = true;
  entry.notes = {"sha256: two values", "\"quoted\""};
  const std::string line = journal_line(entry, "");
  CHECK(line.find(R"("archived":true,"notes":["sha256: two values","\"quoted\""],"again":true)") !=
        std::string::npos);
  CHECK(again(line).archived);
  CHECK(again(line).again);
  CHECK(again(line).notes == entry.notes);
  CHECK(flaw_in(with(line, R"("again":true)", R"("again":1)")) ==
        "again is neither true nor false");
}

TEST_CASE("journal: lines of older versions mean what they would mean today") {
  struct row {
    std::string what;
    verdict means;
  };
  const std::vector<row> table{
      {R"("verdict":"missing","failure":{"code":"not_found","step":"decode","http_status":404,)"
       R"("message":"m","server_message":"no such image"})",
       verdict::missing},
      {R"("verdict":"missing","failure":{"code":"not_found","step":"decode","http_status":404,)"
       R"("message":"m"})",
       verdict::failed},
      {R"("verdict":"missing","failure":{"code":"not_found","step":"token","http_status":404,)"
       R"("message":"m","server_message":"Realm does not exist"})",
       verdict::failed},
      {R"("verdict":"missing")", verdict::failed},
      {R"("verdict":"forbidden","failure":{"code":"forbidden","step":"decode","http_status":403,)"
       R"("message":"m","server_message":"no","permission":"products.view"})",
       verdict::forbidden},
      {R"("verdict":"forbidden","failure":{"code":"unauthorized","step":"decode",)"
       R"("http_status":401,"message":"m","server_message":"no"})",
       verdict::failed},
      {R"("verdict":"missing","failure":{"code":"not_found","step":"decode","http_status":404,)"
       R"("answered_by":"platform","message":"m"})",
       verdict::missing},
      {R"("verdict":"missing","failure":{"code":"not_found","step":"decode","http_status":404,)"
       R"("answered_by":"stranger","message":"m","server_message":"no"})",
       verdict::failed},
      {R"("verdict":"mismatched","mismatches":[{"field":"scan","expected":"ended",)"
       R"("found":"running"}])",
       verdict::failed},
      {R"("verdict":"mismatched","mismatches":[{"field":"scan","expected":"done",)"
       R"("found":"failed"}])",
       verdict::mismatched},
      {R"("verdict":"mismatched","mismatches":[{"field":"name","expected":"a","found":"b"},)"
       R"({"field":"scan","expected":"ended","found":"running"}])",
       verdict::mismatched},
  };
  for (const auto& [what, means] : table) {
    CAPTURE(what);
    const auto line = with(journal_line(verified(), ""), R"("verdict":"verified")", what);
    const auto read = read_journal_line(line);
    REQUIRE(read.has_value());
    CHECK(read->verdict == means);
  }
}

}  // namespace binarly::tools
