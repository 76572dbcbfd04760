// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_SHARED_POLICIES_HPP
#define BINARLY_CALL_SHARED_POLICIES_HPP

#include "call/hedging.hpp"
#include "call/limiter.hpp"
#include "policy/circuit_breaker.hpp"
#include "policy/retry_budget.hpp"

#include <memory>
#include <optional>

namespace binarly::call {

/// What the calls to one service decide by together.
struct shared_policies {
  policy::retry_budget budget;
  std::optional<policy::circuit_breaker> breaker;
  std::optional<hedging> hedges;    ///< for the calls that hedge
  std::shared_ptr<limiter> limits;  ///< for the calls that are under one

  explicit shared_policies(const retry_budget_options& retries) : budget(retries) {}
};

}  // namespace binarly::call

#endif
