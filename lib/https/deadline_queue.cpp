// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/deadline_queue.hpp"

namespace binarly::https {

void deadline_queue::set(expirable& item, time_point when) {
  if (!item.position_) {
    // Deadlines mostly come in their order.
    item.position_ = items_.emplace_hint(items_.end(), when, &item);
    return;
  }
  auto node = items_.extract(*item.position_);
  node.key() = when;
  item.position_ = items_.insert(std::move(node));
}

void deadline_queue::bring_forward(expirable& item, time_point when) {
  if (!item.position_ || when < (*item.position_)->first) set(item, when);
}

void deadline_queue::clear(expirable& item) noexcept {
  if (!item.position_) return;
  items_.erase(*item.position_);
  item.position_.reset();
}

expirable* deadline_queue::pop_expired(time_point now) noexcept {
  if (items_.empty() || items_.begin()->first > now) return nullptr;
  expirable* const item = items_.begin()->second;
  clear(*item);
  return item;
}

}  // namespace binarly::https
