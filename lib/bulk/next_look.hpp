// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_BULK_NEXT_LOOK_HPP
#define BINARLY_BULK_NEXT_LOOK_HPP

#include <binarly/retry_policy.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

namespace binarly::bulk {

/// How long to wait before looking again, after so many looks and with so much time left: the
/// policy's delay, but the last look is at the end. None when no time is left.
[[nodiscard]] inline std::optional<std::chrono::nanoseconds> next_look(
    const retry_policy& policy, int looks, retry_policy::duration previous,
    std::chrono::nanoseconds left, double random) {
  if (left.count() <= 0) return std::nullopt;
  const std::chrono::nanoseconds delay =
      policy.delay(looks, previous, failure(errc::not_found, ""), random);
  return std::clamp<std::chrono::nanoseconds>(delay, {}, left);
}

}  // namespace binarly::bulk

#endif
