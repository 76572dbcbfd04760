// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_PENDING_CALL_HPP
#define BINARLY_CLIENT_PENDING_CALL_HPP

#include "call/engine.hpp"

#include <binarly/failure.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace binarly::detail {

namespace asio = boost::asio;

/// Carries one operation from the caller's world to the engine's strand and back.
///
/// The caller's cancellation slot is never handed to what runs on the strand: it would be emitted
/// and cleared on one thread while the call runs on another. Instead it posts the wish to the
/// strand; and it is cleared on the caller's executor, right before the handler is called there.
template <class T>
class pending_call final : public call::call {
 public:
  using handler = asio::any_completion_handler<void(result<T>)>;

  /// `value` finds the value in the decoder of a successful answer.
  pending_call(std::shared_ptr<binarly::call::engine> engine, binarly::call::operation what,
               binarly::call::settings how, T& (*value)(binarly::call::answer_decoder&),
               handler done)
      : call(*engine, std::move(what), std::move(how)),
        engine_(std::move(engine)),
        value_(value),
        slot_(done.get_cancellation_slot()),
        handler_(std::move(done)) {
    const auto where = asio::get_associated_executor(handler_, engine_->completion_executor());
    // What the call waits for keeps the client's own executor busy.
    if (where != engine_->completion_executor()) elsewhere_.emplace(where);
  }

  void start() {
    if (slot_.is_connected()) {
      // Weak, and without the strand: the signal may outlive the call's whole execution context.
      slot_.assign([whose = std::weak_ptr(self())](asio::cancellation_type) {
        const auto here = whose.lock();
        if (!here) return;
        asio::post(here->engine_->strand(), [whose] {
          if (const auto found = whose.lock()) found->cancel(errc::cancelled);
        });
      });
    }
    asio::dispatch(engine_->strand(), [self = self()] { self->begin(); });
  }

  /// For what fails before there is anything to run.
  void fail(failure why) { deliver(std::move(why)); }

 private:
  std::shared_ptr<pending_call> self() {
    return std::static_pointer_cast<pending_call>(this->shared_from_this());
  }

  void on_done(binarly::call::answered outcome) override {
    engine_->leave(*this);
    deliver(std::move(outcome));
  }

  /// By way of the client's own executor, so that the caller's code runs neither inside the
  /// initiating function nor on the strand, which has other calls to serve.
  void deliver(binarly::call::answered outcome) {
    asio::post(engine_->executor(), [self = self(), outcome = std::move(outcome)]() mutable {
      if (!self->elsewhere_) return complete(std::move(self), std::move(outcome));
      const auto where = self->elsewhere_->get_executor();
      asio::dispatch(where, [self = std::move(self), outcome = std::move(outcome)]() mutable {
        complete(std::move(self), std::move(outcome));
      });
    });
  }

  static void complete(std::shared_ptr<pending_call> self, binarly::call::answered outcome) {
    if (self->slot_.is_connected()) self->slot_.clear();
    self->elsewhere_.reset();
    handler done(std::move(self->handler_));
    const auto value = self->value_;
    self = nullptr;
    if (outcome) {
      std::move(done)(result<T>(std::move(value(**outcome))));
    } else {
      std::move(done)(result<T>(outcome.error()));
    }
  }

  const std::shared_ptr<binarly::call::engine> engine_;
  T& (*const value_)(binarly::call::answer_decoder&);
  asio::cancellation_slot slot_;
  /// Where the handler runs, if not on the client's executor.
  std::optional<asio::executor_work_guard<asio::any_completion_executor>> elsewhere_;
  handler handler_;
};

}  // namespace binarly::detail

#endif
