// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_LONG_TOKEN_HPP
#define BINARLY_CALL_LONG_TOKEN_HPP

#include <binarly/failure.hpp>

#include <cstddef>
#include <string>

namespace binarly::call {

/// What is to be said beside a failure that the length of the token may be the cause of: servers
/// answer a head that is too long for them with 400 or 431, or close without a word, and none says
/// what was too long. Empty where the token is no longer than 4 kB, or the failure is another one.
[[nodiscard]] std::string about_long_token(const failure_detail& wrong, std::size_t token_size);

}  // namespace binarly::call

#endif
