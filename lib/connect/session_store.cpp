// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/session_store.hpp"

#include <utility>

namespace binarly::connect {

void session_store::put(session_ptr session) {
  if (!session || most_ == 0) return;
  const std::lock_guard lock(mutex_);
  if (sessions_.size() == most_) sessions_.erase(sessions_.begin());
  sessions_.push_back(std::move(session));
}

session_ptr session_store::take() {
  const std::lock_guard lock(mutex_);
  while (!sessions_.empty()) {
    session_ptr session = std::move(sessions_.back());
    sessions_.pop_back();
    // Its connection may have broken TLS since.
    if (SSL_SESSION_is_resumable(session.get()) != 1) continue;
    if (SSL_SESSION_get_protocol_version(session.get()) < TLS1_3_VERSION) {
      SSL_SESSION_up_ref(session.get());
      sessions_.emplace_back(session.get());
    }
    return session;
  }
  return nullptr;
}

}  // namespace binarly::connect
