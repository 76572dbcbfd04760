// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_LIMITER_HPP
#define BINARLY_CALL_LIMITER_HPP

#include "https/deadline_queue.hpp"
#include "policy/concurrency_limit.hpp"
#include "policy/rate_limit.hpp"

#include <binarly/failure.hpp>

#include <boost/asio/any_completion_handler.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>

namespace binarly::call {

/// What a limiter needs from the world.
class limiter_world {
 public:
  virtual ~limiter_world() = default;
  [[nodiscard]] virtual https::time_point now() const = 0;
  /// Runs `function` soon, but not from within this call.
  virtual void post(std::function<void()> function) = 0;
  /// Tells `which` when the time has come, unless `forget` comes first.
  virtual void remind(https::expirable& which, https::time_point when) = 0;
  virtual void forget(https::expirable& which) = 0;
  /// The adaptive limit is another now.
  virtual void on_limit(std::size_t limit) = 0;
};

/// Which limits an attempt is under: the rate is everybody's, if there is one.
enum class admission_kind {
  rated,    ///< the rate alone
  limited,  ///< the adaptive limit on attempts in flight, too
};

/// Where attempts wait for their turn, under a rate and an adaptive limit: the one queue that a
/// caller ever waits in. Each kind sets out in the order of its arrival; those of the limited kind
/// do not hold back the others while their limit is reached, and of two that may go the one that
/// came first does.
class limiter final : public std::enable_shared_from_this<limiter>, private https::expirable {
 public:
  using handler = boost::asio::any_completion_handler<void(error_code)>;

  /// The world must outlive the limiter.
  limiter(const policy::concurrency_settings& concurrency, const policy::rate_settings& rate,
          limiter_world& world);
  ~limiter();

  /// True when the attempt may set out at once: there is room, and nobody waits ahead of it.
  [[nodiscard]] bool try_enter(admission_kind kind);
  /// Completes, not from within, when the attempt may set out. Any cancellation completes it soon,
  /// as `operation_aborted`.
  void async_enter(admission_kind kind, handler done);
  /// Once for each attempt that was let through. `latency`: from its connection to its end.
  void leave(admission_kind kind, policy::attempt_end how, std::chrono::nanoseconds latency,
             https::time_point began);
  /// Who waits hears of the end; nobody is let through any more.
  void shutdown();
  /// Drops everything without calling anybody: for the end of the execution context.
  void abandon();

  [[nodiscard]] std::size_t limit() const noexcept { return concurrency_.current(); }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return rated_.size() + limited_.size(); }

 private:
  class waiter;
  using queue = std::list<std::shared_ptr<waiter>>;

  void on_expired() override { let_through(); }
  [[nodiscard]] queue& queue_of(admission_kind kind) noexcept;
  [[nodiscard]] queue* next_queue() noexcept;
  [[nodiscard]] bool has_room() const noexcept { return in_flight_ < concurrency_.current(); }
  void admit(admission_kind kind, https::time_point now);
  void let_through();
  void cancel(const std::shared_ptr<waiter>& whose);
  void complete_soon(const std::shared_ptr<waiter>& which, error_code how);

  policy::concurrency_limit concurrency_;
  policy::rate_limit rate_;
  limiter_world& world_;
  queue rated_;
  queue limited_;
  std::size_t in_flight_ = 0;  // of the limited kind
  std::uint64_t arrivals_ = 0;
  bool closed_ = false;
};

}  // namespace binarly::call

#endif
