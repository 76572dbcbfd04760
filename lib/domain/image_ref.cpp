// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/printable.hpp"

#include <binarly/image.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>

namespace binarly {

namespace {

constexpr std::size_t max_id_size = 128;

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// What is wrong with an id; empty when nothing is. A text that is too long is not quoted: it may
/// be a token in the wrong place.
std::string flaw_of(std::string_view what, std::string_view id) {
  const auto bad = std::ranges::find_if_not(id, is_unreserved);
  const bool fits = !id.empty() && id.size() <= max_id_size && bad == id.end();
  if (fits && id != "." && id != "..") return {};
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
  return quoted + "would change the path that it stands in";
}

}  // namespace

bool is_ulid(std::string_view text) noexcept {
  const auto is_digit = [](char c) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return (upper >= '0' && upper <= '9') || (upper >= 'A' && upper <= 'Z' && upper != 'I' &&
                                              upper != 'L' && upper != 'O' && upper != 'U');
  };
  // 26 digits hold 130 bits, so the first one is at most 7.
  return text.size() == 26 && text.front() <= '7' && std::ranges::all_of(text, is_digit);
}

image_ref::image_ref() noexcept = default;

image_ref::image_ref(std::string_view product_id, std::string_view image_id)
    : image_ref(parse(product_id, image_id).value()) {}

result<image_ref> image_ref::parse(std::string_view product_id, std::string_view image_id) {
  std::string flaw = flaw_of("product id", product_id);
  if (flaw.empty()) flaw = flaw_of("image id", image_id);
  if (!flaw.empty()) return failure(errc::invalid_argument, std::move(flaw));
  image_ref ref;
  ref.product_id_ = product_id;
  ref.image_id_ = image_id;
  return ref;
}

std::string image_ref::path() const { return "products/" + product_id_ + "/images/" + image_id_; }

std::ostream& operator<<(std::ostream& out, const image_ref& ref) { return out << ref.path(); }

}  // namespace binarly
