// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_PATIENCE_HPP
#define BINARLY_TESTS_SUPPORT_PATIENCE_HPP

#include <chrono>

namespace binarly::testing {

/// What must happen has so long, before it counts as hanging: more than the busiest machine needs
/// for the longest test under a sanitizer.
inline constexpr std::chrono::minutes patience{5};

}  // namespace binarly::testing

#endif
