// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_NO_PROXY_HPP
#define BINARLY_CONNECT_NO_PROXY_HPP

#include "connect/origin.hpp"

#include <string_view>

namespace binarly::connect {

/// Whether a list of exceptions, as `proxy_options::no_proxy` describes them, has the origin
/// reached without a proxy. Names are compared as they are written: nothing is resolved.
[[nodiscard]] bool bypasses_proxy(std::string_view no_proxy, const origin& where);

}  // namespace binarly::connect

#endif
