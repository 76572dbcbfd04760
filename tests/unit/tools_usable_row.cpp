// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/usable_row.hpp"

#include <doctest/doctest.h>

#include <string>

namespace binarly::tools {

namespace {

/// The path of what the row names, or why it names nothing.
std::string named(const std::string& product, const std::string& image) {
  manifest_row row;
  row.product_id = product;
  row.image_id = image;
  row.product_id_at = {2, 1};
  row.image_id_at = {2, 9};
  const auto ref = usable(row);
  return ref ? ref->path() : ref.error();
}

}  // namespace

TEST_CASE("usable_row: ids, resource names, and a name that needs no product") {
  CHECK(named("p", "i") == "products/p/images/i");
  CHECK(named("products/p", "i") == "products/p/images/i");
  CHECK(named("p", "/products/p/images/i") == "products/p/images/i");
  CHECK(named("", "products/p/images/i") == "products/p/images/i");
}

TEST_CASE("usable_row: the place is that of the cell which is wrong") {
  CHECK(named("", "i").starts_with("line 2, column 9: the row names no product"));
  CHECK(named("a b", "i").starts_with("line 2, column 1: product id \"a b\": character 2"));
  CHECK(named("p", "").starts_with("line 2, column 9: image id is empty"));
  CHECK(named("p", "a/b").starts_with("line 2, column 9: image id \"a/b\": character 2"));
  CHECK(named("", "a/b").starts_with("line 2, column 9: image id \"a/b\": character 2"));
  CHECK(named("", "products/p/images/a b").starts_with("line 2, column 9: image id \"a b\""));
  CHECK(named("", "products/-/images/i").starts_with("line 2, column 9: product id \"-\""));
  CHECK(named("q", "products/p/images/i").starts_with("line 2, column 9: image id \"products/p/"));
}

}  // namespace binarly::tools
