// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_BASE64_HPP
#define BINARLY_CONNECT_BASE64_HPP

#include <string>
#include <string_view>

namespace binarly::connect {

/// In base 64 (RFC 4648, section 4), as basic credentials are sent.
[[nodiscard]] std::string base64(std::string_view text);

}  // namespace binarly::connect

#endif
