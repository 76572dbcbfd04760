// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAULT_PLAN_HPP
#define BINARLY_LIB_TESTING_FAULT_PLAN_HPP

#include <binarly/testing/fault.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace binarly::testing {

/// Decides what happens to each request: a script for its resource first, else the dice.
///
/// The throws follow from the seed alone, so that the n-th request without a script meets the same
/// in every run. May be used from any threads.
class fault_plan {
 public:
  /// Throws `failure_error` when a fault cannot be carried out, or the probabilities exceed 1.
  fault_plan(std::vector<misbehaviour> faults, std::uint64_t seed);

  /// Adds to what is left of the resource's script. Throws as the constructor does.
  void script(const std::string& resource, std::vector<misbehaviour> next);
  [[nodiscard]] misbehaviour next(std::string_view resource);

 private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::mutex mutex_;
  std::vector<misbehaviour> faults_;
  std::uint64_t seed_;
  std::uint64_t throws_ = 0;
  std::unordered_map<std::string, std::deque<misbehaviour>, text_hash, std::equal_to<>> scripts_;
};

}  // namespace binarly::testing

#endif
