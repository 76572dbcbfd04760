// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/scan_book.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

fake_scan going(std::vector<std::string> states, double share = 1) {
  fake_scan scan(std::move(states));
  scan.share = share;
  return scan;
}

std::string refusal(fake_scan scan) {
  try {
    check_scan(scan);
    return {};
  } catch (const failure_error& error) {
    return error.why().detail().reason;
  }
}

}  // namespace

TEST_CASE("scan_book: each look sees the next state, and the last one stays") {
  scan_book book({going({"new", "running", "done"})}, 1);
  CHECK(book.peek(7)->state == "new");
  for (const std::string_view state : {"new", "running", "done", "done"}) {
    CHECK(book.look(7)->state == state);
    CHECK(book.peek(7)->state == state);
    CHECK(book.peek(7)->done == (state == "done"));
  }
  CHECK(book.look(8)->state == "new");
}

TEST_CASE("scan_book: the service's other word for done") {
  scan_book book({going({"completed"})}, 1);
  CHECK(book.look(0)->done);
  for (const char* state : {"failed", "cancelled", "in_progress", "no_scans", "", "Done"}) {
    CAPTURE(state);
    scan_book other({going({state})}, 1);
    CHECK_FALSE(other.look(0)->done);
    CHECK(other.look(0)->state == state);
  }
}

TEST_CASE("scan_book: a state lasts its time, and no look is left out") {
  auto slow = going({"new", "running", "done"});
  slow.state_duration = 10s;
  scan_book book({slow}, 1);
  const scan_book::time_point start{};
  CHECK(book.look(0, start)->state == "new");
  CHECK(book.look(0, start + 9s)->state == "new");
  CHECK(book.look(0, start + 100s)->state == "running");
  CHECK(book.look(0, start + 109s)->state == "running");
  CHECK(book.look(0, start + 110s)->state == "done");
}

TEST_CASE("scan_book: shares choose by the image, the same way each time") {
  const std::vector<fake_scan> scans{going({"done"}, 0.5), going({"failed"}, 0.25)};
  scan_book book(scans, 1);
  scan_book again(scans, 1);
  scan_book other(scans, 2);
  int done = 0;
  int failed = 0;
  int none = 0;
  bool differs = false;
  for (std::uint64_t image = 0; image < 1000; ++image) {
    const auto seen = book.look(image);
    const auto word = [](const auto& now) { return now ? now->state : std::string("none"); };
    REQUIRE(word(seen) == word(again.look(image)));
    differs = differs || word(seen) != word(other.look(image));
    ++(!seen ? none : seen->done ? done : failed);
  }
  CHECK(differs);
  CHECK(done > 400);
  CHECK(done < 600);
  CHECK(failed > 180);
  CHECK(failed < 320);
  CHECK(none > 180);
}

TEST_CASE("scan_book: an image's own scan goes before the shares, and begins anew when set") {
  scan_book book({going({"done"})}, 1);
  auto own = going({"new", "failed"});
  own.in_image = false;
  own.before = early_report::status_409;
  book.set(3, own);
  CHECK(book.look(3)->state == "new");
  CHECK(book.look(3)->state == "failed");
  CHECK_FALSE(book.look(3)->in_image);
  CHECK(book.look(3)->before == early_report::status_409);
  book.set(3, going({"running"}));
  CHECK(book.look(3)->state == "running");
  CHECK(book.look(4)->state == "done");

  scan_book idle({}, 1);
  CHECK_FALSE(idle.look(3).has_value());
  idle.set(3, going({"new"}));
  CHECK(idle.look(3).has_value());
  CHECK_FALSE(idle.look(4).has_value());
}

TEST_CASE("scan_book: beyond its memory scans are at their end") {
  scan_book book({going({"new", "done"})}, 1);
  for (std::uint64_t image = 0; image < scan_book::most_kept; ++image)
    (void)book.look(image);
  CHECK(book.look(scan_book::most_kept)->state == "done");
  CHECK(book.peek(scan_book::most_kept)->state == "done");
  CHECK(book.peek(0)->state == "new");
  CHECK(book.look(0)->state == "done");
}

TEST_CASE("scan_book: scans that cannot be played") {
  CHECK(refusal(going({"new"})).empty());
  CHECK(refusal(going({})).starts_with("scans: "));
  CHECK(refusal(going(std::vector<std::string>(65, "new"))).starts_with("scans: "));
  CHECK(refusal(going({std::string(33, 'x')})).starts_with("scans: "));
  CHECK(refusal(going({"a b"})).starts_with("scans: "));
  CHECK(refusal(going({"a\""})).starts_with("scans: "));
  CHECK(refusal(going({"new"}, 1.5)).starts_with("scans: "));
  CHECK(refusal(going({"new"}, -0.5)).starts_with("scans: "));
  auto odd = going({"new"});
  odd.state_duration = -1ms;
  CHECK(refusal(odd).starts_with("scans: "));
  odd.state_duration = 169h;
  CHECK(refusal(odd).starts_with("scans: "));
  odd.state_duration = 0ms;
  odd.before = static_cast<early_report>(99);
  CHECK(refusal(odd).starts_with("scans: "));
  CHECK_THROWS_AS(scan_book({going({"new"}, 0.6), going({"new"}, 0.6)}, 1), failure_error);
}

TEST_CASE("parse_scans: states and shares") {
  const auto scans = parse_scans("new/running/done=0.8,none=0.1,new/none/failed=0.1");
  REQUIRE(scans.has_value());
  REQUIRE(scans->size() == 3);
  CHECK((*scans)[0].states == std::vector<std::string>{"new", "running", "done"});
  CHECK((*scans)[0].share == doctest::Approx(0.8));
  CHECK((*scans)[1].states == std::vector<std::string>{""});
  CHECK((*scans)[2].states == std::vector<std::string>{"new", "", "failed"});
  CHECK(parse_scans("")->empty());

  const std::pair<std::string, std::string_view> bad[] = {
      {"done", "\"done\" lacks"},
      {"done=", "\"done=\" has no share"},
      {"done=2", "\"done=2\" has no share"},
      {"done=0.5x", "\"done=0.5x\" has no share"},
      {"done=0.6,new=0.6", "\"new=0.6\""},
      {"/done=1", "without a name"},
      {"=1", "without a name"},
      {"new//done=1", "without a name"},
      {"in progress=1", "letters"},
      {"done=1,", "comma at the end"},
      {std::string(5000, 'x'), "4096"},
  };
  for (const auto& [text, word] : bad) {
    CAPTURE(text);
    const auto refused = parse_scans(text);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().detail().reason.starts_with("scans: "));
    CHECK(refused.error().detail().reason.find(word) != std::string::npos);
  }
}

TEST_CASE("early_report: names") {
  for (int index = 0; index <= static_cast<int>(early_report::whole); ++index) {
    const auto value = static_cast<early_report>(index);
    CHECK(parse_early_report(to_string(value)).value() == value);
  }
  CHECK(to_string(early_report::status_204) == "204");
  const auto refused = parse_early_report("403");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail().reason.find("\"403\" is none of 202, 204") != std::string::npos);
}
