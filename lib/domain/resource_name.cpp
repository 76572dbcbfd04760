// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/resource_name.hpp"

#include <binarly/image.hpp>

#include <algorithm>

namespace binarly {

namespace {

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Of ids, or of any one part of a name.
bool same_part(std::string_view one, std::string_view other) noexcept {
  if (one == other) return true;
  return is_ulid(one) && is_ulid(other) && std::ranges::equal(one, other, {}, upper, upper);
}

std::string_view without_first_slash(std::string_view text) noexcept {
  if (text.starts_with('/')) text.remove_prefix(1);
  return text;
}

/// Takes the text up to the next slash off its front, and the slash.
std::string_view take_part(std::string_view& text) noexcept {
  const auto slash = text.find('/');
  const auto part = text.substr(0, slash);
  text.remove_prefix(slash == text.npos ? text.size() : slash + 1);
  return part;
}

}  // namespace

bool is_ulid(std::string_view text) noexcept {
  const auto is_digit = [](char c) {
    const char digit = upper(c);
    return (digit >= '0' && digit <= '9') || (digit >= 'A' && digit <= 'Z' && digit != 'I' &&
                                              digit != 'L' && digit != 'O' && digit != 'U');
  };
  // 26 digits hold 130 bits, so the first one is at most 7.
  return text.size() == 26 && text.front() <= '7' && std::ranges::all_of(text, is_digit);
}

bool same_resource(std::string_view one, std::string_view other) noexcept {
  one = without_first_slash(one);
  other = without_first_slash(other);
  // One slash more at the end is another name.
  if (one.ends_with('/') != other.ends_with('/')) return false;
  while (!one.empty() && !other.empty()) {
    if (!same_part(take_part(one), take_part(other))) return false;
  }
  return one.empty() && other.empty();
}

}  // namespace binarly

namespace binarly::domain {

std::optional<resource_name> split_resource_name(std::string_view text) noexcept {
  text = without_first_slash(text);
  if (text.ends_with('/') || take_part(text) != "products") return std::nullopt;
  resource_name name;
  name.product = take_part(text);
  if (name.product.empty()) return std::nullopt;
  if (text.empty()) return name;
  if (take_part(text) != "images" || text.empty()) return std::nullopt;
  name.image = text;
  return text.find('/') == text.npos ? std::optional(name) : std::nullopt;
}

bool is_id_of(std::string_view id, const resource_name& image) noexcept {
  if (same_part(id, image.image)) return true;
  const auto name = split_resource_name(id);
  return name && same_part(name->image, image.image) && same_part(name->product, image.product);
}

bool is_parent_of(std::string_view parent, const resource_name& image) noexcept {
  const auto name = split_resource_name(parent);
  return name && name->image.empty() && same_part(name->product, image.product);
}

bool is_elsewhere(std::string_view parent, const resource_name& image) noexcept {
  const auto name = split_resource_name(parent);
  if (!name) return false;
  return !same_part(name->product, image.product) ||
         (!name->image.empty() && !same_part(name->image, image.image));
}

}  // namespace binarly::domain
