// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_BULK_RUN_HEALTH_HPP
#define BINARLY_BULK_RUN_HEALTH_HPP

#include <binarly/verify_images.hpp>

#include <cstddef>

namespace binarly::bulk {

/// Whether a run is worth going on with. Two things do not pass by themselves, and would fail every
/// row of it: a token that is refused for good, and an address, or a proxy, where something else
/// than the platform answers. An outage does pass, and is no reason to give up.
class run_health {
 public:
  /// `patience`: verifications in a row; 0 for no end of it.
  explicit run_health(std::size_t patience) noexcept : patience_(patience) {}

  /// Takes in the end of one verification. True when the run is to give up, because of this one's
  /// failure; once at most.
  [[nodiscard]] bool gives_up(const verification& ended) noexcept;

 private:
  const std::size_t patience_;
  std::size_t refused_ = 0;    // tokens, since an answer came
  std::size_t strangers_ = 0;  // answers
  bool platform_seen_ = false;
};

}  // namespace binarly::bulk

#endif
