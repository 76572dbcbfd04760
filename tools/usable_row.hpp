// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_USABLE_ROW_HPP
#define BINARLY_TOOLS_USABLE_ROW_HPP

#include "tools/manifest_row.hpp"

#include <binarly/image.hpp>

#include <boost/system/result.hpp>

#include <string>
#include <utility>

namespace binarly::tools {

/// What the row names, or why it cannot be looked up, with the place.
[[nodiscard]] inline boost::system::result<image_ref, std::string> usable(const manifest_row& row) {
  if (!row.trouble.empty()) return row.trouble;
  // A full name has its product in itself.
  if (row.product_id.empty() && row.image_id.find('/') == row.image_id.npos) {
    return to_string(row.image_id_at) +
           ": the row names no product; give it one under product_id, or set BINARLY_PRODUCT_ID "
           "for all such rows";
  }
  auto ref = image_ref::parse(row.product_id, row.image_id);
  if (ref) return std::move(*ref);
  const bool product = !row.product_id.empty() && image_ref::parse(row.product_id, "x").has_error();
  return to_string(product ? row.product_id_at : row.image_id_at) + ": " +
         ref.error().detail().reason;
}

}  // namespace binarly::tools

#endif
