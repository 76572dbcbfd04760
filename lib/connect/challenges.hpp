// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_CHALLENGES_HPP
#define BINARLY_CONNECT_CHALLENGES_HPP

#include <string>
#include <string_view>
#include <vector>

namespace binarly::connect {

/// Adds the authentication schemes of one field of challenges (RFC 9110, section 11.6.1), such as
/// `WWW-Authenticate` or `Proxy-Authenticate`, in their order. Each name stands there once, and at
/// most eight; what is no name of a scheme is passed over.
void append_schemes(std::vector<std::string>& schemes, std::string_view challenges);

/// Whether it is among them, in whatever case.
[[nodiscard]] bool has_scheme(const std::vector<std::string>& schemes, std::string_view name);

}  // namespace binarly::connect

#endif
