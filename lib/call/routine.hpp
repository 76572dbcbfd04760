// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_ROUTINE_HPP
#define BINARLY_CALL_ROUTINE_HPP

#include <coroutine>
#include <optional>
#include <utility>

namespace binarly::call {

/// A coroutine that nobody awaits. It is destroyed at its end, or together with the handler of the
/// operation that it waits for: so the end of an execution context leaves nothing behind. What it
/// throws comes out of whatever resumed it.
///
/// `asio::awaitable` can be awaited, resumed on executors and cancelled, and pays for it with three
/// frames and nine allocations for a call that waits once.
class routine {
 public:
  struct promise_type {
    routine get_return_object() noexcept {
      return routine(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() { throw; }
  };

  /// Once.
  void begin() { resume(whole_); }

  static void resume(std::coroutine_handle<> whole) {
    try {
      whole.resume();
    } catch (...) {
      // It has come to its end, but not on the way on which it is destroyed there.
      whole.destroy();
      throw;
    }
  }

 private:
  explicit routine(std::coroutine_handle<> whole) noexcept : whole_(whole) {}

  std::coroutine_handle<> whole_;
};

/// Awaits an asynchronous operation from within a routine. `Start` begins it: called with a handler
/// for a `Result`, it must not call that from within.
template <class Result, class Start>
class operation_of {
 public:
  explicit operation_of(Start start) : start_(std::move(start)) {}
  operation_of(const operation_of&) = delete;
  operation_of& operator=(const operation_of&) = delete;
  ~operation_of() {
    if (handler_ != nullptr) handler_->whose_ = nullptr;
  }

  class handler {
   public:
    handler(operation_of& whose, std::coroutine_handle<> waits) noexcept
        : whose_(&whose), waits_(waits) {
      whose_->handler_ = this;
    }
    handler(handler&& other) noexcept
        : whose_(std::exchange(other.whose_, nullptr)), waits_(other.waits_) {
      if (whose_ != nullptr) whose_->handler_ = this;
    }
    handler& operator=(handler&&) = delete;
    ~handler() {
      if (whose_ == nullptr) return;
      whose_->handler_ = nullptr;
      // An operation that could not be begun: the routine is told by an exception.
      if (whose_->begun_) waits_.destroy();
    }

    void operator()(Result result) {
      auto* const whose = std::exchange(whose_, nullptr);
      // Begun in part, it was told by an exception, and went on.
      if (whose == nullptr) return;
      whose->handler_ = nullptr;
      whose->result_.emplace(std::move(result));
      routine::resume(waits_);
    }

   private:
    friend class operation_of;
    operation_of* whose_;
    std::coroutine_handle<> waits_;
  };

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waits) {
    start_(handler(*this, waits));
    begun_ = true;
  }
  Result await_resume() { return std::move(*result_); }

 private:
  Start start_;
  handler* handler_ = nullptr;  // wherever it has been moved to
  std::optional<Result> result_;
  bool begun_ = false;
};

}  // namespace binarly::call

#endif
