// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/recent_latencies.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace binarly::policy {

using std::chrono::nanoseconds;

std::size_t recent_latencies::bucket_of(std::uint64_t value) noexcept {
  if (value < parts) return static_cast<std::size_t>(value);
  const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 4;
  return shift * parts + static_cast<std::size_t>(value >> shift);
}

std::uint64_t recent_latencies::upper_edge(std::size_t bucket) noexcept {
  if (bucket < parts) return bucket;
  const std::size_t shift = bucket / parts - 1;
  return (std::uint64_t{bucket - shift * parts + 1} << shift) - 1;
}

void recent_latencies::add(nanoseconds latency) noexcept {
  if (in_current_ == window) {
    previous_ = current_;
    in_previous_ = in_current_;
    current_ = {};
    in_current_ = 0;
  }
  const auto value = static_cast<std::uint64_t>(std::max(latency, nanoseconds(0)).count());
  ++current_[bucket_of(value)];
  ++in_current_;
}

std::optional<nanoseconds> recent_latencies::percentile(double part) const noexcept {
  const std::size_t count = in_current_ + in_previous_;
  if (count < enough) return std::nullopt;
  const double wanted = std::ceil(std::clamp(part, 0.0, 1.0) * static_cast<double>(count));
  const std::size_t rank = std::max<std::size_t>(1, static_cast<std::size_t>(wanted));
  std::size_t seen = 0;
  std::size_t bucket = 0;
  for (; bucket < buckets; ++bucket) {
    seen += std::size_t{current_[bucket]} + previous_[bucket];
    if (seen >= rank) break;
  }
  return nanoseconds(static_cast<std::int64_t>(upper_edge(bucket)));
}

}  // namespace binarly::policy
