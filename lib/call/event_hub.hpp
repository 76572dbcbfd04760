// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_EVENT_HUB_HPP
#define BINARLY_CALL_EVENT_HUB_HPP

#include "call/event_sink.hpp"

#include <binarly/event.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace binarly::call {

/// Carries events to the one who listens: never from within what tells of them, and no more at a
/// time than can be kept.
class event_hub final : public event_sink, public std::enable_shared_from_this<event_hub> {
 public:
  static constexpr std::size_t most_kept = 10'000;

  /// `executor`: a strand where there are threads.
  event_hub(boost::asio::any_io_executor executor, event_listener listener);

  /// From one thread at a time.
  void tell(event what) override;
  /// For the end of the execution context: what nobody has heard yet is dropped.
  void abandon();

 private:
  void deliver();

  boost::asio::any_io_executor executor_;  // empty once the context has ended
  const event_listener listener_;
  std::mutex mutex_;  // the listener's executor is not the teller's
  std::vector<event> kept_;
  std::uint64_t lost_ = 0;
  bool delivering_ = false;
};

}  // namespace binarly::call

#endif
