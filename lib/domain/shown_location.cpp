// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/shown_location.hpp"

#include <algorithm>
#include <cstddef>

namespace binarly::domain {
namespace {

// By hand, since what a server sends need not be a URL, and must be safe to show all the same.

constexpr std::string_view slashes = "/\\";

std::size_t find_from(std::string_view text, std::string_view any, std::size_t begin) {
  return std::min(text.find_first_of(any, begin), text.size());
}

bool is_http(std::string_view scheme) {
  constexpr std::string_view lower = "https";
  return (scheme.size() == 4 || scheme.size() == 5) &&
         std::equal(scheme.begin(), scheme.end(), lower.begin(),
                    [](char seen, char wanted) { return (seen | 0x20) == wanted; });
}

/// "scheme:" and slashes as browsers read them: any number of them, of either kind.
std::string without_user(std::string_view location) {
  const std::size_t colon = find_from(location, ":/\\@", 0);
  const bool absolute = colon < location.size() && location[colon] == ':';
  const std::size_t begin = absolute ? colon + 1 : 0;
  const std::size_t host = std::min(location.find_first_not_of(slashes, begin), location.size());
  const bool path_alone = !absolute && host == 1;
  const std::size_t at = location.substr(0, find_from(location, slashes, host)).rfind('@');
  if (path_alone || at == location.npos || at < host) return std::string(location);
  const bool keeps_begin = !absolute || is_http(location.substr(0, colon));
  std::string shown(keeps_begin ? location.substr(0, host) : std::string_view());
  return shown.append(location.substr(at + 1));
}

/// Of a path: its parameters, or a query that is coded.
std::size_t secrets_begin(std::string_view path) {
  std::size_t end = find_from(path, ";", 0);
  for (std::size_t at = path.find('%'); at < end; at = path.find('%', at + 1)) {
    const std::string_view code = path.substr(at + 1, 2);
    if (code == "3F" || code == "3f" || code == "23" || code == "3B" || code == "3b") end = at;
  }
  return end;
}

}  // namespace

std::string shown_location(std::string_view location) {
  std::string shown = without_user(location.substr(0, find_from(location, "?#", 0)));
  shown.erase(secrets_begin(shown));
  return shown;
}

}  // namespace binarly::domain
