// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_ENVIRONMENT_HPP
#define BINARLY_CALL_ENVIRONMENT_HPP

#include "call/authorization.hpp"
#include "call/event_sink.hpp"
#include "call/shared_policies.hpp"
#include "https/deadline_queue.hpp"
#include "https/messages.hpp"
#include "https/pool.hpp"

#include <binarly/failure.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>

namespace binarly::call {

using https::expirable;
using https::time_point;

/// It takes itself out of its list: the end of an execution context destroys calls in flight.
using running_call_hook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A call that is under way, as its environment sees it.
class running_call : public running_call_hook {
 public:
  /// Ends the call soon. On the environment's executor.
  virtual void cancel(errc why) = 0;

 protected:
  ~running_call() = default;
};

/// What a call needs from the world, and shares with the other calls of its client. Handed in, so
/// that it can be tested without a network and without waiting. Handlers are not called from within
/// the function that takes them; each hears cancellation of any type.
class environment {
 public:
  virtual ~environment() = default;
  /// Before anything else is asked for. False when no call may begin any more.
  [[nodiscard]] virtual bool enter(running_call& call) = 0;
  [[nodiscard]] virtual https::time_point now() const = 0;
  [[nodiscard]] virtual std::chrono::sys_seconds wall_clock() const = 0;
  virtual std::uint64_t random_bits() = 0;
  /// Uniform in [0, 1).
  [[nodiscard]] double random() {
    return std::ldexp(static_cast<double>(random_bits() >> 11U), -53);
  }
  [[nodiscard]] virtual shared_policies& shared() = 0;
  /// Null where nobody listens; the same throughout a call.
  [[nodiscard]] virtual event_sink* events() = 0;
  /// Tells `which` when the time has come, unless `forget` comes first.
  virtual void remind(https::expirable& which, https::time_point when) = 0;
  virtual void forget(https::expirable& which) = 0;

  /// What the next attempt shows; null where that must be waited for.
  [[nodiscard]] virtual std::shared_ptr<const authorization> authorize() = 0;
  /// Completes with what the next attempt shows, which is not of the generation `rejected`, or with
  /// why there is nothing. 0 stands for no generation.
  virtual void async_authorize(std::uint64_t rejected,
                               boost::asio::any_completion_handler<void(authorized)> done) = 0;
  /// Completes after `span`, or early when it is cancelled.
  virtual void async_sleep(std::chrono::nanoseconds span,
                           boost::asio::any_completion_handler<void(error_code)> done) = 0;
  /// See `https::pool::async_exchange`.
  virtual void async_exchange(std::shared_ptr<const https::request> what,
                              std::shared_ptr<https::response_reader> reader,
                              https::time_point deadline, https::pool::handler done) = 0;
};

}  // namespace binarly::call

#endif
