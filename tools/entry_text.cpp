// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/entry_text.hpp"

#include "tools/text.hpp"

#include <algorithm>

namespace binarly::tools {

namespace {

constexpr std::size_t quoted_size = 60;
// Codes and fields are short words; a journal may hold anything all the same.
constexpr std::size_t word_size = 40;
constexpr std::size_t line_size = 600;

bool is_checksum(const std::string& field) {
  return field == "sha256" || field == "sha1" || field == "md5";
}

std::string differences(const journal_entry& row) {
  std::string line = printable(path_of(row));
  std::string_view mark = ": ";
  for (const auto& one : row.mismatches) {
    line += mark;
    line += printable(one.field, quoted_size);
    line += is_checksum(one.field) && one.found.empty()
                ? std::string(" is not stated, though the scan is done")
                : " is \"" + printable(one.found, quoted_size) + '"';
    line += ", expected \"" + printable(one.expected, quoted_size) + '"';
    mark = ", ";
  }
  return line;
}

}  // namespace

std::string path_of(const journal_entry& row) {
  return "products/" + row.product_id + "/images/" + row.image_id;
}

std::string problem_of(const journal_entry& row) {
  if (row.verdict == verdict::mismatched) return differences(row);
  if (!row.failure) return {};
  const std::string path = path_of(row);
  std::string line = row.failure->message;
  if (line.find(path) == std::string::npos) line = path + ": " + line;
  // The advice is the same for many rows, and given apart.
  const std::string tail = "; " + row.failure->advice;
  if (tail.size() > 2 && line.ends_with(tail)) line.resize(line.size() - tail.size());
  return printable(line, line_size);
}

std::string notes_of(const journal_entry& row) {
  std::string line = printable(path_of(row));
  for (const auto& note : row.notes)
    line += (&note == &row.notes.front() ? ": " : "; ") + note;
  return printable(line, line_size);
}

std::string_view advice_of(const journal_entry& row) {
  if (row.verdict == verdict::mismatched) {
    if (fields_of(row) == std::vector<std::string>{"scan"}) {
      return "start another scan, or accept those that failed with --accept-failed-scans";
    }
    const auto unstated = [](const mismatch& one) {
      return is_checksum(one.field) && one.found.empty();
    };
    if (std::all_of(row.mismatches.begin(), row.mismatches.end(), unstated)) {
      return "expect a checksum by another algorithm, or have the image scanned again";
    }
    return "correct the manifest, or upload the image that was meant";
  }
  return row.failure ? std::string_view(row.failure->advice) : std::string_view();
}

std::string_view meaning_of(verdict value) noexcept {
  switch (value) {
    case verdict::verified:
      return "the service has them, and every expected field agrees";
    case verdict::mismatched:
      return "the service has them, but something differs";
    case verdict::missing:
      return "the service does not know them";
    case verdict::forbidden:
      return "the service does not tell";
    case verdict::failed:
      return "the platform's own word could not be had";
    case verdict::cancelled:
      return "the run was stopped first";
  }
  return "";
}

std::string code_of(const journal_entry& row) {
  return row.failure ? printable(row.failure->code, word_size) : std::string();
}

std::vector<std::string> fields_of(const journal_entry& row) {
  std::vector<std::string> out;
  out.reserve(row.mismatches.size());
  for (const auto& one : row.mismatches)
    out.push_back(printable(one.field, word_size));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

}  // namespace binarly::tools
