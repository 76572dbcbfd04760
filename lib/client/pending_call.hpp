// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_PENDING_CALL_HPP
#define BINARLY_CLIENT_PENDING_CALL_HPP

#include "client/completion.hpp"

#include <memory>
#include <utility>

namespace binarly::detail {

/// A call of one caller's own: it carries the operation from his world to the engine's strand and
/// back.
template <class T>
class pending_call final : public call::call, public completion<T> {
 public:
  using handler = typename completion<T>::handler;

  /// `value` finds the value in the decoder of a successful answer.
  pending_call(std::shared_ptr<binarly::call::engine> engine, binarly::call::operation what,
               binarly::call::settings how, T& (*value)(binarly::call::answer_decoder&),
               std::shared_ptr<call_report> report, handler done)
      : call(*engine, std::move(what), std::move(how)),
        completion<T>(std::move(engine), std::move(done)),
        value_(value),
        report_(std::move(report)) {}

  void start() {
    this->on_cancel(self(), [](pending_call& here) { here.cancel(errc::cancelled); });
    asio::dispatch(this->engine()->strand(), [self = self()] { self->begin(); });
  }

  /// For what fails before there is anything to run.
  void fail(failure why) {
    if (report_) *report_ = call_report();
    give(std::move(why));
  }

 private:
  std::shared_ptr<pending_call> self() {
    return std::static_pointer_cast<pending_call>(this->shared_from_this());
  }

  void on_done(binarly::call::answered outcome) override {
    this->engine()->leave(*this);
    if (report_) *report_ = this->report(&outcome);
    give(std::move(outcome));
  }

  /// The value is moved once, on the way to its handler.
  void give(binarly::call::answered outcome) {
    this->deliver(self(), [outcome = std::move(outcome), value = value_]() mutable -> result<T> {
      if (!outcome) return outcome.error();
      return std::move(value(**outcome));
    });
  }

  T& (*const value_)(binarly::call::answer_decoder&);
  const std::shared_ptr<call_report> report_;  // null where nobody asks for it
};

}  // namespace binarly::detail

#endif
