// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/limiter.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace binarly::call {

class limiter::waiter {
 public:
  waiter(admission_kind which, std::uint64_t when, handler done)
      : kind(which),
        arrival(when),
        slot_(done.get_cancellation_slot()),
        handler_(std::move(done)) {}

  template <class F>
  void on_cancel(F function) {
    if (slot_.is_connected()) slot_.assign(std::move(function));
  }
  void complete(error_code how) {
    if (slot_.is_connected()) slot_.clear();
    handler done(std::move(handler_));
    std::move(done)(how);
  }

  const admission_kind kind;
  const std::uint64_t arrival;
  std::optional<queue::iterator> position;

 private:
  boost::asio::cancellation_slot slot_;
  handler handler_;
};

limiter::limiter(const policy::concurrency_settings& concurrency, const policy::rate_settings& rate,
                 limiter_world& world)
    : concurrency_(concurrency), rate_(rate), world_(world) {}

limiter::~limiter() = default;

limiter::queue& limiter::queue_of(admission_kind kind) noexcept {
  return kind == admission_kind::limited ? limited_ : rated_;
}

bool limiter::try_enter(admission_kind kind) {
  if (closed_ || (kind == admission_kind::limited && !has_room())) return false;
  // Those who wait although there is room wait for the rate, and so does this one.
  if (next_queue() != nullptr) return false;
  const auto now = world_.now();
  if (rate_.next(now) > now) return false;
  admit(kind, now);
  return true;
}

void limiter::async_enter(admission_kind kind, handler done) {
  const auto entrant = std::make_shared<waiter>(kind, ++arrivals_, std::move(done));
  if (closed_) return complete_soon(entrant, boost::asio::error::operation_aborted);
  auto& line = queue_of(kind);
  entrant->position = line.insert(line.end(), entrant);
  entrant->on_cancel(
      [whose = weak_from_this(), which = std::weak_ptr(entrant)](boost::asio::cancellation_type) {
        const auto here = whose.lock();
        const auto gone = which.lock();
        if (here && gone) here->cancel(gone);
      });
  let_through();
}

void limiter::leave(admission_kind kind, policy::attempt_end how, std::chrono::nanoseconds latency,
                    https::time_point began) {
  if (kind != admission_kind::limited) return;
  if (concurrency_.on_end(how, latency, in_flight_, began, world_.now())) {
    world_.on_limit(concurrency_.current());
  }
  --in_flight_;
  let_through();
}

void limiter::shutdown() {
  closed_ = true;
  world_.forget(*this);
  for (auto* const line : {&rated_, &limited_}) {
    for (const auto& each : std::exchange(*line, {})) {
      each->position.reset();
      complete_soon(each, boost::asio::error::operation_aborted);
    }
  }
}

void limiter::abandon() {
  closed_ = true;
  const auto rated = std::exchange(rated_, {});
  const auto limited = std::exchange(limited_, {});
}

limiter::queue* limiter::next_queue() noexcept {
  queue* first = rated_.empty() ? nullptr : &rated_;
  if (!limited_.empty() && has_room() &&
      (first == nullptr || limited_.front()->arrival < first->front()->arrival)) {
    first = &limited_;
  }
  return first;
}

void limiter::admit(admission_kind kind, https::time_point now) {
  rate_.take(now);
  if (kind == admission_kind::limited) ++in_flight_;
}

void limiter::let_through() {
  queue* next = next_queue();
  if (next == nullptr) return;
  const auto now = world_.now();
  for (; next != nullptr; next = next_queue()) {
    const auto when = rate_.next(now);
    if (when > now) return world_.remind(*this, when);
    const auto first = next->front();
    next->pop_front();
    first->position.reset();
    admit(first->kind, now);
    complete_soon(first, {});
  }
}

void limiter::cancel(const std::shared_ptr<waiter>& whose) {
  if (!whose->position) return;
  queue_of(whose->kind).erase(*std::exchange(whose->position, {}));
  if (waiting() == 0) world_.forget(*this);
  complete_soon(whose, boost::asio::error::operation_aborted);
}

void limiter::complete_soon(const std::shared_ptr<waiter>& which, error_code how) {
  world_.post([which, how] { which->complete(how); });
}

}  // namespace binarly::call
