// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/reminders.hpp"

#include <boost/system/error_code.hpp>

#include <algorithm>
#include <chrono>

namespace binarly::call {
namespace {

/// A thousand deadlines in a row cost one timer, not a thousand.
constexpr std::chrono::milliseconds grain{1};

}  // namespace

void reminders::add(https::expirable& which, https::time_point when) {
  if (!timer_) return;
  queue_.set(which, when);
  if (!rings_ || when < *rings_) set_timer(when);
}

void reminders::remove(https::expirable& which) {
  queue_.clear(which);
  if (!queue_.empty() || !rings_) return;
  rings_.reset();
  if (timer_) timer_->cancel();
}

void reminders::abandon() {
  queue_.clear();
  rings_.reset();
  timer_.reset();
}

void reminders::set_timer(https::time_point when) {
  rings_ = when;
  timer_->expires_at(when);
  timer_->async_wait([whose = weak_from_this()](const boost::system::error_code& cancelled) {
    const auto here = whose.lock();
    if (cancelled || !here) return;
    here->rings_.reset();
    const auto now = std::chrono::steady_clock::now();
    while (https::expirable* const late = here->queue_.pop_expired(now))
      late->on_expired();
    if (!here->queue_.empty() && !here->rings_) {
      here->set_timer(std::max(here->queue_.earliest(), now + grain));
    }
  });
}

}  // namespace binarly::call
