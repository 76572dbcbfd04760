// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_POOL_METER_HPP
#define BINARLY_HTTPS_POOL_METER_HPP

#include <binarly/pool_counters.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace binarly::https {

/// A number with one writer and any readers: adding to it is no locked operation.
template <class T>
class meter {
 public:
  void set(T value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add() noexcept { set(static_cast<T>(read() + 1)); }
  [[nodiscard]] T read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<T> value_{0};
};

/// What a pool counts: written by the pool, read from any thread.
struct pool_meter {
  meter<std::size_t> open, idle, opening, waiting;
  meter<std::uint64_t> opened, resumed, reused, replayed, drained;
  std::array<meter<std::uint64_t>, close_reasons> closed;

  [[nodiscard]] pool_counters read() const noexcept {
    pool_counters now;
    now.open = open.read();
    now.idle = idle.read();
    now.opening = opening.read();
    now.waiting = waiting.read();
    now.opened = opened.read();
    now.resumed = resumed.read();
    now.reused = reused.read();
    now.replayed = replayed.read();
    now.drained = drained.read();
    for (std::size_t i = 0; i < close_reasons; ++i)
      now.closed[i] = closed[i].read();
    return now;
  }
};

}  // namespace binarly::https

#endif
