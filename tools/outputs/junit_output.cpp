// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/outputs/junit_output.hpp"

#include "tools/entry_text.hpp"
#include "tools/outputs/markup.hpp"
#include "tools/text.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace binarly::tools {

namespace {

std::string seconds(std::chrono::nanoseconds value) {
  return fixed(static_cast<double>(value.count()) / 1e9, 3);
}

std::string_view element_of(verdict value) {
  switch (value) {
    case verdict::mismatched:
    case verdict::missing:
    case verdict::forbidden:
      return "failure";
    case verdict::failed:
      return "error";
    case verdict::verified:
    case verdict::cancelled:
      break;
  }
  return "skipped";
}

/// The failure's code, or for a mismatch the verdict.
std::string_view type_of(const journal_entry& row) {
  return row.failure ? std::string_view(row.failure->code) : to_string(row.verdict);
}

/// What the reader should see beneath the message.
std::string details(const journal_entry& row) {
  std::string out;
  if (const auto advice = advice_of(row); !advice.empty()) {
    out += "what to do: " + markup(advice) + '\n';
  }
  if (row.attempts != 0) out += "attempts: " + std::to_string(row.attempts) + '\n';
  if (row.failure && !row.failure->request_id.empty()) {
    out += "request id: " + markup(row.failure->request_id) + '\n';
  }
  return out;
}

}  // namespace

void junit_output::begin(const tally& whole) {
  const auto bad = whole.count(verdict::mismatched) + whole.count(verdict::missing) +
                   whole.count(verdict::forbidden);
  // What the strictest of the schemas in use asks for: a time without fraction and zone, a host's
  // name, which the rows do not have, and elements with nothing in them.
  const auto began = whole.times().empty() ? std::chrono::sys_time<std::chrono::milliseconds>()
                                           : whole.times().began();
  out_ << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
          "<testsuite name=\"verify\" package=\"binarly-images\" id=\"0\" hostname=\"localhost\" "
          "tests=\""
       << whole.total() << "\" failures=\"" << bad << "\" errors=\"" << whole.count(verdict::failed)
       << "\" skipped=\"" << whole.count(verdict::cancelled) << "\" time=\""
       << seconds(whole.times().active()) << "\" timestamp=\"" << utc(began).substr(0, 19)
       << "\">\n<properties/>\n";
}

void junit_output::add(const journal_entry& row) {
  out_ << "<testcase classname=\"products/" << markup(row.product_id) << "\" name=\"image "
       << markup(row.image_id) << " (row " << row.row << ")\" time=\"" << seconds(row.latency)
       << '"';
  if (row.verdict == verdict::verified) {
    out_ << "/>\n";
    return;
  }
  const auto element = element_of(row.verdict);
  out_ << ">\n<" << element << " message=\"" << markup(problem_of(row)) << '"';
  if (row.verdict == verdict::cancelled) {
    out_ << "/>\n</testcase>\n";
    return;
  }
  out_ << " type=\"" << markup(type_of(row)) << "\">" << details(row) << "</" << element
       << ">\n</testcase>\n";
}

void junit_output::end() { out_ << "<system-out/>\n<system-err/>\n</testsuite>\n</testsuites>\n"; }

}  // namespace binarly::tools
