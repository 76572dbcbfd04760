// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_RUN_TASK_HPP
#define BINARLY_TESTS_SUPPORT_RUN_TASK_HPP

#include "support/patience.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace binarly::testing {

/// Runs the context until the task ends, and throws what it threw. What else runs on the context,
/// a service say, may go on. A task that hangs fails, rather than the whole run.
inline void run_task(boost::asio::io_context& context, boost::asio::awaitable<void> task) {
  std::optional<std::exception_ptr> ended;
  boost::asio::co_spawn(context, std::move(task),
                        [&ended](std::exception_ptr thrown) { ended = std::move(thrown); });
  const auto bound = std::chrono::steady_clock::now() + patience;
  context.restart();
  while (!ended && context.run_one_until(bound) != 0) {
  }
  // Its frame refers to what the caller is about to destroy: there is no going on from here.
  if (!ended) std::terminate();
  if (*ended) std::rethrow_exception(*ended);
}

}  // namespace binarly::testing

#endif
