// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/circuit_breaker.hpp"

#include <algorithm>

namespace binarly::policy {

admission circuit_breaker::admit(time_point now) noexcept {
  admission answer;
  if (state_ == breaker_state::open && now >= open_until_) {
    enter(breaker_state::half_open);
    answer.change = breaker_change::half_opened;
  }
  answer.period = period_;
  switch (state_) {
    case breaker_state::closed:
      answer.allowed = true;
      break;
    case breaker_state::open:
      break;
    case breaker_state::half_open:
      answer.allowed = answer.probe = probing_ < settings_.probes;
      if (answer.allowed) ++probing_;
      break;
  }
  answer.open_until = open_until_;
  return answer;
}

breaker_change circuit_breaker::record(bool success, std::uint64_t period,
                                       time_point now) noexcept {
  if (period != period_) return breaker_change::none;
  if (state_ == breaker_state::closed) {
    count(success, now);
    // A success never opens it, even if it is the one that makes the number up.
    if (success || !too_many_failed()) return breaker_change::none;
    open(now);
    return breaker_change::opened;
  }
  --probing_;
  if (!success) {
    open(now);
    return breaker_change::opened;
  }
  if (++succeeded_ < settings_.probes) return breaker_change::none;
  enter(breaker_state::closed);
  return breaker_change::closed;
}

void circuit_breaker::forget(std::uint64_t period) noexcept {
  if (period == period_ && state_ == breaker_state::half_open) --probing_;
}

void circuit_breaker::count(bool success, time_point now) noexcept {
  const std::int64_t slot = now.time_since_epoch() / (settings_.window / slots);
  // After a long rest all slots are cleared, once each.
  newest_ = std::max(newest_, slot - slots);
  for (; newest_ < slot; ++newest_)
    recent_[static_cast<std::size_t>((newest_ + 1) % slots)] = {};
  outcomes& latest = recent_[static_cast<std::size_t>(newest_ % slots)];
  ++latest.all;
  if (!success) ++latest.failed;
}

bool circuit_breaker::too_many_failed() const noexcept {
  outcomes sum;
  for (const auto& [all, failed] : recent_) {
    sum.all += all;
    sum.failed += failed;
  }
  if (sum.all < std::max<std::size_t>(settings_.min_attempts, 1)) return false;
  // A quotient is rounded as the option was; a product would not come out at 7 of 100.
  return static_cast<double>(sum.failed) / static_cast<double>(sum.all) >= settings_.failure_ratio;
}

void circuit_breaker::enter(breaker_state next) noexcept {
  state_ = next;
  ++period_;
  recent_ = {};
  probing_ = 0;
  succeeded_ = 0;
}

void circuit_breaker::open(time_point now) noexcept {
  enter(breaker_state::open);
  open_until_ = now + settings_.open_for;
}

}  // namespace binarly::policy
