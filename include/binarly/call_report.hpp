// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_REPORT_HPP
#define BINARLY_CALL_REPORT_HPP

#include <binarly/failure.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace binarly {

/// What a call went through, whether it succeeded or not.
struct call_report {
  int attempts = 0;  ///< requests made
  /// Those that failed, the latest `longest_history`. Of a call that failed, the last one is what
  /// it failed of; the others were made again.
  std::vector<attempt_record> failed_attempts;
  std::chrono::nanoseconds limited{};  ///< waited for its turns under the client's limits
  std::uint64_t bytes = 0;             ///< of the answers' bodies, as they came
  std::size_t limit = 0;               ///< the operation's adaptive limit at the end; 0 for none
  /// It shared the answer of another call that was in flight, which all of this is about: whoever
  /// adds up reports leaves it out.
  bool joined = false;
};

}  // namespace binarly

#endif
