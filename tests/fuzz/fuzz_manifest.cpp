// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// A manifest is read to its end, or refused by a `manifest_error` that names a place in it; so is a
// row. Whatever comes out of it is bounded. What a row holds survives being written as CSV and read
// again.

#include "tools/manifest.hpp"
#include "tools/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

namespace {

using binarly::tools::manifest_reader;
using binarly::tools::manifest_row;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_text(const std::string& text) {
  require(text.size() <= manifest_reader::max_field);
  for (std::size_t at = 0; at < text.size();) {
    const auto length = binarly::tools::utf8_length(std::string_view(text).substr(at));
    require(length != 0 && text[at] != '\0');
    at += length;
  }
}

void check_round_trip(const manifest_row& row) {
  using binarly::tools::csv_cell;
  std::istringstream again("name,image_id,product_id\n" + csv_cell(row.name.value_or("")) + ',' +
                           csv_cell(row.image_id) + ',' + csv_cell(row.product_id) + '\n');
  const auto read = manifest_reader(again).next();
  require(read && read->product_id == row.product_id && read->image_id == row.image_id &&
          read->name == row.name.value_or(""));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  // Whatever further columns hold is passed over in half of the cases.
  manifest_reader reader(in, {size % 2 == 0, ""});
  std::uint64_t last = 0;
  try {
    while (const auto row = reader.next()) {
      require(row->row > last && row->row == reader.rows());
      last = row->row;
      if (!row->trouble.empty()) {
        require(row->trouble.starts_with("line "));
        continue;
      }
      check_text(row->product_id);
      check_text(row->image_id);
      check_text(row->name.value_or(""));
      check_text(row->version.value_or(""));
      require(row->product_id_at.column <= size + 1 && row->image_id_at.column <= size + 1);
      check_round_trip(*row);
    }
    require(last != 0);
  } catch (const binarly::tools::manifest_error& error) {
    require(error.place().line >= 1 && error.place().line <= size + 2);
    require(error.place().column >= 1 && error.place().column <= size + 2);
  }
  return 0;
}
