// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/outputs/csv_output.hpp"

#include "tools/text.hpp"

#include <string>
#include <string_view>

namespace binarly::tools {

namespace {

// Beyond this no cell is of use to a person, and spreadsheets cut off at 32,767 characters.
constexpr std::size_t cell_size = 4000;

/// A cell of text that may come from outside.
std::string cell(std::string_view text) {
  std::string clean = printable(text, cell_size);
  if (!clean.empty() && std::string_view("=+-@").find(clean.front()) != std::string_view::npos) {
    clean.insert(0, 1, '\'');
  }
  if (clean.find_first_of(",\"") == std::string::npos) return clean;
  std::string out = "\"";
  for (const char one : clean) {
    if (one == '"') out += '"';
    out += one;
  }
  return out + '"';
}

/// `version: 1.1, expected 1.0; name: b, expected a`
std::string differences(const journal_entry& row) {
  std::string out;
  for (const auto& one : row.mismatches) {
    if (!out.empty()) out += "; ";
    out += one.field + ": " + one.found + ", expected " + one.expected;
  }
  return out;
}

std::string notes(const journal_entry& row) {
  std::string out;
  for (const auto& note : row.notes)
    out += (out.empty() ? "" : "; ") + note;
  return out;
}

}  // namespace

void csv_output::begin(const tally&) {
  out_ << "\"row\",\"product_id\",\"image_id\",\"verdict\",\"differences\",\"code\",\"message\","
          "\"request_id\",\"attempts\",\"latency_ms\",\"at\",\"notes\"\r\n";
}

void csv_output::add(const journal_entry& row) {
  const journal_failure none;
  const journal_failure& why = row.failure ? *row.failure : none;
  const bool known = row.at != decltype(row.at){};
  out_ << row.row << ',' << cell(row.product_id) << ',' << cell(row.image_id) << ','
       << to_string(row.verdict) << ',' << cell(differences(row)) << ',' << cell(why.code) << ','
       << cell(why.message) << ',' << cell(why.request_id) << ',' << row.attempts << ','
       << in_milliseconds(row.latency) << ',' << (known ? utc(row.at) : "") << ','
       << cell(notes(row)) << "\r\n";
}

void csv_output::end() {}

}  // namespace binarly::tools
