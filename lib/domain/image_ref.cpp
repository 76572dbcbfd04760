// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/printable.hpp"
#include "domain/resource_name.hpp"

#include <binarly/image.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>

namespace binarly {

namespace {

constexpr std::size_t max_id_size = 128;
/// That of an image, with a slash in front.
constexpr std::size_t longest_name = 2 * max_id_size + 18;

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// What is wrong with an id; empty when nothing is. A text that is too long is not quoted: it may
/// be a token in the wrong place.
std::string flaw_of(std::string_view what, std::string_view id) {
  const auto bad = std::ranges::find_if_not(id, is_unreserved);
  const bool fits = !id.empty() && id.size() <= max_id_size && bad == id.end();
  if (fits && id != "." && id != ".." && id != "-") return {};
  const std::string name(what);
  if (id.empty()) return name + " is empty";
  if (id.size() > max_id_size) {
    return name + " is " + std::to_string(id.size()) + " characters long; at most " +
           std::to_string(max_id_size) + " are allowed";
  }
  const std::string quoted = name + " \"" + domain::printable(id, 64) + "\": ";
  if (bad != id.end()) {
    return quoted + "character " + std::to_string(bad - id.begin() + 1) +
           " is not allowed; ids are made of letters, digits, \"-\", \".\", \"_\" and \"~\"";
  }
  if (id == "-") return quoted + "stands for any of them, and names none";
  return quoted + "would change the path that it stands in";
}

std::string quote(std::string_view name) {
  if (name.size() <= longest_name) return '"' + domain::printable(name, longest_name) + '"';
  return "of " + std::to_string(name.size()) + " characters";
}

/// Puts the ids in place of the names that stand where they are due; what is wrong with that, or
/// empty.
std::string unfold(std::string_view& product, std::string_view& image) {
  if (const auto name = domain::split_resource_name(product)) {
    if (!name->image.empty()) {
      return "product id " + quote(product) + ": names an image, where a product is due";
    }
    product = name->product;
  }
  const auto name = domain::split_resource_name(image);
  if (!name) return {};
  if (name->image.empty()) {
    return "image id " + quote(image) + ": names a product, where an image is due";
  }
  if (product.empty()) {
    product = name->product;
  } else if (!same_resource(product, name->product)) {
    return "image id " + quote(image) + ": belongs to another product than the product id " +
           quote(product) + ", which is given with it";
  }
  image = name->image;
  return {};
}

}  // namespace

image_ref::image_ref() noexcept = default;

image_ref::image_ref(std::string_view product_id, std::string_view image_id)
    : image_ref(parse(product_id, image_id).value()) {}

result<image_ref> image_ref::parse(std::string_view product_id, std::string_view image_id) {
  std::string flaw = unfold(product_id, image_id);
  // A name that is none is what is wrong, and not that it brings no product.
  if (flaw.empty() && product_id.empty() && image_id.find('/') != image_id.npos) {
    flaw = flaw_of("image id", image_id);
  }
  if (flaw.empty()) flaw = flaw_of("product id", product_id);
  if (flaw.empty()) flaw = flaw_of("image id", image_id);
  if (!flaw.empty()) return failure(errc::invalid_argument, std::move(flaw));
  image_ref ref;
  ref.product_id_ = product_id;
  ref.image_id_ = image_id;
  return ref;
}

bool image_ref::has_id(std::string_view id) const noexcept {
  return !empty() && domain::is_id_of(id, {product_id_, image_id_});
}

bool image_ref::has_parent(std::string_view parent) const noexcept {
  return !empty() && domain::is_parent_of(parent, {product_id_, image_id_});
}

std::string image_ref::path() const { return "products/" + product_id_ + "/images/" + image_id_; }

std::ostream& operator<<(std::ostream& out, const image_ref& ref) { return out << ref.path(); }

}  // namespace binarly
