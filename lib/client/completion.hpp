// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_COMPLETION_HPP
#define BINARLY_CLIENT_COMPLETION_HPP

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

/// The caller's end of one operation: his handler, his executor, his wish to cancel.
///
/// The caller's cancellation slot is never handed to what runs on the strand: it would be emitted
/// and cleared on one thread while the call runs on another. Instead it posts the wish to the
/// strand; and it is cleared on the caller's executor, right before the handler is called there.
template <class T>
class completion {
 public:
  using handler = asio::any_completion_handler<void(result<T>)>;

  completion(std::shared_ptr<call::engine> engine, handler done)
      : engine_(std::move(engine)), slot_(done.get_cancellation_slot()), handler_(std::move(done)) {
    const auto where = asio::get_associated_executor(handler_, engine_->completion_executor());
    // What the call waits for keeps the client's own executor busy.
    if (where != engine_->completion_executor()) elsewhere_.emplace(where);
  }

  [[nodiscard]] const std::shared_ptr<call::engine>& engine() const noexcept { return engine_; }

 protected:
  ~completion() = default;

  /// Calls `function(self)` on the strand when the caller cancels, if there is a self then.
  template <class Self, class Function>
  void on_cancel(const std::shared_ptr<Self>& self, Function function) {
    if (!slot_.is_connected()) return;
    // Weak, and without the strand: the signal may outlive the call's whole execution context.
    slot_.assign([whose = std::weak_ptr(self), function](asio::cancellation_type) {
      const auto here = whose.lock();
      // Its handler may have been on its way to another context when the client's own ended.
      if (!here || here->engine()->ended()) return;
      asio::post(here->engine()->strand(), [whose, function] {
        if (const auto found = whose.lock()) function(*found);
      });
    });
  }

  /// Calls the handler with what `make` returns, once. By way of the client's own executor, so that
  /// the caller's code runs neither inside the initiating function nor on the strand, which has
  /// other calls to serve.
  template <class Self, class Make>
  static void deliver(std::shared_ptr<Self> self, Make make) {
    const auto& executor = self->engine()->executor();
    asio::post(executor, [self = std::move(self), make = std::move(make)]() mutable {
      if (!self->elsewhere_) return complete(std::move(self), std::move(make));
      const auto where = self->elsewhere_->get_executor();
      asio::dispatch(where, [self = std::move(self), make = std::move(make)]() mutable {
        complete(std::move(self), std::move(make));
      });
    });
  }

 private:
  template <class Self, class Make>
  static void complete(std::shared_ptr<Self> self, Make make) {
    completion& here = *self;
    if (here.slot_.is_connected()) here.slot_.clear();
    here.elsewhere_.reset();
    handler done(std::move(here.handler_));
    self = nullptr;
    std::move(done)(make());
  }

  const std::shared_ptr<call::engine> engine_;
  asio::cancellation_slot slot_;
  /// Where the handler runs, if not on the client's executor.
  std::optional<asio::executor_work_guard<asio::any_completion_executor>> elsewhere_;
  handler handler_;
};

}  // namespace binarly::detail

#endif
