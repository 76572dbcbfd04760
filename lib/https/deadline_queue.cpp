// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/deadline_queue.hpp"

namespace binarly::https {

void deadline_queue::set(expirable& item, time_point when) {
  clear(item);
  item.when_ = when;
  // Deadlines mostly come in their order.
  items_.insert(items_.end(), item);
}

void deadline_queue::bring_forward(expirable& item, time_point when) {
  if (!item.is_linked() || when < item.when_) set(item, when);
}

void deadline_queue::clear(expirable& item) noexcept {
  if (item.is_linked()) items_.erase(items_.iterator_to(item));
}

expirable* deadline_queue::pop_expired(time_point now) noexcept {
  if (items_.empty() || items_.begin()->when_ > now) return nullptr;
  expirable* const item = &*items_.begin();
  clear(*item);
  return item;
}

}  // namespace binarly::https
