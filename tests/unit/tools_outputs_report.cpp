// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/journal_rows.hpp"
#include "support/sanitized.hpp"
#include "tools/outputs/junit_output.hpp"
#include "tools/outputs/report_charts.hpp"
#include "tools/outputs/report_page.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <malloc.h>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;

std::string page(const std::vector<journal_entry>& rows, const std::string& journal = "a.journal") {
  std::ostringstream out;
  report_page shown(out, journal);
  show(shown, rows);
  return out.str();
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

std::string headline(const std::string& text) {
  const auto begin = text.find("<title>") + 7;
  return text.substr(begin, text.find("</title>") - begin);
}

/// Counts what is written, and keeps nothing of it.
class counter : public std::streambuf {
 public:
  [[nodiscard]] std::size_t written() const noexcept { return written_; }

 private:
  int_type overflow(int_type one) override {
    ++written_;
    return one;
  }
  std::streamsize xsputn(const char*, std::streamsize size) override {
    written_ += static_cast<std::size_t>(size);
    return size;
  }

  std::size_t written_ = 0;
};

/// Bytes that are allocated at this moment; a sanitizer's allocator does not tell.
std::size_t memory_in_use() {
#ifdef __GLIBC__
  return ::mallinfo2().uordblks;
#else
  return 0;
#endif
}

}  // namespace

TEST_CASE("the page's headline says what the run came to") {
  CHECK(headline(page({})) == "There was nothing to verify");
  const auto good = journal_row(1, verdict::verified);
  const auto bad = failed_row(2, verdict::missing, errc::not_found);
  const auto stopped = failed_row(3, verdict::cancelled, errc::cancelled);
  CHECK(headline(page({good})) == "The upload is verified");
  CHECK(headline(page({good, good})) == "All 2 uploads are verified");
  CHECK(headline(page({good, bad})) == "1 of 2 uploads has a problem");
  CHECK(headline(page({bad, bad, stopped})) == "2 of 3 uploads have a problem");
  CHECK(headline(page({good, stopped})) == "Stopped with 1 upload not verified");
}

TEST_CASE("the page is complete in itself, and every place of it is filled in") {
  for (const auto& text :
       {page({}), page({journal_row(1, verdict::verified)}),
        page({mismatched_row(1, "2"), failed_row(2, verdict::failed, errc::timed_out)})}) {
    CHECK(text.starts_with("<!DOCTYPE html>"));
    CHECK(text.ends_with("</html>\n"));
    CHECK_FALSE(contains(text, "{{"));
    CHECK_FALSE(contains(text, "@s"));
    CHECK_FALSE(contains(text, "http:"));
    CHECK_FALSE(contains(text, "https:"));
    CHECK_FALSE(contains(text, " style="));
    CHECK_FALSE(contains(text, "unsafe"));
    CHECK_FALSE(contains(text, "nan"));
    CHECK_FALSE(contains(text, "inf%"));
    CHECK(contains(text, "default-src 'none'; img-src data:; style-src 'sha256-"));
  }
}

TEST_CASE("the page shows problem rows with what is wrong, and what to do") {
  auto failed = failed_row(7, verdict::failed, errc::timed_out);
  failed.attempts = 4;
  failed.retries = {{"server_error", 3}};
  failed.limit = 17;
  const auto text = page({journal_row(1, verdict::verified), mismatched_row(5, "1.1"), failed});
  CHECK(contains(text, "<tr data-v=\"mismatched\" data-c=\"version\"><td class=\"number\">5</td>"));
  CHECK(contains(text,
                 "i5<small>p</small></td><td>version is &quot;1.1&quot;, expected "
                 "&quot;1.0&quot;</td>"));
  CHECK(contains(text, "<tr data-v=\"failed\" data-c=\"timed_out\"><td class=\"number\">7</td>"));
  CHECK(contains(text, "<td>timed out (1 attempt)</td><td class=\"number\">4</td>"));
  CHECK(contains(text, "<b>What to do:</b> try again, or allow more time"));
  CHECK(contains(text, "<th scope=\"row\" class=\"code\">server_error</th>"));
  CHECK(contains(text, "at most 17 in flight"));
  CHECK(contains(text, "<code>a.journal</code>"));
  CHECK(count(text, "<tr data-v=") == 2);
}

TEST_CASE("no text from outside is markup on the page, wherever it stands") {
  const auto rows = hostile_rows();
  const auto text = page(rows, "</code><script>alert(1)</script>");
  CHECK(count(text, "<script") == 1);
  CHECK(count(text, "</script") == 1);
  CHECK_FALSE(contains(text, "<img"));
  CHECK_FALSE(contains(text, "\"><img"));
  CHECK_FALSE(contains(text, "' onmouseover"));
  CHECK_FALSE(contains(text, "<!-- ]]"));
  CHECK_FALSE(contains(text, "\u2028"));
  CHECK_FALSE(contains(text, "\u202e"));
  CHECK_FALSE(contains(text, "\x1b"));
  CHECK(text.find('\0') == std::string::npos);
  CHECK(contains(text, "&amp;lt;b&amp;gt;"));
  CHECK(count(text, "<tr data-v=") == rows.size() / 6 * 4);
}

