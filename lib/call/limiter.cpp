// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/limiter.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace binarly::call {

class limiter::waiter {
 public:
  waiter(lane& which, std::uint64_t when, handler done)
      : where(which),
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

  lane& where;
  const std::uint64_t arrival;
  std::optional<queue::iterator> position;

 private:
  boost::asio::cancellation_slot slot_;
  handler handler_;
};

limiter::limiter(const policy::concurrency_settings& concurrency, const policy::rate_settings& rate,
                 limiter_world& world)
    : rate_(rate), world_(world) {
  for (std::size_t kind = 0; kind < operation_kinds; ++kind)
    lanes_[kind].limit.emplace(concurrency);
}

limiter::~limiter() = default;

limiter::lane& limiter::lane_of(admission_kind admission, operation_kind kind) noexcept {
  return admission == admission_kind::limited ? lanes_[static_cast<std::size_t>(kind)]
                                              : lanes_.back();
}

bool limiter::try_enter(admission_kind admission, operation_kind kind) {
  auto& where = lane_of(admission, kind);
  if (closed_ || !where.has_room()) return false;
  // Those who wait although there is room wait for the rate, and so does this one.
  if (next_lane() != nullptr) return false;
  const auto now = world_.now();
  if (rate_.next(now) > now) return false;
  admit(where, now);
  return true;
}

void limiter::async_enter(admission_kind admission, operation_kind kind, handler done) {
  auto& where = lane_of(admission, kind);
  const auto entrant = std::make_shared<waiter>(where, ++arrivals_, std::move(done));
  if (closed_) return complete_soon(entrant, boost::asio::error::operation_aborted);
  entrant->position = where.waiting.insert(where.waiting.end(), entrant);
  entrant->on_cancel(
      [whose = weak_from_this(), which = std::weak_ptr(entrant)](boost::asio::cancellation_type) {
        const auto here = whose.lock();
        const auto gone = which.lock();
        if (here && gone) here->cancel(gone);
      });
  let_through();
}

void limiter::leave(admission_kind admission, operation_kind kind, policy::attempt_end how,
                    std::chrono::nanoseconds latency, https::time_point began) {
  if (admission != admission_kind::limited) return;
  auto& where = lane_of(admission, kind);
  if (where.limit->on_end(how, latency, where.in_flight, began, world_.now())) {
    world_.on_limit(kind, where.limit->current());
  }
  --where.in_flight;
  let_through();
}

void limiter::shutdown() {
  closed_ = true;
  world_.forget(*this);
  for (auto& each : lanes_) {
    for (const auto& one : std::exchange(each.waiting, {})) {
      one->position.reset();
      complete_soon(one, boost::asio::error::operation_aborted);
    }
  }
}

void limiter::abandon() {
  closed_ = true;
  // Destroying a handler may run its owner's destructors.
  std::array<queue, operation_kinds + 1> dropped;
  for (std::size_t each = 0; each < lanes_.size(); ++each)
    dropped[each].swap(lanes_[each].waiting);
}

std::size_t limiter::limit(operation_kind kind) const noexcept {
  return lanes_[static_cast<std::size_t>(kind)].limit->current();
}

std::size_t limiter::in_flight() const noexcept {
  std::size_t sum = 0;
  for (const auto& each : lanes_)
    sum += each.in_flight;
  return sum;
}

std::size_t limiter::waiting() const noexcept {
  std::size_t sum = 0;
  for (const auto& each : lanes_)
    sum += each.waiting.size();
  return sum;
}

limiter::lane* limiter::next_lane() noexcept {
  lane* first = nullptr;
  for (auto& each : lanes_) {
    if (each.waiting.empty() || !each.has_room()) continue;
    if (first == nullptr || each.waiting.front()->arrival < first->waiting.front()->arrival) {
      first = &each;
    }
  }
  return first;
}

void limiter::admit(lane& where, https::time_point now) {
  rate_.take(now);
  if (where.limit) ++where.in_flight;
}

void limiter::let_through() {
  lane* next = next_lane();
  if (next == nullptr) return;
  const auto now = world_.now();
  for (; next != nullptr; next = next_lane()) {
    const auto when = rate_.next(now);
    if (when > now) return world_.remind(*this, when);
    const auto first = next->waiting.front();
    next->waiting.pop_front();
    first->position.reset();
    admit(*next, now);
    complete_soon(first, {});
  }
}

void limiter::cancel(const std::shared_ptr<waiter>& whose) {
  if (!whose->position) return;
  whose->where.waiting.erase(*std::exchange(whose->position, {}));
  if (waiting() == 0) world_.forget(*this);
  complete_soon(whose, boost::asio::error::operation_aborted);
}

void limiter::complete_soon(const std::shared_ptr<waiter>& which, error_code how) {
  world_.post([which, how] { which->complete(how); });
}

}  // namespace binarly::call
