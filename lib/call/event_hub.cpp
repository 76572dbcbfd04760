// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/event_hub.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace binarly::call {

event_hub::event_hub(boost::asio::any_io_executor executor, event_listener listener)
    : executor_(std::move(executor)), listener_(std::move(listener)) {}

void event_hub::tell(event what) {
  const std::lock_guard lock(mutex_);
  if (!executor_) return;
  if (kept_.size() >= most_kept) {
    ++lost_;
    return;
  }
  kept_.push_back(std::move(what));
  if (std::exchange(delivering_, true)) return;
  boost::asio::post(executor_, [self = shared_from_this()] { self->deliver(); });
}

void event_hub::abandon() {
  std::vector<event> dropped;
  boost::asio::any_io_executor left;
  const std::lock_guard lock(mutex_);
  dropped.swap(kept_);
  left.swap(executor_);
}

/// One batch a turn, so that a listener that causes events does not keep its executor.
void event_hub::deliver() {
  std::vector<event> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(kept_);
    if (lost_ > 0) batch.emplace_back(events_lost{std::exchange(lost_, 0)});
  }
  for (const auto& each : batch) {
    try {
      listener_(each);
    } catch (...) {  // NOLINT(bugprone-empty-catch): a listener's trouble is its own
    }
  }
  const std::lock_guard lock(mutex_);
  delivering_ = !kept_.empty() && executor_;
  if (delivering_) {
    boost::asio::post(executor_, [self = shared_from_this()] { self->deliver(); });
  }
}

}  // namespace binarly::call
