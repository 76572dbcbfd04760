// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/retry_decision.hpp"

namespace binarly::policy {
namespace {

/// What forbids another attempt; the wait is settled on the way.
retry_stop stop_before(const retry_policy& policy, const retry_progress& progress,
                       const failure& why, double random, retry_policy::duration& wait) {
  if (!policy.accepts_retry_after(why)) return retry_stop::retry_after;
  if (!policy.may_retry(why)) return retry_stop::final;
  if (progress.attempts >= policy.max_attempts()) return retry_stop::attempts;
  // The backoff is added: who was told the same must not come back as one.
  wait = policy.delay(progress.attempts, progress.previous_wait, why, random) +
         std::chrono::ceil<retry_policy::duration>(progress.least_wait);
  if (wait >= progress.remaining) return retry_stop::deadline;
  const auto bound = policy.max_elapsed();
  if (bound.count() > 0 && progress.elapsed + wait > bound) return retry_stop::elapsed;
  return retry_stop::none;
}

}  // namespace

retry_decision decide_retry(const retry_policy& policy, const retry_progress& progress,
                            const failure& why, double random, retry_budget& budget) {
  retry_decision decision;
  decision.stop = stop_before(policy, progress, why, random, decision.wait);
  if (!decision.retry()) return decision;
  decision.cost = budget.cost_of(static_cast<errc>(why.code().value()));
  if (!budget.withdraw(decision.cost)) decision.stop = retry_stop::budget;
  return decision;
}

}  // namespace binarly::policy
