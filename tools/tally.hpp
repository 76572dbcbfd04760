// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_TALLY_HPP
#define BINARLY_TOOLS_TALLY_HPP

#include "tools/exit_code.hpp"

#include <binarly/latency_histogram.hpp>
#include <binarly/verify_images.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace binarly::tools {

/// Problems of one kind: so many, the first of them in words, and what to do.
struct problem_group {
  binarly::verdict verdict = binarly::verdict::failed;
  error_code code;  ///< of the failure, if it has one
  std::uint64_t count = 0;
  std::vector<std::string> examples;
  std::string advice;
};

/// What a run has come to so far; its memory does not grow with the run.
class tally {
 public:
  static constexpr std::size_t examples_kept = 3;

  void add(const verification& outcome);
  /// A row of the manifest that could not be looked up: it counts as failed, and is reported by
  /// whoever refused it.
  void add_refused() noexcept { ++counts_[static_cast<std::size_t>(verdict::failed)]; }

  [[nodiscard]] std::uint64_t count(verdict value) const noexcept {
    return counts_[static_cast<std::size_t>(value)];
  }
  [[nodiscard]] std::uint64_t total() const noexcept;
  /// Those that got an answer which was not the hoped-for one, or none at all.
  [[nodiscard]] std::uint64_t problems() const noexcept;
  [[nodiscard]] const latency_histogram& latencies() const noexcept { return latencies_; }
  /// In the order in which they first occurred.
  [[nodiscard]] const std::vector<problem_group>& groups() const noexcept { return groups_; }
  [[nodiscard]] exit_code code() const noexcept;

 private:
  std::array<std::uint64_t, verdict_count> counts_{};
  latency_histogram latencies_;
  std::vector<problem_group> groups_;
};

}  // namespace binarly::tools

#endif
