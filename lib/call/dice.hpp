// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_DICE_HPP
#define BINARLY_CALL_DICE_HPP

#include <cstdint>
#include <random>

namespace binarly::call {

/// A client's randomness, seeded from the system: a fleet that starts in the same second must not
/// draw the same jitter.
class dice {
 public:
  dice() {
    std::random_device system;
    std::seed_seq seed{system(), system(), system(), system()};
    generator_.seed(seed);
  }
  std::uint64_t operator()() { return generator_(); }

 private:
  std::mt19937_64 generator_;
};

}  // namespace binarly::call

#endif
