// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_RETRY_AFTER_HPP
#define BINARLY_DOMAIN_RETRY_AFTER_HPP

#include <chrono>
#include <optional>
#include <string_view>

namespace binarly::domain {

/// No longer wait is read out of a `Retry-After`: a longer one becomes this. As RFC 9111 has it for
/// numbers of seconds, and safe to convert to any unit down to nanoseconds.
inline constexpr std::chrono::seconds longest_retry_after{2'147'483'648};

/// Reads a `Retry-After` (RFC 9110, section 10.2.3): a number of seconds or an HTTP-date.
///
/// A date is taken relative to the answer's own `Date` where that can be read, so that the two
/// clocks need not agree, and otherwise to `now`. One in the past is no wait at all.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                                    std::string_view date_header,
                                                                    std::chrono::sys_seconds now);

}  // namespace binarly::domain

#endif
