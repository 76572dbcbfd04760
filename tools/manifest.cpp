// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/manifest.hpp"

#include "tools/json_row.hpp"
#include "tools/text.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace binarly::tools {

namespace {

constexpr std::string_view header_hint =
    "the header names product_id and image_id, and may name name, version, author, sha256, sha1, "
    "md5 and file";

/// CRC-64 as XZ has it: it must tell rows apart, not resist anybody.
using crc = boost::crc_optimal<64, 0x42F0E1EBA9EA3693, ~0ULL, ~0ULL, true, true>;

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::size_t digits_of(column checksum) {
  if (checksum == column::sha256) return 64;
  return checksum == column::sha1 ? 40 : 32;
}

/// Where the line's end begins: at a line feed, at CR LF, or at the end of the text.
bool at_line_end(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  return rest.empty() || rest == "\n" || rest == "\r\n";
}

}  // namespace

manifest_reader::manifest_reader(std::istream& in) : lines_(in) {}

text_position manifest_reader::here(std::size_t at) const { return {lines_.number(), at + 1}; }

void assign(manifest_row& row, column which, std::string value, text_position at) {
  const auto name = std::string(column_names[static_cast<std::size_t>(which)]);
  const auto checksum = [&](std::optional<std::string>& into) {
    const auto digits = digits_of(which);
    if (value.size() != digits || !is_hex(value)) {
      throw manifest_error(at, name + " is not " + std::to_string(digits) + " hexadecimal digits");
    }
    into = std::move(value);
  };
  switch (which) {
    case column::product_id:
      row.product_id = std::move(value);
      row.product_id_at = at;
      return;
    case column::image_id:
      row.image_id = std::move(value);
      row.image_id_at = at;
      return;
    case column::name:
      row.name = std::move(value);
      return;
    case column::version:
      row.version = std::move(value);
      return;
    case column::author:
      row.author = std::move(value);
      return;
    case column::sha256:
      return checksum(row.sha256);
    case column::sha1:
      return checksum(row.sha1);
    case column::md5:
      return checksum(row.md5);
    case column::file:
      if (value.empty()) throw manifest_error(at, "file is empty; name a file, or leave it out");
      row.file = std::move(value);
      row.file_at = at;
      return;
  }
}

std::optional<manifest_row> manifest_reader::next() {
  for (;;) {
    manifest_row row;
    text_.clear();
    first_line_ = 0;
    try {
      if (!lines_.next()) break;
      if (lines_.blank()) continue;
      if (form_ == form::unknown) {
        const auto first = lines_.text().find_first_not_of(" \t");
        if (lines_.text()[first] == '{') {
          form_ = form::json_lines;
        } else {
          form_ = form::csv;
          read_header();
          continue;
        }
      }
      read_row(row);
    } catch (const manifest_error& error) {
      // Without a header there is nothing to go on with.
      if (form_ == form::unknown || columns_.empty() != (form_ == form::json_lines)) throw;
      row.trouble = error.what();
      give_up_row();
    }
    row.digest = digest();
    row.end = lines_.position();
    row.row = ++rows_;
    return row;
  }
  if (rows_ == 0) {
    throw manifest_error({lines_.number() + 1, 1},
                         form_ == form::unknown
                             ? "the manifest is empty; it is CSV whose header names product_id and "
                               "image_id, or JSON Lines with those keys"
                             : "the manifest ends after its header; each upload takes a row");
  }
  return std::nullopt;
}

void manifest_reader::read_row(manifest_row& row) {
  next_line_of_row();
  if (form_ == form::json_lines) return read_json_row(row, lines_.text(), lines_.number());
  read_cells(columns_.size());
  for (std::size_t at = 0; at < cell_count_; ++at) {
    cell& found = cells_[at];
    const bool needed = columns_[at] == column::product_id || columns_[at] == column::image_id;
    if (!needed && !found.quoted && found.text.empty()) continue;
    assign(row, columns_[at], std::move(found.text), found.at);
  }
}

