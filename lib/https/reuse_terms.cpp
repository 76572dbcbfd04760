// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/reuse_terms.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <charconv>

namespace binarly::https {
namespace {

std::string_view trim(std::string_view text) noexcept {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// A number that is too large to be held is as good as the largest.
std::optional<std::uint32_t> read_number(std::string_view text) noexcept {
  if (text.size() > 1 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  std::uint32_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (end != last || failed == std::errc::invalid_argument) return std::nullopt;
  if (failed == std::errc::result_out_of_range) value = UINT32_MAX;
  return value;
}

}  // namespace

void read_keep_alive(std::string_view value, reuse_terms& terms) noexcept {
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    const std::string_view item = value.substr(0, comma);
    value.remove_prefix(std::min(comma + 1, value.size()));

    const auto equals = std::min(item.find('='), item.size());
    const std::string_view name = trim(item.substr(0, equals));
    const auto number = read_number(trim(item.substr(std::min(equals + 1, item.size()))));
    if (!number) continue;
    if (boost::beast::iequals(name, "timeout")) {
      terms.idle_timeout = std::chrono::seconds(*number);
    } else if (boost::beast::iequals(name, "max")) {
      terms.max_requests = number;
    }
  }
}

}  // namespace binarly::https
