// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_ATTEMPT_HPP
#define BINARLY_CALL_ATTEMPT_HPP

#include "call/attempt_reader.hpp"
#include "call/authorization.hpp"
#include "https/deadline_queue.hpp"
#include "https/messages.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace binarly::call {

/// One request of a call, and what becomes of it. A connection may still look at a request whose
/// exchange is over, so that none is ever changed once it was handed out.
struct attempt {
  https::request request;
  attempt_reader reader;
  std::shared_ptr<const authorization> shown;
  https::time_point began;
  https::time_point deadline;
  std::chrono::nanoseconds wait{};  ///< before it
  int number = 0;                   ///< from 1
  bool hedge = false;
  bool limited = false;  ///< it has room under the adaptive limit
  bool under_breaker = false;
  bool over = false;
  std::uint64_t breaker_period = 0;
  /// Once it is over: why it has no value; nothing if it has one.
  std::unique_ptr<failure_detail> wrong;
  std::chrono::nanoseconds retry_in{};  ///< another one is no use before this has passed

  attempt(const decoder_maker& make_decoder, std::size_t answer_limit)
      : reader(make_decoder, answer_limit) {}
};

}  // namespace binarly::call

#endif
