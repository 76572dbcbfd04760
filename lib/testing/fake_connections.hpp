// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_CONNECTIONS_HPP
#define BINARLY_LIB_TESTING_FAKE_CONNECTIONS_HPP

#include <chrono>
#include <unordered_set>

namespace binarly::testing {

/// How a connection is ended from outside.
enum class abort_how { close, reset };

/// A connection as the service sees it.
class fake_connection {
 public:
  fake_connection() = default;
  fake_connection(const fake_connection&) = delete;
  fake_connection& operator=(const fake_connection&) = delete;

  /// Ends it at once. Does not destroy it.
  virtual void abort(abort_how how) noexcept = 0;

  /// Ticks since anything happened; negative when a silence was announced.
  int silent_ticks = 0;

 protected:
  ~fake_connection() = default;
};

/// The open connections, and the bound on their silence. One coarse tick serves them all: a timer
/// for each would be re-armed at each request.
class fake_connections {
 public:
  static constexpr std::chrono::seconds tick_length{5};
  static constexpr int most_silent_ticks = 12;

  void add(fake_connection& one) { all_.insert(&one); }
  void remove(fake_connection& one) noexcept { all_.erase(&one); }

  void tick() noexcept {
    for (fake_connection* one : all_) {
      if (++one->silent_ticks > most_silent_ticks) one->abort(abort_how::close);
    }
  }
  void abort_all(abort_how how) noexcept {
    for (fake_connection* one : all_)
      one->abort(how);
  }

 private:
  std::unordered_set<fake_connection*> all_;
};

}  // namespace binarly::testing

#endif
