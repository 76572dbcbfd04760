// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_DEADLINE_QUEUE_HPP
#define BINARLY_HTTPS_DEADLINE_QUEUE_HPP

#include <boost/intrusive/set.hpp>

#include <chrono>

namespace binarly::https {

using time_point = std::chrono::steady_clock::time_point;

/// Something that can run out of time. It takes itself out of its queue when it goes.
class expirable : public boost::intrusive::set_base_hook<
                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// Its deadline has come; it is in the queue no more.
  virtual void on_expired() = 0;

 protected:
  expirable() = default;
  ~expirable() = default;  // never destroyed through this class

 private:
  friend class deadline_queue;
  time_point when_;
};

/// The deadlines of everything in one pool, so that a single alarm serves them all: a timer for
/// each exchange would cost more than the rest of its bookkeeping. Pure; the time is handed in.
class deadline_queue {
 public:
  /// Sets, or moves, the item's deadline. The item must stay alive until it is expired or cleared.
  void set(expirable& item, time_point when);
  /// Sets the item's deadline unless it has an earlier one.
  void bring_forward(expirable& item, time_point when);
  void clear(expirable& item) noexcept;
  void clear() noexcept { items_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  /// The earliest deadline; the queue must not be empty.
  [[nodiscard]] time_point earliest() const noexcept { return items_.begin()->when_; }
  /// Takes out the item whose deadline came first and has passed; null when there is none.
  [[nodiscard]] expirable* pop_expired(time_point now) noexcept;

 private:
  struct by_time {
    bool operator()(const expirable& left, const expirable& right) const noexcept {
      return left.when_ < right.when_;
    }
  };
  boost::intrusive::multiset<expirable, boost::intrusive::compare<by_time>,
                             boost::intrusive::constant_time_size<false>>
      items_;
};

}  // namespace binarly::https

#endif
