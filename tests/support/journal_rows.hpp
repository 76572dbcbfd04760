// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_JOURNAL_ROWS_HPP
#define BINARLY_TESTS_SUPPORT_JOURNAL_ROWS_HPP

#include "tools/journal/entry.hpp"
#include "tools/outputs/output.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace binarly::tools {

/// When the runs of these tests began: 2026-03-01T09:00:00Z.
inline constexpr std::chrono::sys_time<std::chrono::milliseconds> rows_begin{
    std::chrono::seconds(1'772'355'600)};

inline journal_entry journal_row(std::uint64_t number, verdict value) {
  journal_entry out;
  out.row = number;
  out.product_id = "p";
  out.image_id = "i" + std::to_string(number);
  out.verdict = value;
  out.attempts = 1;
  out.at = rows_begin + std::chrono::milliseconds(10 * number);
  out.latency = std::chrono::milliseconds(10);
  return out;
}

inline journal_entry failed_row(std::uint64_t number, verdict value, errc code) {
  journal_entry out = journal_row(number, value);
  failure_detail detail;
  detail.code = code;
  detail.operation = "get image";
  detail.resource = "products/" + out.product_id + "/images/" + out.image_id;
  detail.attempts = 1;
  const failure why(std::move(detail));
  out.failure.emplace();
  out.failure->code = to_string(code);
  out.failure->message = why.message();
  out.failure->advice = why.advice();
  return out;
}

inline journal_entry mismatched_row(std::uint64_t number, const std::string& found) {
  journal_entry out = journal_row(number, verdict::mismatched);
  out.mismatches.push_back({"version", "1.0", found});
  return out;
}

/// Texts that would be more than text in a table, a page, a document or a script.
inline const std::vector<std::string>& hostile_texts() {
  static const std::vector<std::string> texts{
      "</script><script>alert(1)</script>",
      "\"><img src=x onerror=alert(1)>",
      "' onmouseover='alert(1)",
      "<!-- ]]> -->",
      "&lt;b&gt;&amp;",
      "line\u2028separator\u2029paragraph",
      "=HYPERLINK(\"https://x.example\",\"a\")",
      "+1",
      "-1",
      "@SUM(A1)",
      std::string("nul\0 bell\a escape\x1b[2J", 21),
      "\xff\xc3 not UTF-8",
      "\ufffe\uffff",
      "comma, \"quote\"\r\nline",
      "\u202eright to left",
  };
  return texts;
}

/// One row of each kind for each of the texts, wherever a text can stand.
inline std::vector<journal_entry> hostile_rows() {
  std::vector<journal_entry> out;
  for (const auto& text : hostile_texts()) {
    for (const auto value : {verdict::verified, verdict::mismatched, verdict::missing,
                             verdict::forbidden, verdict::failed, verdict::cancelled}) {
      journal_entry row = journal_row(out.size() + 1, value);
      row.product_id = row.image_id = row.scan = text;
      if (value == verdict::mismatched) row.mismatches.push_back({text, text, text});
      if (value != verdict::verified && value != verdict::mismatched) {
        row.failure = journal_failure{text, text, 404, text, text, text, text, text};
      }
      row.retries.push_back({text, 1});
      out.push_back(row);
    }
  }
  return out;
}

/// Shows the rows as the command does.
inline void show(output& shown, const std::vector<journal_entry>& rows) {
  tally whole;
  for (const auto& row : rows)
    whole.add(row);
  shown.begin(whole);
  for (const auto& row : rows)
    shown.add(row);
  shown.end();
}

}  // namespace binarly::tools

#endif
