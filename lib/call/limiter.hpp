// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_LIMITER_HPP
#define BINARLY_CALL_LIMITER_HPP

#include "https/deadline_queue.hpp"
#include "policy/concurrency_limit.hpp"
#include "policy/rate_limit.hpp"

#include <binarly/failure.hpp>
#include <binarly/operation_kind.hpp>

#include <boost/asio/any_completion_handler.hpp>

#include <array>
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
  /// The adaptive limit of such operations is another now.
  virtual void on_limit(operation_kind kind, std::size_t limit) = 0;
};

/// Which limits an attempt is under: the rate is everybody's, if there is one.
enum class admission_kind {
  rated,    ///< the rate alone
  limited,  ///< the adaptive limit on attempts in flight for such operations, too
};

/// Where attempts wait for their turn, under a rate and adaptive limits: the one queue that a
/// caller ever waits in. Each kind sets out in the order of its arrival; those whose limit is
/// reached do not hold back the others, and of two that may go the one that came first does.
///
/// Each kind of operation has an adaptive limit of its own: under one for all, the latency of those
/// that take long would be taken for a queue before the others.
class limiter final : public std::enable_shared_from_this<limiter>, private https::expirable {
 public:
  using handler = boost::asio::any_completion_handler<void(error_code)>;

  /// The world must outlive the limiter.
  limiter(const policy::concurrency_settings& concurrency, const policy::rate_settings& rate,
          limiter_world& world);
  ~limiter();

  /// True when the attempt may set out at once: there is room, and nobody waits ahead of it.
  [[nodiscard]] bool try_enter(admission_kind admission, operation_kind kind);
  /// Completes, not from within, when the attempt may set out. Any cancellation completes it soon,
  /// as `operation_aborted`.
  void async_enter(admission_kind admission, operation_kind kind, handler done);
  /// Once for each attempt that was let through. `latency`: from its connection to its end.
  void leave(admission_kind admission, operation_kind kind, policy::attempt_end how,
             std::chrono::nanoseconds latency, https::time_point began);
  /// Who waits hears of the end; nobody is let through any more.
  void shutdown();
  /// Drops everything without calling anybody: for the end of the execution context.
  void abandon();

  [[nodiscard]] std::size_t limit(operation_kind kind) const noexcept;
  /// Of those under an adaptive limit.
  [[nodiscard]] std::size_t in_flight() const noexcept;
  [[nodiscard]] std::size_t waiting() const noexcept;

 private:
  class waiter;
  using queue = std::list<std::shared_ptr<waiter>>;

  /// Those under one limit: the ones that wait, and how many do not.
  struct lane {
    std::optional<policy::concurrency_limit> limit;  ///< none for those under the rate alone
    queue waiting;
    std::size_t in_flight = 0;

    [[nodiscard]] bool has_room() const noexcept { return !limit || in_flight < limit->current(); }
  };

  void on_expired() override { let_through(); }
  [[nodiscard]] lane& lane_of(admission_kind admission, operation_kind kind) noexcept;
  [[nodiscard]] lane* next_lane() noexcept;
  void admit(lane& where, https::time_point now);
  void let_through();
  void cancel(const std::shared_ptr<waiter>& whose);
  void complete_soon(const std::shared_ptr<waiter>& which, error_code how);

  policy::rate_limit rate_;
  limiter_world& world_;
  std::array<lane, operation_kinds + 1> lanes_;  // by operation; the last is the rate's alone
  std::uint64_t arrivals_ = 0;
  bool closed_ = false;
};

}  // namespace binarly::call

#endif
