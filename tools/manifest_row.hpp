// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_MANIFEST_ROW_HPP
#define BINARLY_TOOLS_MANIFEST_ROW_HPP

#include "tools/line_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::tools {

/// What a manifest says of an upload, in the order in which it is documented; `image_id` is needed.
/// `file` names a local file whose SHA-256 is expected.
enum class column { product_id, image_id, name, version, author, sha256, sha1, md5, file };
inline constexpr std::array<std::string_view, 9> column_names{
    "product_id", "image_id", "name", "version", "author", "sha256", "sha1", "md5", "file"};

/// The platform's own names for the ids, as its lists of images have them; `parent` is
/// `products/P`. Each stands for the id where the manifest has none under the name above.
inline constexpr std::string_view id_synonym = "id";
inline constexpr std::string_view parent_synonym = "parent";

/// What the platform's own lists say beside it, which is no surprise and not compared.
inline constexpr std::array<std::string_view, 2> uncompared_names{"createTime", "scan_id"};

/// A cell or a JSON value of a manifest holds this much at most, in bytes.
inline constexpr std::size_t max_manifest_field = 64 * 1024;

/// One upload as the manifest has it. The ids are as yet unchecked; checksums are hexadecimal and
/// of the right length.
struct manifest_row {
  /// Its number, from 1. The header and blank lines are not counted; rows whose cells are all empty
  /// are, though they are no uploads.
  std::uint64_t row = 0;
  std::uint64_t digest = 0;         ///< of its text, and of the header that gives it its meaning
  std::string product_id;           ///< empty where none is named
  std::string image_id;             ///< or its full name, `products/P/images/I`
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

/// Puts a value where it belongs; blanks around ids and checksums are no part of them. Throws
/// `manifest_error` for one that cannot be.
void assign(manifest_row& row, column which, std::string value, text_position at);

/// The product's id in `products/P`; any other text as it is.
[[nodiscard]] std::string product_of_parent(std::string parent);

/// Without blanks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

}  // namespace binarly::tools

#endif
