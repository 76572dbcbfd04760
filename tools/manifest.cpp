// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/manifest.hpp"

#include "tools/json_row.hpp"
#include "tools/other_file.hpp"

#include <binarly/image.hpp>

#include <boost/crc.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace binarly::tools {

namespace {

constexpr std::size_t most_columns = 1000;
/// All cells that can be long, with every quote in them doubled, and then some.
constexpr std::size_t max_row = 2 * 1024 * 1024;

/// CRC-64 as XZ has it: it must tell rows apart, not resist anybody.
using crc = boost::crc_optimal<64, 0x42F0E1EBA9EA3693, ~0ULL, ~0ULL, true, true>;

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

std::string name_of_separator(char separator) {
  return separator == ',' ? "comma" : separator == ';' ? "semicolon" : "tab";
}

/// Where the line's end begins: at a line feed, at CR LF, or at the end of the text.
bool at_line_end(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  return rest.empty() || rest == "\n" || rest == "\r\n";
}

}  // namespace

manifest_reader::manifest_reader(std::istream& in, manifest_options options)
    : options_(std::move(options)), lines_(in) {}

text_position manifest_reader::here(std::size_t at) const { return {lines_.number(), at + 1}; }

std::optional<manifest_row> manifest_reader::next() {
  manifest_row row;
  if (next_row(row)) {
    any_ = true;
    row.end = lines_.position();
    row.row = ++rows_;
    return row;
  }
  if (any_) return std::nullopt;
  if (form_ == form::unknown) {
    throw manifest_error({lines_.number() + 1, 1},
                         "the manifest is empty; it is CSV whose header names image_id and "
                         "product_id, or JSON Lines with those keys");
  }
  if (form_ == form::csv) {
    throw manifest_error({lines_.number() + 1, 1},
                         "the manifest ends after its header; each upload takes a row");
  }
  throw manifest_error({lines_.number(), 1}, "the manifest has no uploads; each takes an object");
}

/// False at the end.
bool manifest_reader::next_row(manifest_row& row) {
  if (form_ == form::unknown) find_form();
  if (form_ != form::json_text) return next_line(row);
  if (!elements_->next()) return false;
  const std::string& text = elements_->text();
  bool completed = false;
  try {
    read_json_row(row, text, elements_->place(), options_.ignore_columns, ignored_);
    completed = complete(row);
  } catch (const manifest_error& error) {
    row.trouble = error.what();
  }
  row.digest = digest(text, completed ? row.product_id : std::string_view());
  return true;
}

/// Puts the options' product where the row names none; whether it did.
bool manifest_reader::complete(manifest_row& row) const {
  const bool full_name = row.image_id.find('/') != row.image_id.npos;
  if (options_.product_id.empty() || !row.product_id.empty() || full_name) return false;
  const auto whole = image_ref::parse(options_.product_id, "x");
  if (!whole) {
    row.trouble = to_string(row.image_id_at) +
                  ": the row names no product, and BINARLY_PRODUCT_ID cannot be used: " +
                  whole.error().detail().reason;
    return false;
  }
  row.product_id = options_.product_id;
  return true;
}

/// Goes past what comes before the first row; the form stays unknown at the end alone.
void manifest_reader::find_form() {
  if (const auto other = what_else(lines_.ahead()); !other.empty()) {
    throw manifest_error({1, 1}, "this is no manifest: it is " + other);
  }
  for (;;) {
    const auto start = lines_.ahead();
    const auto line = without_line_end(start.substr(0, start.find('\n')));
    const auto begin = trimmed(line);
    if (begin.starts_with('[') || begin == "{" || json_elements::is_answer(begin)) {
      form_ = form::json_text;
      elements_.emplace(lines_);
      return;
    }
    if (begin.starts_with('{')) {
      form_ = form::json_lines;
      return;
    }
    if (!lines_.next()) return;
    if (lines_.text().find_first_not_of(" \t\r\n,;") == std::string::npos) continue;
    if (separator_ == '\0') {
      const auto named = named_separator(lines_.text(), lines_.number());
      separator_ = named.value_or('\0');
      if (named) continue;
    }
    form_ = form::csv;
    read_header();
    return;
  }
}

