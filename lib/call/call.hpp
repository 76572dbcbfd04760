// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_CALL_HPP
#define BINARLY_CALL_CALL_HPP

#include "https/messages.hpp"
#include "https/pool.hpp"

#include <binarly/failure.hpp>
#include <binarly/retry_policy.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::call {

/// Makes a value of the body of a successful answer.
class answer_decoder {
 public:
  virtual ~answer_decoder() = default;
  virtual void write(std::string_view piece) = 0;
  /// Whether the body, now complete, is what the API promises. Only the failure's code, step and
  /// reason are looked at.
  virtual result<void> finish() = 0;
};

using decoder_maker = std::unique_ptr<answer_decoder> (*)();
/// What a call comes to: the decoder that holds the value, or why there is none.
using answered = result<std::unique_ptr<answer_decoder>>;

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

/// One operation of the API, as a call sees it.
struct operation {
  std::string_view name;  ///< for the failure, such as "get image"
  std::string target;     ///< the request's path and query
  /// For the failure: the part of the target that names what it is about.
  std::size_t resource_begin = 0;
  std::size_t resource_size = 0;
  /// Each attempt has a decoder of its own.
  decoder_maker make_decoder = nullptr;

  operation() = default;
};

/// What holds for one call.
struct settings {
  std::chrono::nanoseconds deadline{};  ///< from the call's start
  std::chrono::nanoseconds attempt_timeout{};
  std::shared_ptr<const retry_policy> retry;
  std::shared_ptr<const std::string> fields;  ///< header lines, `Authorization` among them
  std::string_view secret;                    ///< never to appear in a failure; outlives the call
  std::size_t answer_limit = 0;

  settings() = default;
};

/// What a call needs from the world, so that it can be tested without a network and without
/// waiting.
class environment {
 public:
  virtual ~environment() = default;
  /// Before anything else is asked for. False when no call may begin any more.
  [[nodiscard]] virtual bool enter(running_call& call) = 0;
  [[nodiscard]] virtual https::time_point now() const = 0;
  [[nodiscard]] virtual std::chrono::sys_seconds wall_clock() const = 0;
  /// Uniform in [0, 1).
  virtual double random() = 0;
  /// Comes back after `span`, or early when the coroutine is cancelled.
  virtual boost::asio::awaitable<void> sleep(std::chrono::nanoseconds span) = 0;
  /// See `https::pool::async_exchange`.
  virtual boost::asio::awaitable<https::exchange_result> exchange(
      std::shared_ptr<const https::request> what, std::shared_ptr<https::response_reader> reader,
      https::time_point deadline) = 0;
};

/// Makes attempts until one succeeds, the retry policy gives up, the deadline comes, or the
/// coroutine is cancelled: then the failure's code is `errc::cancelled`. The environment and the
/// call itself must outlive the coroutine.
///
/// Most calls in flight wait, so what is alive between two attempts is kept small.
boost::asio::awaitable<answered> perform(environment& world, running_call& self, operation what,
                                         settings how);

}  // namespace binarly::call

#endif
