// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/manifest_row.hpp"

#include <utility>

namespace binarly::tools {

namespace {

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::size_t digits_of(column checksum) {
  if (checksum == column::sha256) return 64;
  return checksum == column::sha1 ? 40 : 32;
}

void trim(std::string& text) {
  const auto inner = trimmed(text);
  if (inner.size() != text.size()) text = std::string(inner);
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

void assign(manifest_row& row, column which, std::string value, text_position at) {
  const auto checksum = [&](std::optional<std::string>& into) {
    trim(value);
    const auto digits = digits_of(which);
    if (value.size() != digits || !is_hex(value)) {
      throw manifest_error(at, std::string(column_names[static_cast<std::size_t>(which)]) +
                                   " is not " + std::to_string(digits) + " hexadecimal digits");
    }
    into = std::move(value);
  };
  switch (which) {
    case column::product_id:
      trim(value);
      row.product_id = std::move(value);
      row.product_id_at = at;
      return;
    case column::image_id:
      trim(value);
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

std::string product_of_parent(std::string parent) {
  constexpr std::string_view products = "products/";
  const auto inner = trimmed(parent);
  if (!inner.starts_with(products)) return parent;
  return std::string(inner.substr(products.size()));
}

}  // namespace binarly::tools
