// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_POLICY_RETRY_BUDGET_HPP
#define BINARLY_POLICY_RETRY_BUDGET_HPP

#include <binarly/failure.hpp>
#include <binarly/retry_policy.hpp>

#include <algorithm>

namespace binarly::policy {

/// What the calls of one client may spend on retries, as a bucket of tokens. While a service
/// answers, what a retry costs comes back with its success; while it does not, the bucket runs dry,
/// and the client makes no more than one attempt for each call: it adds nothing to the outage.
class retry_budget {
 public:
  explicit retry_budget(const retry_budget_options& options) noexcept
      : options_(options), tokens_(options.capacity) {}

  /// What it takes to retry after such a failure.
  [[nodiscard]] int cost_of(errc failed) const noexcept {
    // Nothing was sent to the service, which is what the bucket spares. Calls that wait for a token
    // would empty it for those that have one later.
    if (failed == errc::token_unavailable) return 0;
    return failed == errc::timed_out ? options_.timeout_cost : options_.retry_cost;
  }
  /// Takes that out, if it is there.
  [[nodiscard]] bool withdraw(int cost) noexcept {
    if (options_.capacity == 0) return true;
    if (cost > tokens_) return false;
    tokens_ -= cost;
    return true;
  }
  /// A call succeeded; `last_cost` is what its last retry took, 0 if there was none.
  void on_success(int last_cost) noexcept {
    tokens_ = std::min(options_.capacity, tokens_ + std::max(last_cost, options_.refund));
  }
  [[nodiscard]] int tokens() const noexcept { return tokens_; }
  [[nodiscard]] int capacity() const noexcept { return options_.capacity; }

 private:
  retry_budget_options options_;
  int tokens_;
};

}  // namespace binarly::policy

#endif
