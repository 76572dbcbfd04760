// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_POLICY_HEDGE_BUDGET_HPP
#define BINARLY_POLICY_HEDGE_BUDGET_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace binarly::policy {

struct hedge_budget_settings {
  double ratio = 0.05;  ///< hedges for each call in the long run, from 0 (none) to 1
  int most = 10;        ///< hedges that calls without one save up, from 1 to 1,000
};

/// What hedging may add to a service's load: `ratio` times the calls, and one. It counts calls, not
/// time: when the service is slow for everybody, the calls become fewer, and so do the hedges.
///
/// The one is there from the start, so that a program of a few calls may hedge its slow one; with
/// more, a fleet that starts together would multiply its first load.
///
/// Tokens are counted in millionths, in integers: sums of 0.05 would not come out at 1.
class hedge_budget {
 public:
  explicit hedge_budget(const hedge_budget_settings& settings) noexcept
      : deposit_(std::llround(settings.ratio * static_cast<double>(token))),
        most_(settings.most * token),
        saved_(deposit_ > 0 ? token : 0) {}

  /// A call was begun.
  void deposit() noexcept { saved_ = std::min(most_, saved_ + deposit_); }

  /// Takes one hedge, if there is a whole one.
  [[nodiscard]] bool withdraw() noexcept {
    if (saved_ < token) return false;
    saved_ -= token;
    return true;
  }

  /// Whole hedges that are left.
  [[nodiscard]] int left() const noexcept { return static_cast<int>(saved_ / token); }

 private:
  static constexpr std::int64_t token = 1'000'000;

  std::int64_t deposit_;
  std::int64_t most_;
  std::int64_t saved_;
};

}  // namespace binarly::policy

#endif
