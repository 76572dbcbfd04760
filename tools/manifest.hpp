// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_MANIFEST_HPP
#define BINARLY_TOOLS_MANIFEST_HPP

#include "tools/line_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace binarly::tools {

/// One upload as the manifest has it. The ids are as yet unchecked.
struct manifest_row {
  std::uint64_t row = 0;  ///< its number, from 1; the header and blank lines are not counted
  std::string product_id;
  std::string image_id;
  std::optional<std::string> name;  ///< none: not to be compared
  std::optional<std::string> version;
  text_position product_id_at;
  text_position image_id_at;
};

/// Reads a manifest row by row, holding one of them.
///
/// Two forms, told apart by the first byte that is not blank: JSON Lines when it is `{`, otherwise
/// CSV (RFC 4180, with LF as well as CRLF) under a header that names `product_id` and `image_id`,
/// and may name `name` and `version`, in any order. The text is UTF-8, with or without its mark;
/// blank lines are skipped. An empty cell is not compared, while `""` expects an empty value; in
/// JSON, `null` is not compared.
///
/// Whatever else it meets is an error: nothing is guessed. Lines and fields are bounded.
class manifest_reader {
 public:
  static constexpr std::size_t max_field = 64 * 1024;

  /// The stream must outlive the reader; its buffer may throw, which ends the reading.
  explicit manifest_reader(std::istream& in);

  /// The next row, or none at the end. Throws `manifest_error`, after which it is not to be called
  /// again.
  [[nodiscard]] std::optional<manifest_row> next();

 private:
  enum class form { unknown, csv, json_lines };
  struct cell {
    std::string text;
    bool quoted = false;
    text_position at;
  };

  void read_header();
  void read_cells(std::size_t expected);
  std::size_t read_quoted(cell& into, std::size_t at);
  std::size_t read_plain(cell& into, std::size_t at);
  [[nodiscard]] manifest_row row_from_cells();
  [[nodiscard]] text_position here(std::size_t at) const;

  line_reader lines_;
  form form_ = form::unknown;
  std::vector<cell> cells_;
  std::size_t cell_count_ = 0;
  std::array<std::optional<std::size_t>, 4> columns_;  ///< in the order of `column_names`
  std::uint64_t rows_ = 0;
};

/// The text as one CSV cell that is always compared: quoted when it must be.
[[nodiscard]] std::string csv_cell(const std::string& text);

}  // namespace binarly::tools

#endif
