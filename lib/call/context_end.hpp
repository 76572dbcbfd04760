// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_CONTEXT_END_HPP
#define BINARLY_CALL_CONTEXT_END_HPP

#include <boost/asio/execution_context.hpp>

#include <functional>
#include <memory>

namespace binarly::call {

/// Runs a function when an execution context ends, and another one in a child process whose context
/// is told of the fork (`notify_fork`), unless this object goes first.
///
/// A call that waits in a queue of ours is owned by that queue, and owns, through its coroutine,
/// what holds the queue. Operations of Asio's own are destroyed by the context; this does the same
/// for ours, so that destroying a context with calls in flight leaks nothing. And timers, sockets
/// and strands refer to services of their context even while they are destroyed: what may outlive
/// the context must let go of them now.
class context_end {
 public:
  context_end(boost::asio::execution_context& context, std::function<void()> on_end,
              std::function<void()> on_child);
  ~context_end();
  context_end(const context_end&) = delete;
  context_end& operator=(const context_end&) = delete;

 private:
  class service;
  struct registry;
  std::shared_ptr<registry> registry_;
};

}  // namespace binarly::call

#endif
