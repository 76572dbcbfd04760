// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_HEDGING_HPP
#define BINARLY_CALL_HEDGING_HPP

#include "policy/hedge_budget.hpp"
#include "policy/recent_latencies.hpp"

#include <binarly/load_options.hpp>
#include <binarly/operation_kind.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace binarly::call {

/// Whether and when the calls of one client hedge.
class hedging {
 public:
  explicit hedging(const hedge_options& options) noexcept
      : options_(options), budget_(settings_of(options)) {}

  /// How long an attempt is waited for alone, if it may be hedged at all.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> delay(operation_kind kind) const {
    if (options_.delay) return *options_.delay;
    return latencies_[static_cast<std::size_t>(kind)].percentile(options_.percentile);
  }
  void on_call() noexcept { budget_.deposit(); }
  void on_success(operation_kind kind, std::chrono::nanoseconds latency) noexcept {
    latencies_[static_cast<std::size_t>(kind)].add(latency);
  }
  [[nodiscard]] bool withdraw() noexcept { return budget_.withdraw(); }

 private:
  static policy::hedge_budget_settings settings_of(const hedge_options& options) noexcept {
    policy::hedge_budget_settings settings;
    settings.ratio = options.ratio;
    return settings;
  }

  const hedge_options options_;
  policy::hedge_budget budget_;
  std::array<policy::recent_latencies, operation_kinds> latencies_;
};

}  // namespace binarly::call

#endif
