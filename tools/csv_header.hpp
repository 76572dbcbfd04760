// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_CSV_HEADER_HPP
#define BINARLY_TOOLS_CSV_HEADER_HPP

#include "tools/manifest_row.hpp"
#include "tools/quoted_names.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

/// What may stand between cells.
inline constexpr std::string_view separators = ",;\t";

/// What becomes of the cells under one name of a CSV's header.
struct csv_column {
  enum class use {
    value,    ///< it is one of the columns
    parent,   ///< it is `products/P`
    ignored,  ///< it is not looked at
    unnamed   ///< it has to be empty
  };
  use what = use::value;
  column which = column::product_id;  ///< of a value
};

/// One name as the header has it.
struct header_cell {
  std::string_view text;
  text_position at;
};

/// The separator that the line `sep=;` names, as spreadsheets write it before a header; none for
/// any other line. Throws `manifest_error` for a separator that is not supported.
[[nodiscard]] std::optional<char> named_separator(std::string_view line, std::uint64_t number);

/// The separator of a header, out of comma, semicolon and tab: the one that sets off the most names
/// of columns. What the rows hold is not looked at.
[[nodiscard]] char header_separator(std::string_view line);

/// Tells what the columns are, whatever the case of their names and the blanks around them.
/// Further columns are added to `ignored` if that is wanted, and refused otherwise, all in one
/// message. Throws `manifest_error`.
[[nodiscard]] std::vector<csv_column> read_columns(const std::vector<header_cell>& cells,
                                                   bool ignore, quoted_names& ignored);

}  // namespace binarly::tools

#endif
