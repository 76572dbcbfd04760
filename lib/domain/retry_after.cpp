// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/retry_after.hpp"

#include "domain/http_date.hpp"

#include <algorithm>

namespace binarly::domain {

namespace {

std::optional<std::chrono::seconds> read_seconds(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::chrono::seconds sum(0);
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    sum = std::min(sum * 10 + std::chrono::seconds(c - '0'), longest_retry_after);
  }
  return sum;
}

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::string_view date_header,
                                                      std::chrono::sys_seconds now) {
  if (const auto delay = read_seconds(value)) return delay;
  const auto date = parse_http_date(value, now);
  if (!date) return std::nullopt;
  const auto start = parse_http_date(date_header, now).value_or(now);
  return std::clamp(*date - start, std::chrono::seconds(0), longest_retry_after);
}

}  // namespace binarly::domain
