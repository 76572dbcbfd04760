// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/manifest.hpp"

#include "tools/json_row.hpp"
#include "tools/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace binarly::tools {

namespace {

constexpr std::array<std::string_view, 4> column_names{"product_id", "image_id", "name", "version"};
constexpr std::string_view header_hint =
    "the header names product_id and image_id, and may name name and version";

/// Where the line's end begins: at a line feed, at CR LF, or at the end of the text.
bool at_line_end(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  return rest.empty() || rest == "\n" || rest == "\r\n";
}

}  // namespace

manifest_reader::manifest_reader(std::istream& in) : lines_(in) {}

text_position manifest_reader::here(std::size_t at) const { return {lines_.number(), at + 1}; }

std::optional<manifest_row> manifest_reader::next() {
  while (lines_.next()) {
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
    manifest_row row = form_ == form::json_lines ? read_json_row(lines_.text(), lines_.number())
                                                 : (read_cells(cell_count_), row_from_cells());
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

void manifest_reader::read_header() {
  read_cells(0);
  for (std::size_t at = 0; at < cell_count_; ++at) {
    const cell& head = cells_[at];
    const auto found = std::find(column_names.begin(), column_names.end(), head.text);
    if (found == column_names.end()) {
      throw manifest_error(head.at, "unknown column \"" + printable(head.text, 60) + "\"; " +
                                        std::string(header_hint));
    }
    auto& column = columns_[static_cast<std::size_t>(found - column_names.begin())];
    if (column) throw manifest_error(head.at, "the column " + head.text + " is named twice");
    column = at;
  }
  for (std::size_t needed = 0; needed < 2; ++needed) {
    if (!columns_[needed]) {
      throw manifest_error({lines_.number(), 1}, "no column " + std::string(column_names[needed]) +
                                                     "; " + std::string(header_hint));
    }
  }
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
      if (!lines_.next()) {
        throw manifest_error(into.at, "the quote that opens here is never closed");
      }
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
  const std::size_t end = std::min(line.find_first_of(",\"\r\n", at), line.size());
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

manifest_row manifest_reader::row_from_cells() {
  manifest_row row;
  cell& product = cells_[*columns_[0]];
  cell& image = cells_[*columns_[1]];
  row.product_id = std::move(product.text);
  row.image_id = std::move(image.text);
  row.product_id_at = product.at;
  row.image_id_at = image.at;
  const auto optional_cell = [this](std::optional<std::size_t> column) {
    std::optional<std::string> value;
    if (!column) return value;
    cell& found = cells_[*column];
    if (found.quoted || !found.text.empty()) value = std::move(found.text);
    return value;
  };
  row.name = optional_cell(columns_[2]);
  row.version = optional_cell(columns_[3]);
  return row;
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
