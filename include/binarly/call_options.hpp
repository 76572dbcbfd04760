// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_OPTIONS_HPP
#define BINARLY_CALL_OPTIONS_HPP

#include <binarly/retry_policy.hpp>

#include <chrono>
#include <optional>

namespace binarly {

/// What one call may set otherwise than its client did. Absent members leave the client's choice.
struct call_options {
  /// The whole call's bound, from its start; positive.
  std::optional<std::chrono::milliseconds> deadline;
  std::optional<retry_policy> retry;
  /// Ask the service for the image's counts.
  bool with_counts = false;

  call_options() = default;
};

}  // namespace binarly

#endif
