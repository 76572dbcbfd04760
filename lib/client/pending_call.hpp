// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_PENDING_CALL_HPP
#define BINARLY_CLIENT_PENDING_CALL_HPP

#include "call/engine.hpp"

#include <binarly/failure.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace binarly::detail {

namespace asio = boost::asio;

/// Carries one operation from the caller's world to the engine's strand and back.
///
/// The caller's cancellation slot is never bound to the coroutine: it would be emitted and cleared
/// on one thread while the coroutine runs on another. Instead it posts the wish to the strand,
/// where a signal of our own hands it on; and it is cleared on the caller's executor, right before
/// the handler is called there.
template <class T>
class pending_call final : public call::running_call,
                           public std::enable_shared_from_this<pending_call<T>> {
 public:
  using handler = asio::any_completion_handler<void(result<T>)>;

  /// `take` gets the value out of the decoder of a successful answer.
  pending_call(std::shared_ptr<call::engine> engine, T (*take)(call::answer_decoder&), handler done)
      : engine_(std::move(engine)),
        take_(take),
        slot_(done.get_cancellation_slot()),
        work_(asio::get_associated_executor(done, engine_->executor())),
        handler_(std::move(done)) {}

  void start(call::operation what, call::settings how) {
    auto self = this->shared_from_this();
    if (slot_.is_connected()) {
      // Weak, and without the strand: the signal may outlive the call's whole execution context.
      slot_.assign([whose = this->weak_from_this()](asio::cancellation_type) {
        const auto here = whose.lock();
        if (!here) return;
        asio::post(here->engine_->strand(), [whose] {
          if (const auto found = whose.lock()) found->cancel(errc::cancelled);
        });
      });
    }
    // Bound before anybody else can reach the signal.
    asio::co_spawn(engine_->strand(),
                   call::perform(*engine_, *this, std::move(what), std::move(how)),
                   asio::bind_cancellation_slot(
                       signal_.slot(), [self](std::exception_ptr thrown, call::answered outcome) {
                         self->finish(thrown, std::move(outcome));
                       }));
  }

  /// For what fails before there is anything to run.
  void fail(failure why) { deliver(std::move(why)); }

  void cancel(errc why) override {
    if (reason_ == errc{}) reason_ = why;
    signal_.emit(asio::cancellation_type::terminal);
  }

 private:
  void finish(const std::exception_ptr& thrown, call::answered outcome) {
    engine_->leave(*this);
    if (thrown) return deliver(explain(thrown));
    if (!outcome && reason_ == errc::client_closed && outcome.error().code() == errc::cancelled) {
      failure_detail detail = outcome.error().detail();
      detail.code = errc::client_closed;
      outcome = failure(std::move(detail));
    }
    deliver(std::move(outcome));
  }

  /// Only a function of the caller's own, or a lack of memory, throws within a call.
  static failure explain(const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& problem) {
      return failure(errc::invalid_argument,
                     std::string("an exception ended the call: ") + problem.what());
    } catch (...) {
      return failure(errc::invalid_argument, "an exception ended the call");
    }
  }

  /// By way of the client's own executor, so that the caller's code runs neither inside the
  /// initiating function nor on the strand, which has other calls to serve.
  void deliver(call::answered outcome) {
    asio::post(engine_->executor(), [self = this->shared_from_this(),
                                     outcome = std::move(outcome)]() mutable {
      const auto where = self->work_.get_executor();
      asio::dispatch(where, [self = std::move(self), outcome = std::move(outcome)]() mutable {
        if (self->slot_.is_connected()) self->slot_.clear();
        self->work_.reset();
        handler done(std::move(self->handler_));
        const auto take = self->take_;
        self = nullptr;
        if (outcome) {
          std::move(done)(result<T>(take(**outcome)));
        } else {
          std::move(done)(result<T>(outcome.error()));
        }
      });
    });
  }

  const std::shared_ptr<call::engine> engine_;
  T (*const take_)(call::answer_decoder&);
  asio::cancellation_slot slot_;
  asio::executor_work_guard<asio::any_completion_executor> work_;
  handler handler_;
  asio::cancellation_signal signal_;
  errc reason_{};
};

}  // namespace binarly::detail

#endif
