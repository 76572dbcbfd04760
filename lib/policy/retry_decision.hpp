// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_POLICY_RETRY_DECISION_HPP
#define BINARLY_POLICY_RETRY_DECISION_HPP

#include <binarly/retry_policy.hpp>

#include <chrono>

namespace binarly::policy {

/// What a call does after an attempt that failed.
enum class next_step {
  wait_and_retry,  ///< wait, then make another attempt
  give_up,         ///< the failure is the call's answer
};

struct retry_decision {
  next_step step = next_step::give_up;
  retry_policy::duration wait{};
};

/// A call's progress through its attempts.
struct retry_progress {
  int attempts = 0;                        ///< made, the failed one included
  retry_policy::duration previous_wait{};  ///< before the failed attempt; zero for the first
  std::chrono::nanoseconds elapsed{};      ///< since the call's start
  std::chrono::nanoseconds remaining{};    ///< until the call's deadline
  std::chrono::nanoseconds least_wait{};   ///< an attempt before that is known to be no use
};

/// Combines the policy's two answers with its bounds and the call's deadline. A wait that would not
/// end before the deadline is not begun: the failure is more use to the caller now.
[[nodiscard]] retry_decision decide_retry(const retry_policy& policy,
                                          const retry_progress& progress, const failure& why,
                                          double random);

}  // namespace binarly::policy

#endif
