// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_CALL_HPP
#define BINARLY_CALL_CALL_HPP

#include "call/answer_decoder.hpp"
#include "call/attempt_reader.hpp"
#include "call/routine.hpp"
#include "https/messages.hpp"
#include "https/pool.hpp"
#include "policy/retry_decision.hpp"

#include <binarly/failure.hpp>
#include <binarly/retry_policy.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::call {

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
  /// Completes after `span`, or early when it is cancelled.
  virtual void async_sleep(std::chrono::nanoseconds span,
                           boost::asio::any_completion_handler<void(error_code)> done) = 0;
  /// See `https::pool::async_exchange`.
  virtual void async_exchange(std::shared_ptr<const https::request> what,
                              std::shared_ptr<https::response_reader> reader,
                              https::time_point deadline, https::pool::handler done) = 0;
};

/// Makes attempts until one succeeds, the retry policy gives up, the deadline comes, or it is
/// cancelled: then the failure's code is what the canceller said. Everything happens on the
/// environment's executor, and the environment must outlive the call.
///
/// Most calls that are in flight wait: so all that one needs is in one place, and kept small.
class call : public running_call, public std::enable_shared_from_this<call> {
 public:
  call(environment& world, operation what, settings how);
  virtual ~call() = default;
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  /// Once; ends in `on_done`.
  void begin() { run(shared_from_this()).begin(); }
  void cancel(errc why) override;

 private:
  /// What the call comes to; once.
  virtual void on_done(answered outcome) = 0;

  // The parameter keeps the call alive for as long as the coroutine lives.
  routine run(std::shared_ptr<call>);
  void begin_attempt();
  [[nodiscard]] auto exchange();
  [[nodiscard]] auto sleep();
  /// What the call comes to; nothing when there is to be another attempt.
  std::optional<answered> end_attempt(https::exchange_result ended);
  [[nodiscard]] failure cancelled() const;
  [[nodiscard]] failure describe(failure_detail detail) const;
  [[nodiscard]] failure_detail explain(connect::transport_failure broken);

  environment& world_;
  operation what_;
  const settings how_;
  https::request request_;
  std::optional<attempt_reader> reader_;  // of the latest attempt
  https::time_point started_;
  https::time_point attempt_deadline_;
  policy::retry_progress progress_;
  boost::asio::cancellation_signal signal_;
  errc cancelled_{};
};

}  // namespace binarly::call

#endif
