// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/json_row.hpp"

#include "tools/text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

namespace json = boost::json;

constexpr std::size_t columns = column_names.size();
constexpr std::array<std::string_view, columns + 2> keys = [] {
  std::array<std::string_view, columns + 2> all;
  std::copy(column_names.begin(), column_names.end(), all.begin());
  all[columns] = id_synonym;
  all[columns + 1] = parent_synonym;
  return all;
}();
constexpr std::size_t id_key = columns;
constexpr std::size_t parent_key = columns + 1;
/// A key that is none of these.
constexpr std::size_t other_key = keys.size();

/// Takes what the parser finds; keeps why it refused.
struct row_handler {
  // The text is bounded, and what it holds beside the row is not looked at.
  static constexpr std::size_t max_object_size = 1024 * 1024;
  static constexpr std::size_t max_array_size = 1024 * 1024;
  static constexpr std::size_t max_key_size = 1024 * 1024;
  static constexpr std::size_t max_string_size = 1024 * 1024;
  using error = json::error_code;

  bool refuse(error& ec, std::string why) {
    refusal = std::move(why);
    ec = json::error::syntax;
    return false;
  }
  /// A value that is no string.
  bool take_odd(error& ec) {
    if (depth == 0) return refuse(ec, "a row is a JSON object");
    if (depth > 1 || key == other_key) return true;
    // Whether these are the ids is known at the end.
    if (key >= columns) {
      odd[key] = true;
      return true;
    }
    return refuse(ec, std::string(keys[key]) + " must be a string");
  }

  bool on_document_begin(error&) { return true; }
  bool on_document_end(error&) { return true; }
  bool on_object_begin(error& ec) {
    if (depth != 0 && !take_odd(ec)) return false;
    ++depth;
    return true;
  }
  bool on_object_end(std::size_t, error&) {
    --depth;
    return true;
  }
  bool on_array_begin(error& ec) {
    if (!take_odd(ec)) return false;
    ++depth;
    return true;
  }
  bool on_array_end(std::size_t, error&) {
    --depth;
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, error&) {
    if (depth == 1) text.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view last, std::size_t, error& ec) {
    if (depth != 1) return true;
    text.append(last.data(), last.size());
    const std::string name = std::exchange(text, {});
    key = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), name) - keys.begin());
    if (key != other_key) {
      if (std::exchange(seen[key], true)) return refuse(ec, name + " is given twice");
    } else if (std::find(uncompared_names.begin(), uncompared_names.end(), name) ==
               uncompared_names.end()) {
      others.push_back(name);
    }
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, error& ec) {
    if (depth != 1 || key == other_key) return true;
    text.append(part.data(), part.size());
    return text.size() <= max_manifest_field || too_long(ec);
  }
  bool on_string(json::string_view last, std::size_t, error& ec) {
    if (depth == 0) return take_odd(ec);
    if (depth != 1 || key == other_key) return true;
    text.append(last.data(), last.size());
    if (text.size() > max_manifest_field) return too_long(ec);
    if (text.find('\0') != std::string::npos) {
      return refuse(ec, std::string(keys[key]) + " holds a NUL character");
    }
    values[key] = std::exchange(text, {});
    return true;
  }
  bool too_long(error& ec) { return refuse(ec, "the value is longer than 64 KiB"); }
  /// Which is as if the key were not there.
  bool on_null(error& ec) {
    const bool id = depth == 0 || (depth == 1 && key < 2);
    return id ? take_odd(ec) : true;
  }
  bool on_number_part(json::string_view, error& ec) { return take_odd(ec); }
  bool on_int64(std::int64_t, json::string_view, error& ec) { return take_odd(ec); }
  bool on_uint64(std::uint64_t, json::string_view, error& ec) { return take_odd(ec); }
  bool on_double(double, json::string_view, error& ec) { return take_odd(ec); }
  bool on_bool(bool, error& ec) { return take_odd(ec); }
  bool on_comment_part(json::string_view, error&) { return true; }
  bool on_comment(json::string_view, error&) { return true; }

  std::array<std::optional<std::string>, keys.size()> values;
  std::array<bool, keys.size()> seen{};
  std::array<bool, keys.size()> odd{};
  std::vector<std::string> others;  ///< keys that no row has
  std::size_t key = other_key;
  std::size_t depth = 0;
  std::string text;
  std::string refusal;
};

