// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/summary.hpp"
#include "tools/tally.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;

journal_entry outcome(std::uint64_t row, verdict value, std::chrono::nanoseconds latency = 10ms) {
  journal_entry out;
  out.row = row;
  out.product_id = "p";
  out.image_id = "i" + std::to_string(row);
  out.verdict = value;
  out.latency = latency;
  out.attempts = 1;
  return out;
}

journal_entry failed(std::uint64_t row, verdict value, errc code) {
  journal_entry out = outcome(row, value);
  failure_detail detail;
  detail.code = code;
  detail.operation = "get image";
  detail.resource = "products/p/images/" + out.image_id;
  detail.attempts = 1;
  const failure why(std::move(detail));
  out.failure.emplace();
  out.failure->code = to_string(code);
  out.failure->message = why.message();
  out.failure->advice = why.advice();
  return out;
}

journal_entry mismatched(std::uint64_t row, const std::string& found) {
  journal_entry out = outcome(row, verdict::mismatched);
  out.mismatches.push_back({"version", "1.0", found});
  out.mismatches.push_back({"name", "a", "b"});
  return out;
}

}  // namespace

TEST_CASE("small latencies are exact") {
  for (int value = 0; value < 64; ++value) {
    latency_histogram latencies;
    latencies.add(std::chrono::nanoseconds(value));
    latencies.add(1h);
    CHECK(latencies.within(0.5).count() == value);
  }
}

TEST_CASE("the tally's exit code: failures win over problems") {
  tally run;
  CHECK(run.code() == exit_code::good);
  run.add(outcome(1, verdict::verified));
  run.add(failed(9, verdict::cancelled, errc::cancelled));
  CHECK(run.code() == exit_code::good);
  CHECK(run.problems() == 0);
  for (const auto value : {verdict::mismatched, verdict::missing, verdict::forbidden}) {
    tally other;
    other.add(outcome(2, value));
    CHECK(other.code() == exit_code::problems);
  }
  run.add(outcome(2, verdict::missing));
  run.add(failed(3, verdict::failed, errc::invalid_argument));
  CHECK(run.code() == exit_code::unavailable);
  CHECK(run.total() == 4);
  CHECK(run.problems() == 2);
  CHECK(run.count(verdict::failed) == 1);
}

TEST_CASE("what was cancelled has no latency and is no problem") {
  tally run;
  run.add(failed(1, verdict::cancelled, errc::cancelled));
  CHECK(run.latencies().count() == 0);
  CHECK(run.groups().empty());
  CHECK(run.count(verdict::cancelled) == 1);
}

TEST_CASE("problems are grouped by verdict and code, and a few of each are kept") {
  tally run;
  for (std::uint64_t row = 1; row <= 5; ++row) {
    run.add(failed(row, verdict::failed, errc::connect_failed));
  }
  run.add(failed(6, verdict::failed, errc::timed_out));
  run.add(failed(7, verdict::missing, errc::not_found));
  REQUIRE(run.groups().size() == 3);
  CHECK(run.groups()[0].count == 5);
  CHECK(run.groups()[0].examples.size() == tally::examples_kept);
  CHECK(run.groups()[1].count == 1);
  CHECK(run.groups()[2].examples.front() ==
        "row 7: get image products/p/images/i7: not found (1 attempt)");
  CHECK(run.groups()[2].advice == "check the product id and the image id");
}

TEST_CASE("problems of one code for which different things are to be done are two kinds") {
  tally run;
  for (const auto* advice : {"ask the service's support", "check the base URL"}) {
    journal_entry row = failed(1, verdict::failed, errc::bad_response);
    row.failure->advice = advice;
    run.add(row);
    run.add(row);
  }
  journal_entry unstated = outcome(5, verdict::mismatched);
  unstated.mismatches.push_back({"sha256", "aa", ""});
  run.add(unstated);
  unstated.mismatches.front().found = "bb";
  run.add(unstated);
  REQUIRE(run.groups().size() == 4);
  CHECK(run.groups()[0].advice == "ask the service's support");
  CHECK(run.groups()[1].advice == "check the base URL");
  CHECK(run.groups()[1].count == 2);
  CHECK(run.groups()[2].advice != run.groups()[3].advice);
}

TEST_CASE("remarks about checksums are counted, and the first shown") {
  tally run;
  for (std::uint64_t row = 1; row <= 5; ++row) {
    journal_entry noted = outcome(row, verdict::verified);
    if (row != 2) noted.notes = {"sha256: two\x1b values", "md5: two values"};
    run.add(noted);
  }
  CHECK(run.notes().count == 4);
  CHECK(run.notes().examples.size() == tally::examples_kept);
  const auto text = summary(run, 1s, false, 0);
  CHECK(text.find("  remarks about checksums: 4\n"
                  "    row 1: products/p/images/i1: sha256: two\\x1b values; md5: two values\n") !=
        std::string::npos);
  CHECK(text.find("    and 1 more\n") != std::string::npos);
}

TEST_CASE("mismatches are grouped by what differs, whatever its order") {
  tally run;
  run.add(mismatched(1, "2"));
  journal_entry turned = mismatched(2, "3");
  std::swap(turned.mismatches.front(), turned.mismatches.back());
  run.add(turned);
  turned.mismatches.pop_back();
  run.add(turned);
  REQUIRE(run.groups().size() == 2);
  CHECK(run.groups()[0].count == 2);
  CHECK(run.groups()[0].fields == std::vector<std::string>{"name", "version"});
  CHECK(run.groups()[1].fields == std::vector<std::string>{"name"});
}

