// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_HTTP_DATE_HPP
#define BINARLY_DOMAIN_HTTP_DATE_HPP

#include <chrono>
#include <optional>
#include <string_view>

namespace binarly::domain {

/// Reads an `HTTP-date` of RFC 9110, section 5.6.7, in any of its three forms. The day's name must
/// be one, but is not held against the date.
///
/// `now` gives the two-digit year of the RFC 850 form its century: the latest that puts the date no
/// more than 50 years into the future.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                                      std::chrono::sys_seconds now);

}  // namespace binarly::domain

#endif