/// The row's text and where it begins, to tell places in it.
class places {
 public:
  places(std::string_view text, text_position begin) : text_(text), begin_(begin) {}

  [[nodiscard]] text_position at(std::size_t offset) const {
    const auto before = text_.substr(0, offset);
    const auto feed = before.rfind('\n');
    if (feed == before.npos) return {begin_.line, begin_.column + offset};
    const auto feeds = std::count(before.begin(), before.end(), '\n');
    return {begin_.line + static_cast<std::uint64_t>(feeds), offset - feed};
  }
  /// Where the key stands. Inside a JSON string a quote is escaped, so that the quoted key followed
  /// by a colon is found nowhere else; a key that was itself written with escapes is not found, and
  /// the row's start serves.
  [[nodiscard]] text_position of_key(std::string_view key) const {
    const std::string quoted = '"' + std::string(key) + '"';
    for (auto found = text_.find(quoted); found != text_.npos;
         found = text_.find(quoted, found + 1)) {
      const auto next = text_.find_first_not_of(" \t\r\n", found + quoted.size());
      if (next != text_.npos && text_[next] == ':') return at(found);
    }
    return begin_;
  }

 private:
  std::string_view text_;
  text_position begin_;
};

/// Gives the row what was found, the ids under the names that count.
void assign_all(manifest_row& row, row_handler& found, const places& where) {
  for (std::size_t key = 0; key < columns; ++key) {
    if (!found.values[key]) continue;
    assign(row, static_cast<column>(key), std::move(*found.values[key]), where.of_key(keys[key]));
  }
  if (!found.seen[1] && found.values[id_key]) {
    assign(row, column::image_id, std::move(*found.values[id_key]), where.of_key(id_synonym));
  }
  if (!found.seen[0] && found.values[parent_key]) {
    assign(row, column::product_id, product_of_parent(std::move(*found.values[parent_key])),
           where.of_key(parent_synonym));
  }
}

}  // namespace

void read_json_row(manifest_row& row, std::string_view text, text_position begin, bool ignore,
                   quoted_names& ignored) {
  const places where(text, begin);
  json::parse_options strict;
  strict.max_depth = 32;
  json::basic_parser<row_handler> parser(strict);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  auto& found = parser.handler();
  assign_all(row, found, where);
  if (!found.refusal.empty()) throw manifest_error(where.at(used), found.refusal);
  if (ec) throw manifest_error(where.at(used), "not a JSON object: " + ec.message());
  if (used != text.size()) {
    throw manifest_error(where.at(used), "text after the JSON object; a row is a line of its own");
  }
  // Where the manifest has the ids under its own names, the platform's mean something else.
  for (const auto& [synonym, meant] : {std::pair(id_key, 1U), std::pair(parent_key, 0U)}) {
    if (!found.seen[synonym]) continue;
    if (found.seen[meant]) {
      found.others.emplace_back(keys[synonym]);
    } else if (found.odd[synonym]) {
      throw manifest_error(where.of_key(keys[synonym]),
                           std::string(keys[synonym]) + " must be a string");
    }
  }
  quoted_names unknown;
  for (const auto& name : found.others)
    (ignore ? ignored : unknown).add(name);
  if (!unknown.empty()) {
    throw manifest_error(where.of_key(found.others.front()),
                         std::string("unknown key") + (unknown.several() ? "s " : " ") +
                             unknown.text() +
                             "; the keys are product_id, image_id, name, version, author, sha256, "
                             "sha1, md5 and file; --ignore-columns passes over all others");
  }
  if (!found.seen[1] && !found.values[id_key]) {
    throw manifest_error(begin, "image_id is missing in this row");
  }
}

}  // namespace binarly::tools
