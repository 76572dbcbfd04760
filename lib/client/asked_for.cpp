// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/asked_for.hpp"

#include "domain/printable.hpp"
#include "domain/resource_name.hpp"

#include <cassert>
#include <cstddef>
#include <string>
#include <utility>

namespace binarly::detail {
namespace {

/// No id of the service is longer, nor the name of an image. What is longer is not cut but left
/// out: a token in it could not be struck out any more.
constexpr std::size_t longest_shown = 300;

std::string shown(std::string_view text) {
  if (text.empty()) return "none";
  if (text.size() > longest_shown) return "one of " + std::to_string(text.size()) + " bytes";
  return '"' + domain::printable(text, 4 * longest_shown) + '"';
}

failure another(const std::string& what, std::string_view wanted, std::string_view found) {
  failure_detail detail;
  detail.code = errc::bad_response;
  detail.step = phase::decode;
  // It has the platform's form, so that it was mixed up on its way rather than asked of the wrong
  // one.
  detail.answered_by = responder::platform;
  detail.reason = "the answer is about another " + what + ": asked for " + shown(wanted) +
                  ", got " + shown(found);
  return failure(std::move(detail));
}

domain::resource_name asked_for(std::string_view resource) {
  const auto asked = domain::split_resource_name(resource);
  assert(asked && !asked->image.empty());
  return *asked;
}

}  // namespace

result<void> check_asked_for(const image& found, std::string_view resource) {
  const auto asked = asked_for(resource);
  if (!domain::is_id_of(found.id, asked)) return another("image", asked.image, found.id);
  if (!found.parent.empty() && !domain::is_parent_of(found.parent, asked)) {
    return another("product", "products/" + std::string(asked.product), found.parent);
  }
  return {};
}

result<void> check_asked_for(const std::vector<scan>& found, std::string_view resource) {
  const auto asked = asked_for(resource);
  for (const auto& one : found) {
    if (domain::is_elsewhere(one.parent, asked)) {
      return another("image, by the parent of a scan", resource, one.parent);
    }
  }
  return {};
}

}  // namespace binarly::detail
