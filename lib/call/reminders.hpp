// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_REMINDERS_HPP
#define BINARLY_CALL_REMINDERS_HPP

#include "https/deadline_queue.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>

namespace binarly::call {

/// The deadlines of calls that wait for something else than an answer, served by one timer, which
/// is set only while there is one. Used on one executor.
class reminders : public std::enable_shared_from_this<reminders> {
 public:
  explicit reminders(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  void add(https::expirable& which, https::time_point when);
  void remove(https::expirable& which);
  /// For the end of the execution context: nobody is reminded any more.
  void abandon();

 private:
  void set_timer(https::time_point when);

  https::deadline_queue queue_;
  std::optional<boost::asio::steady_timer> timer_;  // none once the context has ended
  std::optional<https::time_point> rings_;
};

}  // namespace binarly::call

#endif
