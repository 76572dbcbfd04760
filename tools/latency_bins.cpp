// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/latency_bins.hpp"

#include <algorithm>
#include <cmath>

namespace binarly::tools {

namespace {

constexpr double first_decade = 4;  // 10 µs are 10^4 ns

}  // namespace

std::size_t latency_bins::bin_of(std::chrono::nanoseconds latency) noexcept {
  const auto value = static_cast<double>(std::max<std::int64_t>(latency.count(), 1));
  const double bin = (std::log10(value) - first_decade) * per_decade;
  return static_cast<std::size_t>(std::clamp(bin, 0.0, static_cast<double>(size - 1)));
}

std::chrono::nanoseconds latency_bins::edge(std::size_t bin) noexcept {
  const double exponent = first_decade + static_cast<double>(bin) / per_decade;
  return std::chrono::nanoseconds(std::llround(std::pow(10.0, exponent)));
}

}  // namespace binarly::tools