bool manifest_reader::next_line(manifest_row& row) {
  text_.clear();
  first_line_ = 0;
  bool completed = false;
  try {
    do {
      if (!lines_.next()) return false;
    } while (passes_over());
    read_row(row);
    completed = complete(row);
  } catch (const manifest_error& error) {
    row.trouble = error.what();
    give_up_row();
  }
  row.digest = digest(text_, completed ? row.product_id : std::string_view());
  return true;
}

/// Whether the line is none of a row's. An empty row of a spreadsheet has its number all the same,
/// since the rows behind it have always been counted so.
bool manifest_reader::passes_over() {
  if (form_ == form::csv) {
    const std::string blanks = std::string(" \t\r\n") + separator_;
    const std::string& line = lines_.text();
    if (line.find_first_not_of(blanks) == line.npos && line.find(separator_) != line.npos) {
      ++rows_;
      return true;
    }
  }
  return lines_.blank();
}

void manifest_reader::read_row(manifest_row& row) {
  next_line_of_row();
  if (form_ == form::json_lines) {
    return read_json_row(row, lines_.text(), here(0), options_.ignore_columns, ignored_);
  }
  read_cells(least_cells_, columns_.size());
  for (std::size_t at = 0; at < cell_count_; ++at)
    take_cell(row, columns_[at], cells_[at]);
}

void manifest_reader::take_cell(manifest_row& row, const csv_column& under, cell& found) {
  switch (under.what) {
    case csv_column::use::ignored:
      return;
    case csv_column::use::unnamed:
      if (found.text.empty()) return;
      throw manifest_error(found.at,
                           "a cell in a column that the header gives no name; name it there, or "
                           "pass over such columns with --ignore-columns");
    case csv_column::use::parent:
      return assign(row, column::product_id, product_of_parent(std::move(found.text)), found.at);
    case csv_column::use::value: {
      const bool id = under.which == column::product_id || under.which == column::image_id;
      if (!id && !found.quoted && found.text.empty()) return;
      return assign(row, under.which, std::move(found.text), found.at);
    }
  }
}

void manifest_reader::next_line_of_row() {
  text_ += lines_.text();
  if (first_line_ == 0) first_line_ = text_.size();
  if (text_.size() > max_row) {
    throw manifest_error(here(0), "the row is longer than 2 MiB; is its quote closed?");
  }
}

/// Lines that a quote has swallowed are rows of their own.
void manifest_reader::give_up_row() {
  if (first_line_ == 0) {
    // The line itself is no text.
    next_line_of_row();
    return;
  }
  lines_.put_back(text_.substr(first_line_));
  text_.resize(first_line_);
}

std::uint64_t manifest_reader::digest(std::string_view text, std::string_view product) const {
  crc sum;
  sum.process_bytes(&header_digest_, sizeof header_digest_);
  text = without_line_end(text);
  sum.process_bytes(text.data(), text.size());
  if (!product.empty()) {
    sum.process_byte(0);
    sum.process_bytes(product.data(), product.size());
  }
  return sum.checksum();
}

void manifest_reader::read_header() {
  text_.clear();
  first_line_ = 0;
  next_line_of_row();
  if (separator_ == '\0') separator_ = header_separator(lines_.text());
  tight_ = false;
  read_cells(0, most_columns);
  std::vector<header_cell> names;
  names.reserve(cell_count_);
  for (std::size_t at = 0; at < cell_count_; ++at) {
    names.push_back({cells_[at].text, cells_[at].at});
  }
  tight_ = std::none_of(cells_.begin(), cells_.begin() + static_cast<std::ptrdiff_t>(cell_count_),
                        [](const cell& each) { return each.spaced; });
  columns_ = read_columns(names, options_.ignore_columns, ignored_);
  header_digest_ = digest(text_, {});
  least_cells_ = columns_.size();
  while (columns_[least_cells_ - 1].what == csv_column::use::unnamed)
    --least_cells_;
}

/// `least` and `most` are the numbers of cells that the row may have.
void manifest_reader::read_cells(std::size_t least, std::size_t most) {
  cell_count_ = 0;
  for (std::size_t at = 0;; ++at) {
    if (cell_count_ == most) refuse_more_cells(at);
    if (cell_count_ == cells_.size()) cells_.emplace_back();
    cell& next = cells_[cell_count_++];
    next.kept = columns_.empty() || columns_[cell_count_ - 1].what != csv_column::use::ignored;
    at = read_cell(next, at);
    if (!at_line_end(lines_.text(), at)) continue;
    if (cell_count_ >= least) return;
    refuse_fewer_cells(at);
  }
}

