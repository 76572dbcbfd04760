// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_TOKEN_FAILURE_HPP
#define BINARLY_CALL_TOKEN_FAILURE_HPP

#include <binarly/failure.hpp>

namespace binarly::call {

/// What a failure of those who give tokens means to the calls that wait for one: whether there is
/// none for good (`errc::token_refused`) or for now (`errc::token_unavailable`), and who said so.
/// What it was is kept as `cause`. One that has been through this already stays as it is.
[[nodiscard]] failure_detail token_failure(failure_detail why);

}  // namespace binarly::call

#endif
