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
#include <string_view>
#include <vector>

namespace binarly::tools {

/// What a manifest says of an upload, in the order in which it is documented; the first two are
/// needed. `file` names a local file whose SHA-256 is expected.
enum class column { product_id, image_id, name, version, author, sha256, sha1, md5, file };
inline constexpr std::array<std::string_view, 9> column_names{
    "product_id", "image_id", "name", "version", "author", "sha256", "sha1", "md5", "file"};

/// One upload as the manifest has it. The ids are as yet unchecked; checksums are hexadecimal and
/// of the right length.
struct manifest_row {
  std::uint64_t row = 0;     ///< its number, from 1; the header and blank lines are not counted
  std::uint64_t digest = 0;  ///< of its text, and of the header that gives it its meaning
  std::string product_id;
  std::string image_id;
  std::optional<std::string> name;  ///< none: not to be compared
  std::optional<std::string> version;
  std::optional<std::string> author;
  std::optional<std::string> sha256;
  std::optional<std::string> sha1;
  std::optional<std::string> md5;
  std::optional<std::string> file;
  std::uint64_t end = 0;  ///< bytes of the manifest up to the row's end, or nearly
  text_position product_id_at;
  text_position image_id_at;
  text_position file_at;
  /// Why the row cannot be used, with its place; empty for a good one. Of a bad one the rest is
  /// what could be read.
  std::string trouble;
};

/// Puts a value where it belongs. Throws `manifest_error` for one that cannot be.
void assign(manifest_row& row, column which, std::string value, text_position at);

/// Reads a manifest row by row, holding one of them.
///
/// Two forms, told apart by the first byte that is not blank: JSON Lines when it is `{`, otherwise
/// CSV (RFC 4180, with LF as well as CRLF) under a header that names columns in any order. The text
/// is UTF-8, with or without its mark; blank lines are skipped. An empty cell is not compared,
/// while `""` expects an empty value; in JSON, `null` is not compared.
///
/// Whatever else it meets is an error: nothing is guessed. A row that cannot be read is yielded as
/// a bad one, and reading goes on with the line after the one that it begins on. Lines and fields
/// are bounded.
class manifest_reader {
 public:
  static constexpr std::size_t max_field = 64 * 1024;

  /// The stream must outlive the reader; its buffer may throw, which ends the reading.
  explicit manifest_reader(std::istream& in);

  /// The next row, good or bad, or none at the end. Throws `manifest_error` where there is no
  /// manifest at all, after which it is not to be called again.
  [[nodiscard]] std::optional<manifest_row> next();
  /// Whether there is more to read without waiting for it, or nearly so: a row may have many lines.
  [[nodiscard]] bool has_line() const noexcept { return lines_.has_line(); }

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
  void read_row(manifest_row& row);
  void give_up_row();
  void next_line_of_row();
  [[nodiscard]] std::uint64_t digest() const;
  [[nodiscard]] text_position here(std::size_t at) const;

  line_reader lines_;
  form form_ = form::unknown;
  std::vector<cell> cells_;
  std::size_t cell_count_ = 0;
  std::vector<column> columns_;  ///< of the cells
  std::string text_;             ///< of the row's lines so far
  std::size_t first_line_ = 0;   ///< the size of the first of them
  std::uint64_t header_digest_ = 0;
  std::uint64_t rows_ = 0;
};

/// The text as one CSV cell that is always compared: quoted when it must be.
[[nodiscard]] std::string csv_cell(const std::string& text);

}  // namespace binarly::tools

#endif
