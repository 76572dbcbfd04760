// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/rate_limit.hpp"

#include <algorithm>
#include <cmath>

namespace binarly::policy {

using std::chrono::nanoseconds;

rate_limit::rate_limit(const rate_settings& settings) noexcept {
  if (settings.per_second <= 0) return;
  const double spacing = 1e9 / settings.per_second;
  const double whole = std::floor(spacing);
  spacing_ = nanoseconds(static_cast<std::int64_t>(whole));
  spacing_fraction_ = static_cast<std::uint32_t>(std::ldexp(spacing - whole, 32));
  const std::uint64_t ahead = std::max<std::size_t>(settings.burst, 1) - 1;
  head_start_ = spacing_ * static_cast<std::int64_t>(ahead) +
                nanoseconds(static_cast<std::int64_t>(ahead * spacing_fraction_ >> 32U));
}

rate_limit::time_point rate_limit::next(time_point now) const noexcept {
  return std::max(now, full_at_ - head_start_);
}

void rate_limit::take(time_point now) noexcept {
  if (spacing_.count() == 0) return;
  full_at_ = std::max(full_at_, now);
  const std::uint64_t fraction = std::uint64_t{full_at_fraction_} + spacing_fraction_;
  full_at_ += spacing_ + nanoseconds(static_cast<std::int64_t>(fraction >> 32U));
  full_at_fraction_ = static_cast<std::uint32_t>(fraction);
}

}  // namespace binarly::policy
