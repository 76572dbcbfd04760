// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/retry_decision.hpp"

namespace binarly::policy {

retry_decision decide_retry(const retry_policy& policy, const retry_progress& progress,
                            const failure& why, double random) {
  retry_decision decision;
  if (progress.attempts >= policy.max_attempts() || !policy.may_retry(why)) return decision;
  decision.wait = policy.delay(progress.attempts, progress.previous_wait, why, random);
  // The backoff is added: who was told the same must not come back as one.
  decision.wait += std::chrono::duration_cast<retry_policy::duration>(progress.least_wait);
  if (decision.wait >= progress.remaining) return decision;
  const auto bound = policy.max_elapsed();
  if (bound.count() > 0 && progress.elapsed + decision.wait > bound) return decision;
  decision.step = next_step::wait_and_retry;
  return decision;
}

}  // namespace binarly::policy
