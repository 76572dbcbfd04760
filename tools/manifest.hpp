// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_MANIFEST_HPP
#define BINARLY_TOOLS_MANIFEST_HPP

#include "tools/csv_header.hpp"
#include "tools/json_elements.hpp"
#include "tools/line_reader.hpp"
#include "tools/manifest_row.hpp"
#include "tools/quoted_names.hpp"

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace binarly::tools {

/// How a manifest is read.
struct manifest_options {
  bool ignore_columns = false;  ///< pass over columns and keys that are none of a manifest's
  std::string product_id;       ///< of rows that name none; empty for none
};

/// Reads a manifest row by row, holding one of them.
///
/// Three forms, told apart by how the text begins:
/// - CSV (RFC 4180, with LF as well as CRLF) under a header that names columns in any order and
///   case. The separator is a comma, a semicolon or a tab, as the header has it, or a line `sep=;`
///   before it. Where the header has blanks around names, blanks around cells are no part of them
///   either. Columns without a name have to be empty.
/// - JSON Lines, when the first character that is not blank is `{`.
/// - JSON texts that hold rows in other ways (`json_elements`): an array, the answer of the
///   platform's command `list-images`, objects over several lines.
///
/// The text is UTF-8, with or without its mark; blank lines, and rows of a spreadsheet whose cells
/// are all empty, are skipped. An empty cell is not compared, while `""` expects an empty value; in
/// JSON, `null` is not compared. The ids may have the platform's own names, `id` and `parent`.
///
/// Whatever else it meets is an error: nothing is guessed. A row that cannot be read is yielded as
/// a bad one, and reading goes on with the line after the one that it begins on, or with the
/// array's next element. Lines, fields and elements are bounded.
///
/// A row that has its product from the options has it in its digest, too: its verdict is no other
/// product's.
class manifest_reader {
 public:
  static constexpr std::size_t max_field = max_manifest_field;

  /// The stream must outlive the reader; its buffer may throw, which ends the reading.
  explicit manifest_reader(std::istream& in, manifest_options options = {});

  /// The next row, good or bad, or none at the end. Throws `manifest_error` where there is no
  /// manifest at all, or an array breaks off, after which it is not to be called again.
  [[nodiscard]] std::optional<manifest_row> next();
  /// Whether there is more to read without waiting for it, or nearly so: a row may have many lines.
  [[nodiscard]] bool has_line() const noexcept {
    return elements_ ? elements_->has_more() : lines_.has_line();
  }
  /// The number of the last row, be it empty.
  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  /// The columns or keys that were passed over.
  [[nodiscard]] const quoted_names& ignored() const noexcept { return ignored_; }

 private:
  enum class form { unknown, csv, json_lines, json_text };
  struct cell {
    std::string text;
    bool quoted = false;
    bool spaced = false;  ///< blanks around it were left out
    bool kept = true;     ///< its text is of use
    text_position at;
  };

  void find_form();
  [[nodiscard]] bool next_row(manifest_row& row);
  [[nodiscard]] bool next_line(manifest_row& row);
  void read_header();
  void read_cells(std::size_t least, std::size_t most);
  [[noreturn]] void refuse_fewer_cells(std::size_t at) const;
  [[noreturn]] void refuse_more_cells(std::size_t at) const;
  std::size_t read_cell(cell& into, std::size_t at);
  std::size_t read_quoted(cell& into, std::size_t at);
  std::size_t read_plain(cell& into, std::size_t at);
  [[nodiscard]] std::size_t skip_blanks(std::size_t at) const;
  [[nodiscard]] bool passes_over();
  void read_row(manifest_row& row);
  void take_cell(manifest_row& row, const csv_column& under, cell& found);
  [[nodiscard]] bool complete(manifest_row& row) const;
  void give_up_row();
  void next_line_of_row();
  [[nodiscard]] std::uint64_t digest(std::string_view text, std::string_view product) const;
  [[nodiscard]] text_position here(std::size_t at) const;

  const manifest_options options_;
  line_reader lines_;
  std::optional<json_elements> elements_;
  form form_ = form::unknown;
  char separator_ = '\0';  ///< of cells; none until it is known
  bool tight_ = true;      ///< blanks belong to the cells
  std::vector<cell> cells_;
  std::size_t cell_count_ = 0;
  std::vector<csv_column> columns_;  ///< of the cells
  std::size_t least_cells_ = 0;      ///< that a row has to have
  std::string text_;                 ///< of the row's lines so far
  std::size_t first_line_ = 0;       ///< the size of the first of them
  std::uint64_t header_digest_ = 0;
  std::uint64_t rows_ = 0;
  bool any_ = false;  ///< row was yielded
  quoted_names ignored_;
};

/// The text as one CSV cell that is always compared: quoted when it must be.
[[nodiscard]] std::string csv_cell(const std::string& text);

}  // namespace binarly::tools

#endif
