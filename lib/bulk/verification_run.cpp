// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "bulk/verification_run.hpp"

#include "bulk/next_look.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace binarly::bulk {
namespace {

constexpr std::chrono::hours longest_wait{7 * 24};

bool can_wait(std::chrono::milliseconds span) { return span.count() >= 0 && span <= longest_wait; }

}  // namespace

asio::awaitable<void> wake_up::wait() {
  (void)co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

verification_run::verification_run(const asio::any_io_executor& executor, client service,
                                   verification_source source, verification_sink sink,
                                   verify_options options, detail::verify_images_handler handler)
    : strand_(asio::make_strand(executor)),
      service_(std::move(service)),
      source_(std::move(source)),
      sink_(std::move(sink)),
      options_(std::move(options)),
      slot_(handler.get_cancellation_slot()),
      work_(asio::get_associated_executor(handler, executor)),
      handler_(std::move(handler)),
      room_(strand_),
      news_(strand_),
      alarm_(strand_),
      random_(std::random_device()()),
      health_(options_.give_up_after) {
  auto& call = options_.call;
  call.join = call.join.value_or(true);
  call.adaptive_limit = call.adaptive_limit.value_or(true);
  call.deadline_covers_limits = call.deadline_covers_limits.value_or(false);
}

void verification_run::start() {
  if (slot_.is_connected()) {
    // Weak, and without the strand: the signal may outlive the run's whole execution context.
    slot_.assign([whose = weak_from_this()](asio::cancellation_type type) {
      const bool at_once =
          (type & asio::cancellation_type::terminal) != asio::cancellation_type::none;
      if (const auto self = whose.lock()) self->on_cancel(at_once ? wish::stop : wish::drain);
    });
  }
  const auto self = shared_from_this();
  asio::co_spawn(
      strand_, feed(self),
      asio::bind_cancellation_slot(source_signal_.slot(), [self](std::exception_ptr thrown) {
        self->feeding_ = false;
        // A source that was told to stop may well throw.
        if (thrown && self->wish_ == wish::none) self->abort(thrown);
        self->news_.notify();
      }));
  asio::co_spawn(strand_, deliver(self), [self](std::exception_ptr thrown) {
    if (thrown && !self->thrown_) self->thrown_ = thrown;
    self->complete();
  });
}

void verification_run::refuse(const failure& why) {
  thrown_ = std::make_exception_ptr(failure_error(why));
  asio::post(strand_, [self = shared_from_this()] { self->complete(); });
}

asio::awaitable<void> verification_run::feed(std::shared_ptr<verification_run>) {
  while (wish_ == wish::none) {
    if (!has_room()) {
      co_await room_.wait();
      continue;
    }
    // Two statements: g++ 12 destroys the value of a conditional with co_await in it too early.
    verification_source::item next;
    if (source_->plain_) {
      next = source_->plain_();
    } else {
      next = co_await source_->awaitable_();
    }
    if (!next) {
      summary_.complete = wish_ == wish::none;
      break;
    }
    // Those that were due meanwhile may have taken the place.
    while (outstanding_ >= options_.window && wish_ != wish::stop)
      co_await room_.wait();
    take(std::move(*next));
  }
}

asio::awaitable<void> verification_run::deliver(std::shared_ptr<verification_run>) {
  for (;;) {
    auto next = next_delivery();
    while (!next) {
      if (is_over()) co_return;
      co_await news_.wait();
      next = next_delivery();
    }
    auto outcome = std::move((*next)->outcome);
    spare_.splice(spare_.end(), finished_, *next);
    if (!thrown_) {
      const auto what = static_cast<std::size_t>(outcome.verdict);
      try {
        if (sink_->plain_) {
          sink_->plain_(std::move(outcome));
        } else {
          co_await sink_->awaitable_(std::move(outcome));
        }
        ++summary_.by_verdict[what];
      } catch (...) {
        abort(std::current_exception());
      }
    }
    --outstanding_;
    start_ready();
    room_.notify();
  }
}

bool verification_run::has_room() const noexcept {
  return outstanding_ < options_.window && ready_.empty() && may_park_ < options_.max_parked;
}

bool verification_run::is_over() const noexcept {
  return !feeding_ && outstanding_ == 0 && parked_.empty() && ready_.empty();
}

std::optional<verification_run::position> verification_run::next_delivery() {
  if (!options_.in_order) {
    if (finished_.empty()) return std::nullopt;
    return finished_.begin();
  }
  if (sequence_.empty() || !sequence_.front()->finished) return std::nullopt;
  const auto next = sequence_.front();
  sequence_.pop_front();
  return next;
}

void verification_run::take(expectation next) {
  if (spare_.empty()) spare_.emplace_back();
  looking_.splice(looking_.end(), spare_, spare_.begin());
  const auto which = std::prev(looking_.end());
  which->outcome = verification();
  which->outcome.expectation = std::move(next);
  which->waited = {};
  which->may_appear.reset();
  which->may_begin.reset();
  which->may_end.reset();
  which->scan_known = false;
  which->finished = false;
  ++outstanding_;
  if (options_.in_order) sequence_.push_back(which);

  const auto& expected = which->outcome.expectation;
  if (waits(expected)) ++may_park_;
  // Taken while the source was being stopped: it gets its verification all the same.
  if (wish_ == wish::stop) return call_off(which, looking_);
  if (!can_wait(expected.wait) || !can_wait(expected.wait_for_scan)) {
    return fail(which, failure(errc::invalid_argument, "a wait is from 0 to 7 days"));
  }
  if (expected.wait.count() > 0) which->may_appear = clock::now() + expected.wait;
  look(which);
}

/// False when no time is left, or it is not waited for.
bool verification_run::park(position which, const std::optional<clock::time_point>& until) {
  if (!until) return false;
  const auto now = clock::now();
  const double random =
      static_cast<double>(random_() - std::minstd_rand::min()) / std::minstd_rand::max();
  const auto delay =
      next_look(options_.look_again, which->outcome.looks, which->waited, *until - now, random);
  if (!delay) return false;
  if (wish_ != wish::none) {
    call_off(which, looking_);
    return true;
  }
  which->waited = std::chrono::duration_cast<retry_policy::duration>(*delay);
  parked_.splice(parked_.end(), looking_, which);
  const auto due = due_.emplace(now + *delay, which);
  if (due == due_.begin()) set_alarm();
  if (!options_.in_order) {
    --outstanding_;
    start_ready();
    room_.notify();
  }
  return true;
}

void verification_run::set_alarm() {
  alarm_.expires_at(due_.begin()->first);
  alarm_.async_wait([self = shared_from_this()](const error_code& ec) {
    if (!ec) self->on_alarm();
  });
}

void verification_run::on_alarm() {
  for (const auto now = clock::now(); !due_.empty() && due_.begin()->first <= now;) {
    ready_.splice(ready_.end(), parked_, due_.begin()->second);
    due_.erase(due_.begin());
  }
  if (!due_.empty()) set_alarm();
  start_ready();
}

void verification_run::start_ready() {
  while (!ready_.empty() && (options_.in_order || outstanding_ < options_.window)) {
    const auto which = ready_.begin();
    if (!options_.in_order) ++outstanding_;
    looking_.splice(looking_.end(), ready_, which);
    look(which);
  }
}

void verification_run::finish(position which, verdict value) {
  auto& outcome = which->outcome;
  outcome.verdict = value;
  if (value != verdict::cancelled) summary_.latencies.add(outcome.latency);
  if (outcome.image && outcome.image->is_archived.value_or(false)) ++summary_.archived;
  if (which->scan_known) {
    ++summary_.scans[outcome.scan ? outcome.scan->progress : scan_progress::no_scans];
  }
  if (health_.gives_up(outcome)) {
    summary_.given_up = outcome.failure;
    on_cancel(wish::drain);
  }
  if (waits(outcome.expectation)) --may_park_;
  which->finished = true;
  finished_.splice(finished_.end(), looking_, which);
  news_.notify();
}

void verification_run::call_off(position which, tasks& from) {
  if (&from != &looking_) {
    // Over the window's edge, if need be: the run is about to end.
    if (!options_.in_order) ++outstanding_;
    looking_.splice(looking_.end(), from, which);
  }
  fail(which, failure(errc::cancelled, "the run was stopped first"));
}

/// From any thread; the stronger one stays.
void verification_run::raise(wish what) noexcept {
  auto known = wish_.load();
  while (known < what && !wish_.compare_exchange_weak(known, what)) {
  }
}

void verification_run::on_cancel(wish what) {
  // At once: the strand may be taking expectation after expectation.
  raise(what);
  asio::post(strand_, [self = shared_from_this(), what] { self->end_early(what); });
}

void verification_run::end_early(wish what) {
  raise(what);
  summary_.complete = false;
  source_signal_.emit(asio::cancellation_type::terminal);
  due_.clear();
  alarm_.cancel();
  for (auto* const waiting : {&parked_, &ready_}) {
    while (!waiting->empty())
      call_off(waiting->begin(), *waiting);
  }
  if (what == wish::stop) {
    // The newest first: they wait, and are not to be lent the connection of one that ends.
    for (auto each = looking_.rbegin(); each != looking_.rend(); ++each)
      each->signal.emit(asio::cancellation_type::terminal);
  }
  room_.notify();
}

/// What is still out is waited for, and dropped.
void verification_run::abort(const std::exception_ptr& thrown) {
  thrown_ = thrown;
  end_early(wish::stop);
}

void verification_run::complete() {
  summary_.elapsed = clock::now() - began_;
  // The coroutines' frames keep the run alive until after the handler, which may end the client's
  // context, or what source and sink refer to.
  service_.reset();
  source_.reset();
  sink_.reset();
  const auto where = work_.get_executor();
  // Without the run, whose timers and strand must be gone when its context ends: the handler's own
  // may call it later. A late cancellation finds no run, or one that has nothing to do.
  asio::dispatch(where, [slot = slot_, work = std::move(work_), done = std::move(handler_),
                         thrown = thrown_, summary = summary_]() mutable {
    if (slot.is_connected()) slot.clear();
    work.reset();
    detail::verify_images_handler called(std::move(done));
    std::move(called)(thrown, std::move(summary));
  });
}

}  // namespace binarly::bulk
