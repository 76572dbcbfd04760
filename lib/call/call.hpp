// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_CALL_HPP
#define BINARLY_CALL_CALL_HPP

#include "https/messages.hpp"
#include "https/pool.hpp"

#include <binarly/failure.hpp>
#include <binarly/retry_policy.hpp>

#include <boost/asio/awaitable.hpp>

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

/// One operation of the API, as a call sees it.
struct operation {
  std::string name;      ///< for the failure, such as "get image"
  std::string resource;  ///< for the failure
  std::string target;    ///< the request's path and query
  /// Each attempt has a decoder of its own.
  std::function<std::unique_ptr<answer_decoder>()> make_decoder;

  operation() = default;
};

/// What holds for one call.
struct settings {
  std::chrono::nanoseconds deadline{};  ///< from the call's start
  std::chrono::nanoseconds attempt_timeout{};
  retry_policy retry;
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
  [[nodiscard]] virtual https::time_point now() const = 0;
  [[nodiscard]] virtual std::chrono::sys_seconds wall_clock() const = 0;
  /// Uniform in [0, 1).
  virtual double random() = 0;
  /// Comes back after `span`, or early when the coroutine is cancelled.
  virtual boost::asio::awaitable<void> sleep(std::chrono::nanoseconds span) = 0;
  /// See `https::pool::async_exchange`.
  virtual boost::asio::awaitable<https::exchange_result> exchange(
      https::request what, std::shared_ptr<https::response_reader> reader,
      https::time_point deadline) = 0;
};

/// Makes attempts until one succeeds, the retry policy gives up, the deadline comes, or the
/// coroutine is cancelled: then the failure's code is `errc::cancelled`. The environment must
/// outlive the coroutine.
boost::asio::awaitable<result<std::unique_ptr<answer_decoder>>> perform(environment& world,
                                                                        operation what,
                                                                        settings how);

}  // namespace binarly::call

#endif
