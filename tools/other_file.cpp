// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/other_file.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <locale>
#include <set>
#include <utility>

namespace binarly::tools {

namespace {

namespace json = boost::json;
using namespace std::string_view_literals;

struct kind {
  std::string_view start;
  std::string_view text;
};

constexpr std::string_view from_archive =
    "; unpack it, or give what it holds on standard input, with - as the manifest";

// The longer of two that begin alike comes first.
constexpr std::array<kind, 13> kinds{
    kind{"PK\3\4"sv,
         "a ZIP archive, such as an XLSX workbook; save the sheet as CSV (UTF-8), and give that"sv},
    kind{"\xd0\xcf\x11\xe0"sv,
         "a workbook or document of an old office program; save the sheet as CSV (UTF-8), and give "
         "that"sv},
    kind{"\x1f\x8b"sv, "compressed with gzip"sv},
    kind{"\x28\xb5\x2f\xfd"sv, "compressed with zstd"sv},
    kind{"\xfd\x37zXZ"sv, "compressed with xz"sv},
    kind{"BZh"sv, "compressed with bzip2"sv},
    kind{"PAR1"sv, "a Parquet file; give the same table as CSV or JSON Lines"sv},
    kind{"SQLite format 3"sv, "a SQLite database; give the table as CSV or JSON Lines"sv},
    kind{"%PDF-"sv, "a PDF document; give the uploads as CSV or JSON Lines"sv},
    kind{"{\\rtf"sv, "a document in rich text; save it as plain text"sv},
    kind{"\xff\xfe\0\0"sv, "UTF-32 text; convert it with iconv -f UTF-32 -t UTF-8"sv},
    kind{"\xff\xfe"sv,
         "UTF-16 text; save it as CSV (UTF-8), or convert it with iconv -f UTF-16 -t UTF-8"sv},
    kind{"\xfe\xff"sv,
         "UTF-16 text; save it as CSV (UTF-8), or convert it with iconv -f UTF-16 -t UTF-8"sv}};

/// UTF-16 without a mark: every other byte of the first characters is zero.
std::string_view unmarked_utf16(std::string_view start) {
  if (start.size() < 8) return {};
  std::size_t even = 0;
  std::size_t odd = 0;
  for (std::size_t at = 0; at < 8; ++at) {
    if (start[at] == '\0') ++(at % 2 == 0 ? even : odd);
  }
  if (odd == 4 && even == 0) return "UTF-16 text; convert it with iconv -f UTF-16LE -t UTF-8";
  if (even == 4 && odd == 0) return "UTF-16 text; convert it with iconv -f UTF-16BE -t UTF-8";
  return {};
}

std::string_view markup(std::string_view start) {
  const auto first = start.find_first_not_of(" \t\r\n");
  if (first == start.npos || start[first] != '<') return {};
  const auto begin = boost::algorithm::to_lower_copy(std::string(start.substr(first, 2048)),
                                                     std::locale::classic());
  if (begin.starts_with("<!doctype html") || begin.find("<html") != begin.npos) {
    return "a web page; was it fetched without being logged in?";
  }
  if (begin.find("cyclonedx.org/schema/bom") != begin.npos) {
    return "a CycloneDX report; the manifest names uploads, the reports are asked for";
  }
  return "an XML document; give the uploads as CSV or JSON Lines";
}

/// Collects the keys of a text's first object, as far as the text goes.
struct key_handler {
  static constexpr std::size_t max_object_size = 1000;
  static constexpr std::size_t max_array_size = 1'000'000;
  static constexpr std::size_t max_key_size = 4096;
  static constexpr std::size_t max_string_size = 1'000'000;
  using error = json::error_code;

  bool on_document_begin(error&) { return true; }
  bool on_document_end(error&) { return true; }
  bool on_object_begin(error&) {
    ++depth;
    return true;
  }
  bool on_object_end(std::size_t, error& ec) {
    if (--depth != 0) return true;
    ec = json::error::extra_data;
    return false;
  }
  /// An array of objects is looked into, up to the end of the first.
  bool on_array_begin(error&) {
    if (depth != 0) ++depth;
    return true;
  }
  bool on_array_end(std::size_t, error&) {
    if (depth != 0) --depth;
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, error&) {
    key.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view last, std::size_t, error&) {
    key.append(last.data(), last.size());
    if (depth == 1) keys.insert(key);
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, error&) { return true; }
  bool on_string(json::string_view, std::size_t, error&) { return true; }
  bool on_null(error&) { return true; }
  bool on_number_part(json::string_view, error&) { return true; }
  bool on_int64(std::int64_t, json::string_view, error&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, error&) { return true; }
  bool on_double(double, json::string_view, error&) { return true; }
  bool on_bool(bool, error&) { return true; }
  bool on_comment_part(json::string_view, error&) { return true; }
  bool on_comment(json::string_view, error&) { return true; }

  std::set<std::string> keys;
  std::string key;
  std::size_t depth = 0;
};

std::string_view other_json(std::string_view start) {
  const auto first = start.find_first_not_of(" \t\r\n");
  if (first == start.npos || (start[first] != '{' && start[first] != '[')) return {};
  json::parse_options options;
  options.max_depth = 64;
  json::basic_parser<key_handler> parser(options);
  json::error_code ignored;
  parser.write_some(true, start.data(), start.size(), ignored);
  const auto& keys = parser.handler().keys;
  const auto has = [&keys](const char* key) { return keys.count(key) != 0; };
  if (has("row") && has("verdict")) {
    return "results that verify wrote; give the manifest that they came from, and these with "
           "--results and --resume, or to report";
  }
  if (has("verdicts") && has("problems")) {
    return "a summary that --format json wrote; give the manifest that it came from";
  }
  if (has("bomFormat")) {
    return "a CycloneDX report; the manifest names uploads, the reports are asked for";
  }
  if (has("spdxVersion") || (has("@context") && has("@graph"))) {
    return "an SPDX report; the manifest names uploads, the reports are asked for";
  }
  return {};
}

}  // namespace

std::string what_else(std::string_view start) {
  for (const auto& [bytes, text] : kinds) {
    if (!start.starts_with(bytes)) continue;
    const bool compressed = text.starts_with("compressed");
    return std::string(text) + (compressed ? std::string(from_archive) : std::string());
  }
  for (const auto tell : {unmarked_utf16, markup, other_json}) {
    if (const auto text = tell(start); !text.empty()) return std::string(text);
  }
  return {};
}

}  // namespace binarly::tools
