// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/latency_histogram.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace binarly {
namespace {

std::chrono::nanoseconds saturated_sum(std::chrono::nanoseconds left,
                                       std::chrono::nanoseconds right) noexcept {
  constexpr auto most = std::chrono::nanoseconds::max();
  return left > most - right ? most : left + right;
}

}  // namespace

std::size_t latency_histogram::bucket_of(std::uint64_t value) noexcept {
  if (value < parts) return static_cast<std::size_t>(value);
  const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 6;
  return shift * parts + static_cast<std::size_t>(value >> shift);
}

std::uint64_t latency_histogram::upper_edge(std::size_t bucket) noexcept {
  if (bucket < 2 * parts) return bucket;
  const std::size_t shift = bucket / parts - 1;
  return ((bucket - shift * parts + 1) << shift) - 1;
}

void latency_histogram::add(std::chrono::nanoseconds latency) noexcept {
  latency = std::max(latency, std::chrono::nanoseconds::zero());
  ++buckets_[bucket_of(static_cast<std::uint64_t>(latency.count()))];
  ++count_;
  sum_ = saturated_sum(sum_, latency);
  longest_ = std::max(longest_, latency);
}

void latency_histogram::add(const latency_histogram& other) noexcept {
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ = saturated_sum(sum_, other.sum_);
  longest_ = std::max(longest_, other.longest_);
}

std::uint64_t latency_histogram::shorter_than_power(unsigned exponent) const noexcept {
  const auto end = bucket_of(std::uint64_t{1} << exponent);
  return std::accumulate(buckets_.begin(), buckets_.begin() + static_cast<std::ptrdiff_t>(end),
                         std::uint64_t{0});
}

std::chrono::nanoseconds latency_histogram::within(double part) const noexcept {
  if (count_ == 0) return {};
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) {
      return std::min(longest_,
                      std::chrono::nanoseconds(static_cast<std::int64_t>(upper_edge(bucket))));
    }
  }
  return longest_;
}

}  // namespace binarly
