// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_RFC3339_HPP
#define BINARLY_DOMAIN_RFC3339_HPP

#include <binarly/image.hpp>

#include <optional>
#include <string_view>

namespace binarly::domain {

/// Reads a `date-time` of RFC 3339, which keeps its text.
///
/// A leap second counts as the second after it, and is accepted only where one can be: at the end
/// of a month of UTC. A time that a count of nanoseconds cannot hold (before 1677-09-21 or after
/// 2262-04-11) is not `known`.
[[nodiscard]] std::optional<timestamp> parse_rfc3339(std::string_view text);

}  // namespace binarly::domain

#endif
