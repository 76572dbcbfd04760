// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_MANIFEST_ROWS_HPP
#define BINARLY_TESTS_SUPPORT_MANIFEST_ROWS_HPP

#include "tools/manifest.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace binarly::tools {

/// All rows of a manifest, good and bad.
[[nodiscard]] inline std::vector<manifest_row> rows_of(const std::string& text,
                                                       const manifest_options& options = {}) {
  std::istringstream in(text);
  manifest_reader reader(in, options);
  std::vector<manifest_row> rows;
  while (auto row = reader.next())
    rows.push_back(std::move(*row));
  return rows;
}

/// `1 p/i version; 3 …`, a bad row as what is wrong with it, and at the end why there are no more.
[[nodiscard]] inline std::string shown(const std::string& text,
                                       const manifest_options& options = {}) {
  std::string out;
  std::istringstream in(text);
  manifest_reader reader(in, options);
  try {
    while (const auto row = reader.next()) {
      if (!out.empty()) out += "; ";
      out += std::to_string(row->row) + ' ';
      out += row->trouble.empty()
                 ? row->product_id + '/' + row->image_id + (row->version ? ' ' + *row->version : "")
                 : row->trouble;
    }
  } catch (const manifest_error& error) {
    out += (out.empty() ? "" : "; ") + std::string("end: ") + error.what();
  }
  return out;
}

}  // namespace binarly::tools

#endif
