// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_ATTEMPT_MEANING_HPP
#define BINARLY_CALL_ATTEMPT_MEANING_HPP

#include "policy/concurrency_limit.hpp"

#include <binarly/failure.hpp>

namespace binarly::call {

// What the end of an attempt says about the service; null stands for success.

/// How it counts for the adaptive limit.
[[nodiscard]] policy::attempt_end end_of(const failure_detail* wrong) noexcept;
/// It ended for a reason of the client's own.
[[nodiscard]] bool tells_nothing(const failure_detail* wrong) noexcept;
/// The service, or the way there, did not do its work.
[[nodiscard]] bool is_outage(const failure_detail* wrong) noexcept;

}  // namespace binarly::call

#endif