void manifest_reader::refuse_fewer_cells(std::size_t at) const {
  std::string reason = "the row has " + std::to_string(cell_count_) + " of the header's " +
                       std::to_string(columns_.size()) + " cells; ";
  const auto other = cell_count_ == 1 ? lines_.text().find_first_of(separators) : std::string::npos;
  if (other == std::string::npos) {
    reason += "leave none out, not even an empty one, and set them off by " +
              name_of_separator(separator_) + "s, as the header does";
  } else {
    // The header's own would have made a second cell.
    reason += "the header sets its names off by " + name_of_separator(separator_) +
              "s, and this row has " + name_of_separator(lines_.text()[other]) + 's';
  }
  throw manifest_error(here(at), reason);
}

void manifest_reader::refuse_more_cells(std::size_t at) const {
  if (columns_.empty()) {
    throw manifest_error(
        here(at), "more than " + std::to_string(most_columns) + " columns; is this a manifest?");
  }
  throw manifest_error(here(at), "more cells than the header's " + std::to_string(columns_.size()) +
                                     "; quote a cell that holds a " +
                                     name_of_separator(separator_));
}

/// The blanks around a cell are no part of it where the header has such, too.
std::size_t manifest_reader::read_cell(cell& into, std::size_t at) {
  into.text.clear();
  const std::size_t begin = tight_ ? at : skip_blanks(at);
  into.at = here(begin);
  into.spaced = begin != at;
  into.quoted = begin < lines_.text().size() && lines_.text()[begin] == '"';
  return into.quoted ? read_quoted(into, begin + 1) : read_plain(into, begin);
}

std::size_t manifest_reader::skip_blanks(std::size_t at) const {
  const std::string& line = lines_.text();
  while (at < line.size() && line[at] != separator_ && (line[at] == ' ' || line[at] == '\t'))
    ++at;
  return at;
}

std::size_t manifest_reader::read_quoted(cell& into, std::size_t at) {
  for (;;) {
    const std::string& line = lines_.text();
    if (at == line.size()) {
      bool more = false;
      try {
        more = lines_.next();
      } catch (const manifest_error&) {
        // A bad row of its own, when its turn comes.
        next_line_of_row();
        throw;
      }
      if (!more) throw manifest_error(into.at, "the quote that opens here is never closed");
      next_line_of_row();
      at = 0;
      continue;
    }
    if (line[at] == '"') {
      ++at;
      if (at == line.size() || line[at] != '"') break;
    }
    const char c = line[at++];
    if (!into.kept) continue;
    if (into.text.size() == max_field) {
      throw manifest_error(into.at, "the cell is longer than 64 KiB; is its quote closed?");
    }
    into.text.push_back(c);
  }
  const std::size_t end = tight_ ? at : skip_blanks(at);
  into.spaced = into.spaced || end != at;
  if (!at_line_end(lines_.text(), end) && lines_.text()[end] != separator_) {
    throw manifest_error(here(end), "text after a closing quote; double the quotes inside a cell");
  }
  return end;
}

std::size_t manifest_reader::read_plain(cell& into, std::size_t at) {
  const std::string& line = lines_.text();
  const auto ends = [this](char c) {
    return c == separator_ || c == '"' || c == '\r' || c == '\n';
  };
  std::size_t end = at;
  while (end < line.size() && !ends(line[end]))
    ++end;
  if (!at_line_end(line, end) && line[end] != separator_) {
    throw manifest_error(here(end), line[end] == '"'
                                        ? "a quote inside an unquoted cell; quote the whole cell, "
                                          "and double the quotes in it"
                                        : "a carriage return without a line feed; end lines with "
                                          "LF or CR LF");
  }
  if (!into.kept) return end;
  auto text = std::string_view(line).substr(at, end - at);
  if (!tight_) {
    const auto inner = trimmed(text);
    into.spaced = into.spaced || inner.size() != text.size();
    text = inner;
  }
  if (text.size() > max_field) {
    throw manifest_error(into.at, "the cell is longer than 64 KiB");
  }
  into.text = text;
  return end;
}

std::string csv_cell(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace binarly::tools
