// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_POLICY_RETRY_DECISION_HPP
#define BINARLY_POLICY_RETRY_DECISION_HPP

#include "policy/retry_budget.hpp"

#include <binarly/failure.hpp>
#include <binarly/retry_policy.hpp>

#include <chrono>

namespace binarly::policy {

/// What a call does after an attempt that failed: makes another one after `wait`, or fails.
struct retry_decision {
  retry_stop stop = retry_stop::none;
  retry_policy::duration wait{};
  int cost = 0;  ///< what the retry takes from the budget, whether it is there or not

  [[nodiscard]] bool retry() const noexcept { return stop == retry_stop::none; }
};

/// A call's progress through its attempts.
struct retry_progress {
  int attempts = 0;                        ///< made, the failed one included
  retry_policy::duration previous_wait{};  ///< before the failed attempt; zero for the first
  std::chrono::nanoseconds elapsed{};      ///< since the call's start
  std::chrono::nanoseconds remaining{};    ///< until the call's deadline
  std::chrono::nanoseconds least_wait{};   ///< an attempt before that is known to be no use
};

/// Combines the policy's two answers with its bounds, the call's deadline and the budget, which is
/// asked last. A wait that would not end before the deadline is not begun: the failure is more use
/// to the caller now.
[[nodiscard]] retry_decision decide_retry(const retry_policy& policy,
                                          const retry_progress& progress, const failure& why,
                                          double random, retry_budget& budget);

}  // namespace binarly::policy

#endif
