// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/csv_header.hpp"

#include <boost/algorithm/string/case_conv.hpp>

#include <algorithm>
#include <array>
#include <locale>

namespace binarly::tools {

namespace {

constexpr std::string_view hint =
    "the header names image_id and product_id, and may name name, version, author, sha256, sha1, "
    "md5 and file, with commas, semicolons or tabs between them";

std::string lower(std::string_view text) {
  return boost::algorithm::to_lower_copy(std::string(trimmed(text)), std::locale::classic());
}

std::optional<column> column_named(std::string_view name) {
  const auto found = std::find(column_names.begin(), column_names.end(), name);
  if (found == column_names.end()) return std::nullopt;
  return static_cast<column>(found - column_names.begin());
}

bool is_uncompared(std::string_view name) {
  return std::ranges::any_of(uncompared_names,
                             [name](std::string_view each) { return lower(each) == name; });
}

bool is_known(std::string_view name) {
  return column_named(name) || name == id_synonym || name == parent_synonym || is_uncompared(name);
}

/// How many names of columns this separator sets off.
int names_between(std::string_view line, char separator) {
  int names = 0;
  bool quoted = false;
  std::string name;
  const auto end_cell = [&] {
    names += is_known(lower(name)) ? 1 : 0;
    name.clear();
  };
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      end_cell();
    } else if (c != '\r' && c != '\n') {
      name += c;
    }
  }
  end_cell();
  return names;
}

/// Looks up names, each of which may occur once.
class names {
 public:
  explicit names(const std::vector<header_cell>& cells) : cells_(cells) {
    for (const auto& cell : cells)
      names_.push_back(lower(cell.text));
  }
  [[nodiscard]] const std::string& operator[](std::size_t at) const { return names_[at]; }
  [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }
  [[nodiscard]] bool has(std::string_view name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }
  /// Throws where the one at this place has occurred before.
  void check_once(std::size_t at) const {
    const auto here = names_.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::find(names_.begin(), here, *here) == here) return;
    throw manifest_error(cells_[at].at, "the column " + *here + " is named twice");
  }

 private:
  const std::vector<header_cell>& cells_;
  std::vector<std::string> names_;
};

[[noreturn]] void refuse(text_position at, const quoted_names& unknown) {
  throw manifest_error(at, std::string("unknown column") + (unknown.several() ? "s " : " ") +
                               unknown.text() + "; " + std::string(hint) +
                               "; --ignore-columns passes over all others");
}

}  // namespace

std::optional<char> named_separator(std::string_view line, std::uint64_t number) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
    line.remove_suffix(1);
  std::uint64_t column = 5;
  if (line.size() > 2 && line.front() == '"' && line.back() == '"') {
    line = line.substr(1, line.size() - 2);
    ++column;
  }
  if (line.size() < 5 || lower(line.substr(0, 4)) != "sep=") return std::nullopt;
  const char separator = line[4];
  // Spreadsheets that save it again give it as many separators as the rows have.
  const bool alone = line.find_first_not_of(separator, 5) == line.npos;
  if (!alone || separators.find(separator) == separators.npos) {
    throw manifest_error({number, column},
                         "sep= names a separator that is none of comma, semicolon and tab");
  }
  return separator;
}

char header_separator(std::string_view line) {
  char best = separators.front();
  int most = 0;
  for (const char separator : separators) {
    const int found = line.find(separator) == line.npos ? 0 : names_between(line, separator);
    if (found <= most) continue;
    most = found;
    best = separator;
  }
  if (most != 0) return best;
  const auto first = line.find_first_of(separators);
  return first == line.npos ? best : line[first];
}

std::vector<csv_column> read_columns(const std::vector<header_cell>& cells, bool ignore,
                                     quoted_names& ignored) {
  using use = csv_column::use;
  const names all(cells);
  std::vector<csv_column> columns;
  quoted_names unknown;
  text_position unknown_at;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const std::string& name = all[at];
    csv_column next{use::ignored, column::product_id};
    if (name.empty()) {
      next.what = ignore ? use::ignored : use::unnamed;
    } else if (const auto which = column_named(name)) {
      all.check_once(at);
      next = {use::value, *which};
    } else if (name == id_synonym && !all.has("image_id")) {
      all.check_once(at);
      next = {use::value, column::image_id};
    } else if (name == parent_synonym && !all.has("product_id")) {
      all.check_once(at);
      next = {use::parent, column::product_id};
    } else if (!is_uncompared(name)) {
      if (unknown.empty()) unknown_at = cells[at].at;
      unknown.add(trimmed(cells[at].text));
      if (ignore) ignored.add(trimmed(cells[at].text));
    }
    columns.push_back(next);
  }
  if (all.has("row") && all.has("verdict")) {
    throw manifest_error(cells.front().at,
                         "these are results that --format csv wrote; give the manifest that they "
                         "came from");
  }
  if (!ignore && !unknown.empty()) refuse(unknown_at, unknown);
  if (!all.has("image_id") && !all.has(id_synonym)) {
    throw manifest_error({cells.front().at.line, 1}, "no column image_id; " + std::string(hint));
  }
  return columns;
}

}  // namespace binarly::tools
