// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SHOWN_LOCATION_HPP
#define BINARLY_DOMAIN_SHOWN_LOCATION_HPP

#include <string>
#include <string_view>

namespace binarly::domain {

/// What may be shown of a redirect's `Location` (RFC 9110, section 10.2.2): scheme, host and path.
/// Query, fragment and user information are left out, and so are a path's parameters
/// (`;name=value`) and what a coded `?` or `#` begins: a signature or a session may stand there.
/// The result is as hostile as the text, and no longer than it.
[[nodiscard]] std::string shown_location(std::string_view location);

}  // namespace binarly::domain

#endif