void manifest_reader::next_line_of_row() {
  text_ += lines_.text();
  if (first_line_ == 0) first_line_ = text_.size();
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

std::uint64_t manifest_reader::digest() const {
  crc sum;
  sum.process_bytes(&header_digest_, sizeof header_digest_);
  const auto text = without_line_end(text_);
  sum.process_bytes(text.data(), text.size());
  return sum.checksum();
}

void manifest_reader::read_header() {
  next_line_of_row();
  read_cells(0);
  std::vector<column> columns;
  for (std::size_t at = 0; at < cell_count_; ++at) {
    const cell& head = cells_[at];
    const auto found = std::find(column_names.begin(), column_names.end(), head.text);
    if (found == column_names.end()) {
      throw manifest_error(head.at, "unknown column \"" + printable(head.text, 60) + "\"; " +
                                        std::string(header_hint));
    }
    const auto which = static_cast<column>(found - column_names.begin());
    if (std::find(columns.begin(), columns.end(), which) != columns.end()) {
      throw manifest_error(head.at, "the column " + head.text + " is named twice");
    }
    columns.push_back(which);
  }
  for (const auto needed : {column::product_id, column::image_id}) {
    if (std::find(columns.begin(), columns.end(), needed) == columns.end()) {
      throw manifest_error({lines_.number(), 1},
                           "no column " +
                               std::string(column_names[static_cast<std::size_t>(needed)]) + "; " +
                               std::string(header_hint));
    }
  }
  header_digest_ = digest();
  columns_ = std::move(columns);
}

/// `expected` is the number of cells that the row must have; 0 for the header.
void manifest_reader::read_cells(std::size_t expected) {
  // More columns than there are names repeat one, or bear an unknown one: the header reader says
  // so.
  const std::size_t most = expected == 0 ? column_names.size() + 1 : expected;
  cell_count_ = 0;
  for (std::size_t at = 0;; ++at) {
    if (cell_count_ == most) {
      if (expected == 0) return;
      throw manifest_error(here(at), "more cells than the header's " + std::to_string(expected) +
                                         "; quote a cell that holds a comma");
    }
    if (cell_count_ == cells_.size()) cells_.emplace_back();
    cell& next = cells_[cell_count_++];
    next.text.clear();
    next.at = here(at);
    next.quoted = at < lines_.text().size() && lines_.text()[at] == '"';
    at = next.quoted ? read_quoted(next, at + 1) : read_plain(next, at);
    if (at_line_end(lines_.text(), at)) {
      if (cell_count_ < expected) {
        throw manifest_error(here(at), "the row has " + std::to_string(cell_count_) +
                                           " of the header's " + std::to_string(expected) +
                                           " cells; leave none out, not even an empty one");
      }
      return;
    }
  }
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
    if (into.text.size() == max_field) {
      throw manifest_error(into.at, "the cell is longer than 64 KiB; is its quote closed?");
    }
    into.text.push_back(line[at++]);
  }
  if (!at_line_end(lines_.text(), at) && lines_.text()[at] != ',') {
    throw manifest_error(here(at), "text after a closing quote; double the quotes inside a cell");
  }
  return at;
}

std::size_t manifest_reader::read_plain(cell& into, std::size_t at) {
  const std::string& line = lines_.text();
  const auto ends = [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; };
  std::size_t end = at;
  while (end < line.size() && !ends(line[end]))
    ++end;
  if (!at_line_end(line, end) && line[end] != ',') {
    throw manifest_error(here(end), line[end] == '"'
                                        ? "a quote inside an unquoted cell; quote the whole cell, "
                                          "and double the quotes in it"
                                        : "a carriage return without a line feed; end lines with "
                                          "LF or CR LF");
  }
  if (end - at > max_field) {
    throw manifest_error(into.at, "the cell is longer than 64 KiB");
  }
  into.text.assign(line, at, end - at);
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
