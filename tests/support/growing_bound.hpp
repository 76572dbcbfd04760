// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_GROWING_BOUND_HPP
#define BINARLY_TESTS_SUPPORT_GROWING_BOUND_HPP

#include "support/patience.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace binarly::testing {

/// For what must run out of time while something else must not: how short a time the machine keeps
/// depends on what else it does. Calls `attempt(bound)`, which makes a world of its own, with a
/// bound that doubles until it returns true. False stands for one thing only: that the machine was
/// too slow for the bound, which the attempt must be able to tell from a wrong result.
template <class Attempt>
void with_growing_bound(std::chrono::milliseconds first, const Attempt& attempt) {
  for (auto bound = first;; bound *= 2) {
    REQUIRE_MESSAGE(bound <= patience, "no bound was long enough");
    if (attempt(bound)) return;
  }
}

}  // namespace binarly::testing

#endif
