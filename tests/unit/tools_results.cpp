// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/process.hpp"
#include "tools/exit_code.hpp"
#include "tools/results.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a verified upload in one line") {
  verification outcome;
  outcome.expectation.tag = 7;
  outcome.verdict = verdict::verified;
  outcome.latency = 1234567ns;
  CHECK(result_line(outcome, "p", "i") ==
        "{\"row\":7,\"product_id\":\"p\",\"image_id\":\"i\",\"verdict\":\"verified\","
        "\"latency_ms\":1.235}\n");
}

TEST_CASE("mismatches name the field, what was expected and what was found") {
  verification outcome;
  outcome.verdict = verdict::mismatched;
  outcome.mismatches.push_back({"name", "a", "b\n"});
  const auto value = boost::json::parse(result_line(outcome, "p", "i"));
  CHECK(value.at("verdict") == "mismatched");
  CHECK(value.at("mismatches").as_array().size() == 1);
  CHECK(value.at("mismatches").at(0).at("field") == "name");
  CHECK(value.at("mismatches").at(0).at("expected") == "a");
  CHECK(value.at("mismatches").at(0).at("found") == "b\n");
  CHECK_FALSE(value.as_object().contains("failure"));
}

TEST_CASE("a failure tells what a script needs to know") {
  failure_detail detail;
  detail.code = errc::server_error;
  detail.step = phase::head;
  detail.http_status = 503;
  detail.request_id = "r-1";
  detail.attempts = 4;
  verification outcome;
  outcome.verdict = verdict::failed;
  outcome.failure = failure(detail);
  const auto line = result_line(outcome, "p", "i");
  CHECK(line.find('\n') == line.size() - 1);
  const auto value = boost::json::parse(line);
  const auto& why = value.at("failure");
  CHECK(why.at("code") == "server_error");
  CHECK(why.at("step") == "head");
  CHECK(why.at("http_status") == 503);
  CHECK(why.at("request_id") == "r-1");
  CHECK(why.at("attempts") == 4);
  CHECK(why.at("message").as_string() == outcome.failure.message());
}

TEST_CASE("a proxy's status is not taken for the service's") {
  failure_detail detail;
  detail.code = errc::proxy_refused;
  detail.step = phase::proxy;
  detail.proxy_status = 407;
  verification outcome;
  outcome.verdict = verdict::failed;
  outcome.failure = failure(detail);
  const auto value = boost::json::parse(result_line(outcome, "p", "i"));
  const auto& why = value.at("failure");
  CHECK(why.at("code") == "proxy_refused");
  CHECK(why.at("step") == "proxy");
  CHECK(why.at("proxy_status") == 407);
  CHECK_FALSE(why.as_object().contains("http_status"));
}

TEST_CASE("ids that cannot be used appear as the manifest has them") {
  verification outcome;
  outcome.failure = failure(errc::invalid_argument, "no");
  const auto value = boost::json::parse(result_line(outcome, "../p", "a\"\x1b"));
  CHECK(value.at("product_id") == "../p");
  CHECK(value.at("image_id") == "a\"\x1b");
  CHECK(value.at("failure").at("code") == "invalid_argument");
  CHECK_FALSE(value.at("failure").as_object().contains("http_status"));
}

TEST_CASE("results replace what the file held, in the order in which they came") {
  const testing::temporary_directory directory;
  const auto path = directory.path() / "out.jsonl";
  std::ofstream(path) << "old\n";
  results_file results(path.string());
  CHECK(content(path) == "");
  results.add("a\n");
  results.write(results.take({}));
  results.add("b\n");
  results.finish();
  CHECK(content(path) == "a\nb\n");
}

TEST_CASE("lines are due when they are many or a second old") {
  const testing::temporary_directory directory;
  results_file results((directory.path() / "out").string());
  const results_file::time_point now{};
  CHECK(results.take(now).empty());
  CHECK_FALSE(results.due(now + 1h));
  results.add("a\n");
  CHECK_FALSE(results.due(now + 999ms));
  CHECK(results.due(now + 1s));
  results.add(std::string(64 * 1024, 'x'));
  CHECK(results.due(now));
}

TEST_CASE("results that cannot be written are refused at the start") {
  const testing::temporary_directory directory;
  try {
    results_file results((directory.path() / "absent" / "out").string());
    FAIL("opened");
  } catch (const command_error& error) {
    CHECK(error.code() == exit_code::usage);
    CHECK(std::string(error.what()).find("nothing was looked up") != std::string::npos);
  }
}

TEST_CASE("a full disk is noticed") {
  if (!std::filesystem::exists("/dev/full")) return;
  results_file results("/dev/full");
  results.add("a\n");
  try {
    results.finish();
    FAIL("written");
  } catch (const command_error& error) {
    CHECK(error.code() == exit_code::unavailable);
    CHECK(std::string(error.what()).find("No space left") != std::string::npos);
  }
}

}  // namespace binarly::tools
