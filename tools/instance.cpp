// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/instance.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <algorithm>
#include <cstddef>

namespace binarly::tools {

namespace {

constexpr std::string_view longest_prefix = "dashboard-";
constexpr std::string_view domain = ".binarly.cloud";
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_name = 253;

/// A part of a host name between dots (RFC 1123, section 2.1).
bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= longest_label && text.front() != '-' &&
         text.back() != '-' && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

bool is_slug(std::string_view slug) {
  if (longest_prefix.size() + slug.size() + domain.size() > longest_name) return false;
  if (longest_prefix.size() + std::min(slug.find('.'), slug.size()) > longest_label) return false;
  for (;;) {
    const auto dot = slug.find('.');
    if (!is_label(slug.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    slug.remove_prefix(dot + 1);
  }
}

}  // namespace

instance_addresses addresses_of_instance(std::string_view slug, const std::string& option) {
  if (!is_slug(slug)) {
    throw command_error(exit_code::usage,
                        "the instance \"" + printable(slug, 80) +
                            "\" is none: it takes letters, digits, hyphens and dots, as in "
                            "https://dashboard-{slug}.binarly.cloud; check " +
                            option);
  }
  const auto address = [slug](std::string_view host) {
    std::string url = "https://";
    return url.append(host).append(1, '-').append(slug).append(domain);
  };
  return {address("dashboard"), address("auth"), address("kc")};
}

}  // namespace binarly::tools
