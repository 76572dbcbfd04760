// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_BASIC_CREDENTIALS_HPP
#define BINARLY_CONNECT_BASIC_CREDENTIALS_HPP

#include <binarly/secret.hpp>

#include <string_view>

namespace binarly::connect {

/// `Basic` and both in base 64 (RFC 7617, section 2); leaves no other trace of the password.
[[nodiscard]] secret basic_credentials(std::string_view user, std::string_view password);

}  // namespace binarly::connect

#endif
