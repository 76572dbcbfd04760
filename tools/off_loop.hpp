// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OFF_LOOP_HPP
#define BINARLY_TOOLS_OFF_LOOP_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <functional>
#include <utility>

namespace binarly::tools {

namespace asio = boost::asio;

/// Runs a function that may block on the pool, so that the loop goes on meanwhile, and comes back
/// with what it threw, if anything. A cancellation calls `on_cancel` on the loop, which is to make
/// the function end early by its own means; it is waited for in any case. What both refer to must
/// live until then.
inline asio::awaitable<std::exception_ptr> off_loop(asio::thread_pool& pool,
                                                    std::function<void()> work,
                                                    std::function<void()> on_cancel = {}) {
  const auto initiate = [](auto handler, asio::thread_pool* where, std::function<void()> what,
                           std::function<void()> cancelled) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected() && cancelled) {
      slot.assign([cancelled = std::move(cancelled)](asio::cancellation_type) { cancelled(); });
    }
    asio::any_io_executor home = asio::prefer(asio::get_associated_executor(handler),
                                              asio::execution::outstanding_work.tracked);
    asio::post(*where, [home = std::move(home), what = std::move(what), slot,
                        handler = std::move(handler)]() mutable {
      std::exception_ptr thrown;
      try {
        what();
      } catch (...) {
        thrown = std::current_exception();
      }
      asio::post(home, [thrown, slot, handler = std::move(handler)]() mutable {
        if (slot.is_connected()) slot.clear();
        std::move(handler)(std::exception_ptr(), thrown);
      });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>,
                                          void(std::exception_ptr, std::exception_ptr)>(
      initiate, asio::use_awaitable, &pool, std::move(work), std::move(on_cancel));
}

}  // namespace binarly::tools

#endif