TEST_CASE("a million rows pass through the page and JUnit, and leave nothing behind") {
  constexpr std::uint64_t rows = testing::sanitized ? 100'000 : 1'000'000;
  // The worst for the page: every row has a problem, its texts are long and grow when escaped.
  journal_entry row = failed_row(1, verdict::failed, errc::timed_out);
  row.product_id = row.image_id = std::string(2000, '"');
  row.failure->message = std::string(2000, '"');
  row.limit = 12;
  const auto nth = [&row](std::uint64_t number) -> const journal_entry& {
    row.row = number;
    row.at = rows_begin + std::chrono::milliseconds(number % 1000 * 100'000 + number);
    row.latency = std::chrono::microseconds(number % 5000 * 40);
    // Texts of this length would take longer to escape than this test may.
    if (number == 5000) row.product_id = row.image_id = row.failure->message = "short";
    return row;
  };
  tally whole;
  const auto start = memory_in_use();
  std::size_t most = 0;
  const auto watch = [&](std::uint64_t number) {
    if (number % 50'000 == 0)
      most = std::max(most, memory_in_use() - std::min(start, memory_in_use()));
  };
  for (std::uint64_t number = 1; number <= rows; ++number) {
    whole.add(nth(number));
    watch(number);
  }
  row.product_id = row.image_id = row.failure->message = std::string(2000, '"');
  counter page_bytes;
  counter junit_bytes;
  std::ostream page_stream(&page_bytes);
  std::ostream junit_stream(&junit_bytes);
  report_page page_output(page_stream, "a.journal");
  junit_output junit(junit_stream);
  page_output.begin(whole);
  junit.begin(whole);
  for (std::uint64_t number = 1; number <= rows; ++number) {
    page_output.add(nth(number));
    junit.add(nth(number));
    watch(number);
  }
  page_output.end();
  junit.end();
  CHECK(page_bytes.written() < 1'000'000);
  CHECK(page_bytes.written() > 300'000);
  CHECK(junit_bytes.written() > rows * 100);
  CHECK(most < 1'000'000);
}

TEST_CASE("the page says how many rows it leaves out, and where they are") {
  std::vector<journal_entry> rows;
  for (std::uint64_t number = 1; number <= report_page::rows_kept + 1500; ++number)
    rows.push_back(failed_row(number, verdict::missing, errc::not_found));
  const auto text = page(rows);
  CHECK(count(text, "<tr data-v=") == report_page::rows_kept);
  CHECK(contains(text,
                 "These are the first 2,000 problem rows; 1,500 more are in the journal, "
                 "<code>a.journal</code>."));
  rows.resize(report_page::rows_kept);
  CHECK_FALSE(contains(page(rows), "These are the first"));
}

TEST_CASE("axes have round steps") {
  CHECK(axis_step(0) == 1);
  CHECK(axis_step(3) == 1);
  CHECK(axis_step(4) == 1);
  CHECK(axis_step(5) == 2);
  CHECK(axis_step(64) == 20);
  CHECK(axis_step(1000) == 500);
  CHECK(axis_step(1'000'000) == 500'000);
  CHECK(time_step(0ms) == 1ms);
  CHECK(time_step(6ms) == 1ms);
  CHECK(time_step(7ms) == 2ms);
  CHECK(time_step(122s) == 30s);
  CHECK(time_step(1h) == 10min);
  CHECK(time_step(240h) == 48h);
  CHECK(time_step(std::chrono::milliseconds::max()) > 24h);
}

TEST_CASE("a run that was resumed shows its pause, and no time of it is drawn twice") {
  tally whole;
  for (std::uint64_t number = 1; number <= 2000; ++number) {
    auto row = journal_row(number, verdict::verified);
    row.limit = 8;
    if (number > 1000) row.at += 24h;
    whole.add(row);
  }
  const auto times = whole.times().drawn();
  for (const auto& chart : {throughput_chart(times), limit_chart(times)}) {
    CHECK(count(chart, "<title>paused for 24 h 0 min</title>") == 1);
    // A line for each side of the pause.
    const auto line = chart.substr(chart.find("class=\"line\" d=\""));
    CHECK(count(line.substr(0, line.find("/>")), "M") == 2);
  }
  const auto rates = throughput_chart(times);
  CAPTURE(rates.substr(0, 300));
  CHECK(contains(rates, "At most 10"));
}

TEST_CASE("of the shares of the verdicts even the least is seen, and all fill the bar") {
  tally whole;
  journal_entry row = journal_row(1, verdict::verified);
  for (int number = 0; number < 100'000; ++number)
    whole.add(row);
  row.verdict = verdict::missing;
  whole.add(row);
  const auto bar = verdict_bar(whole);
  CHECK(contains(bar, "100,000 verified, more than 99.9 %; 1 missing, less than 0.1 %"));
  CHECK(contains(bar, "<rect class=\"missing\" x=\"98.81%\" y=\"-2\" width=\"1.19%\""));
  CHECK(verdict_bar(tally()) == "");
}

}  // namespace binarly::tools
