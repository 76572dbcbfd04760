// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_BEARER_HPP
#define BINARLY_CALL_BEARER_HPP

#include <binarly/failure.hpp>
#include <binarly/secret.hpp>

namespace binarly::call {

/// The token as it is sent, without white space around it; or why it is none (RFC 6750, section
/// 2.1), without a word of it.
[[nodiscard]] result<secret> usable_bearer(const secret& token);

}  // namespace binarly::call

#endif