TEST_CASE("however many kinds a journal holds, the groups are few and nothing is lost") {
  tally run;
  for (std::uint64_t row = 1; row <= 1000; ++row) {
    journal_entry one =
        failed(row, row % 2 == 0 ? verdict::failed : verdict::missing, errc::timed_out);
    one.failure->code = "kind " + std::to_string(row);
    one.retries.push_back({one.failure->code, 2});
    run.add(one);
  }
  CHECK(run.groups().size() == tally::kinds_kept + 2);
  std::uint64_t sum = 0;
  for (const auto& group : run.groups())
    sum += group.count;
  CHECK(sum == 1000);
  CHECK(run.groups().back().code == tally::other);
  CHECK(run.groups().back().advice == "");
  REQUIRE(run.retries().size() == tally::kinds_kept + 1);
  CHECK(run.retries().front() == retry_cause{"other", 2 * (1000 - tally::kinds_kept)});
}

TEST_CASE("attempts and retries are counted, the most frequent cause first") {
  tally run;
  journal_entry row = outcome(1, verdict::verified);
  row.attempts = 3;
  row.retries = {{"timed_out", 1}, {"throttled", 1}};
  run.add(row);
  row.verdict = verdict::cancelled;
  row.attempts = 2;
  row.retries = {{"throttled", 1}};
  run.add(row);
  CHECK(run.attempts() == 5);
  CHECK(run.retries() == std::vector<retry_cause>{{"throttled", 2}, {"timed_out", 1}});
}

TEST_CASE("a name from the service cannot rewrite the terminal, nor fill it") {
  tally run;
  run.add(mismatched(1, "\x1b[2J" + std::string(10'000, 'x')));
  const auto& line = run.groups().front().examples.front();
  CHECK(line.find('\x1b') == std::string::npos);
  CHECK(line.find("\\x1b[2J") != std::string::npos);
  CHECK(line.size() < 700);
}

TEST_CASE("the summary as a person reads it") {
  tally run;
  for (std::uint64_t row = 1; row <= 1200; ++row)
    run.add(outcome(row, verdict::verified, 10ms));
  run.add(mismatched(1201, "1.1"));
  for (std::uint64_t row = 1202; row <= 1205; ++row) {
    run.add(failed(row, verdict::missing, errc::not_found));
  }
  CHECK(
      summary(run, 2s, false) ==
      "1,205 uploads in 2.00 s, 602 a second\n"
      "\n"
      "   1,200  verified    the service has them, and every expected field agrees\n"
      "       1  mismatched  the service has them, but something differs\n"
      "       4  missing     the service does not know them\n"
      "\n"
      "  lookups took up to 10 ms (half of them), 10 ms (90 %), 10 ms (99 %); the longest 10 ms\n"
      "\n"
      "  mismatched in name, version: 1\n"
      "    row 1201: products/p/images/i1201: version is \"1.1\", expected \"1.0\", name is \"b\", "
      "expected \"a\"\n"
      "    what to do: correct the manifest, or upload the image that was meant\n"
      "\n"
      "  missing: 4\n"
      "    row 1202: get image products/p/images/i1202: not found (1 attempt)\n"
      "    row 1203: get image products/p/images/i1203: not found (1 attempt)\n"
      "    row 1204: get image products/p/images/i1204: not found (1 attempt)\n"
      "    and 1 more\n"
      "    what to do: check the product id and the image id\n");
}

TEST_CASE("colour is used only when asked for") {
  tally run;
  run.add(outcome(1, verdict::verified));
  run.add(failed(2, verdict::failed, errc::timed_out));
  CHECK(summary(run, 1s, false).find('\x1b') == std::string::npos);
  CHECK(summary(run, 1s, true).find("\x1b[32m1\x1b[0m") != std::string::npos);
  CHECK(summary(run, 1s, true).find("\x1b[31mfailed\x1b[0m, timed out: 1") != std::string::npos);
}

TEST_CASE("a run that took no time, or had nothing to do, is no division by zero") {
  CHECK(summary(tally(), 0ns, false).starts_with("0 uploads in 0 µs, 0 a second\n"));
  tally run;
  run.add(outcome(1, verdict::verified));
  CHECK(summary(run, 1s, false).starts_with("1 upload in 1.00 s, 1 a second\n"));
  run.add(outcome(2, verdict::verified));
  CHECK(summary(run, 1s, false, 1)
            .starts_with("2 uploads, 1 of them had their verdict before; 1 upload in 1.00 s, 1 a "
                         "second\n"));
}

TEST_CASE("the one line of a quiet run") {
  tally run;
  run.add(outcome(1, verdict::verified));
  run.add(failed(2, verdict::missing, errc::not_found));
  run.add(failed(3, verdict::failed, errc::invalid_argument));
  CHECK(one_line_summary(run) ==
        "2 of 3 uploads not verified: 1 missing, 1 failed; row 2: get image "
        "products/p/images/i2: not found (1 attempt); check the product id and the image id");
}

}  // namespace binarly::tools
