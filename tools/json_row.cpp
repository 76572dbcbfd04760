// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/json_row.hpp"

#include "tools/text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace binarly::tools {

namespace {

namespace json = boost::json;

constexpr auto& keys = column_names;

/// Takes what the parser finds; keeps why it refused.
struct row_handler {
  static constexpr std::size_t max_object_size = keys.size();
  static constexpr std::size_t max_array_size = 0;
  static constexpr std::size_t max_key_size = 1024;
  static constexpr std::size_t max_string_size = manifest_reader::max_field;
  using error = json::error_code;

  bool refuse(error& ec, std::string why) {
    refusal = std::move(why);
    ec = json::error::syntax;
    return false;
  }
  bool wrong_type(error& ec) {
    if (!inside) return refuse(ec, "a row is a JSON object, one to a line");
    return refuse(ec, std::string(keys[key]) + " must be a string");
  }

  bool on_document_begin(error&) { return true; }
  bool on_document_end(error&) { return true; }
  bool on_object_begin(error& ec) {
    if (inside) return wrong_type(ec);
    inside = true;
    return true;
  }
  bool on_object_end(std::size_t, error&) { return true; }
  bool on_array_begin(error& ec) { return wrong_type(ec); }
  bool on_array_end(std::size_t, error&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, error&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view last, std::size_t, error& ec) {
    text.append(last.data(), last.size());
    const std::string name = std::exchange(text, {});
    for (key = 0; key < keys.size() && keys[key] != name;)
      ++key;
    if (key == keys.size()) {
      return refuse(ec, "unknown key \"" + printable(name, 60) +
                            "\"; the keys are product_id, image_id, name, version, author, "
                            "sha256, sha1, md5 and file");
    }
    if (std::exchange(seen[key], true)) return refuse(ec, name + " is given twice");
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, error&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view last, std::size_t, error& ec) {
    if (!inside) return wrong_type(ec);
    text.append(last.data(), last.size());
    if (text.find('\0') != std::string::npos) {
      return refuse(ec, std::string(keys[key]) + " holds a NUL character");
    }
    values[key] = std::exchange(text, {});
    return true;
  }
  bool on_null(error& ec) { return inside && key >= 2 ? true : wrong_type(ec); }
  bool on_number_part(json::string_view, error& ec) { return wrong_type(ec); }
  bool on_int64(std::int64_t, json::string_view, error& ec) { return wrong_type(ec); }
  bool on_uint64(std::uint64_t, json::string_view, error& ec) { return wrong_type(ec); }
  bool on_double(double, json::string_view, error& ec) { return wrong_type(ec); }
  bool on_bool(bool, error& ec) { return wrong_type(ec); }
  bool on_comment_part(json::string_view, error&) { return true; }
  bool on_comment(json::string_view, error&) { return true; }

  std::array<std::optional<std::string>, keys.size()> values;
  std::array<bool, keys.size()> seen{};
  std::size_t key = 0;
  std::string text;
  std::string refusal;
  bool inside = false;
};

/// Where the key stands. Inside a JSON string a quote is escaped, so that the quoted key followed
/// by a colon is found nowhere else; a key that was itself written with escapes is not found, and
/// the row's start serves.
std::uint64_t column_of(std::string_view text, std::string_view key) {
  const std::string quoted = '"' + std::string(key) + '"';
  for (auto at = text.find(quoted); at != text.npos; at = text.find(quoted, at + 1)) {
    const auto next = text.find_first_not_of(" \t", at + quoted.size());
    if (next != text.npos && text[next] == ':') return at + 1;
  }
  return 1;
}

}  // namespace

void read_json_row(manifest_row& row, std::string_view text, std::uint64_t line) {
  json::parse_options strict;
  strict.max_depth = 2;
  json::basic_parser<row_handler> parser(strict);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  auto& found = parser.handler();
  for (std::size_t key = 0; key < keys.size(); ++key) {
    if (!found.values[key]) continue;
    assign(row, static_cast<column>(key), std::move(*found.values[key]),
           {line, column_of(text, keys[key])});
  }
  if (!found.refusal.empty()) throw manifest_error({line, used + 1}, found.refusal);
  if (ec == json::error::string_too_large) {
    throw manifest_error({line, used + 1}, "the value is longer than 64 KiB");
  }
  if (ec) {
    throw manifest_error({line, used + 1}, "not a JSON object: " + ec.message());
  }
  if (used != text.size()) {
    throw manifest_error({line, used + 1},
                         "text after the JSON object; a row is a line of its own");
  }
  for (std::size_t key = 0; key < 2; ++key) {
    if (!found.seen[key]) {
      throw manifest_error({line, 1}, std::string(keys[key]) + " is missing in this row");
    }
  }
}

}  // namespace binarly::tools
