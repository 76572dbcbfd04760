// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_TOKEN_FETCHER_HPP
#define BINARLY_CALL_TOKEN_FETCHER_HPP

#include <binarly/credentials.hpp>
#include <binarly/failure.hpp>

#include <chrono>
#include <functional>
#include <optional>

namespace binarly::call {

/// Where new tokens come from. Used on the client's strand.
class token_fetcher {
 public:
  using handler = std::function<void(result<access_token>)>;

  virtual ~token_fetcher() = default;
  /// Calls `done` on the strand, once and not from within, after a time that is bounded. One at a
  /// time. `rejected`: the service did not accept the last one.
  virtual void async_fetch(bool rejected, handler done) = 0;
  /// Whether it tries again by itself what may pass: then its failure is that of the calls which
  /// waited for it, and their own policies do not repeat it.
  [[nodiscard]] virtual bool tries_again() const { return false; }
  /// For tokens that may change unseen: how old one may get before it is fetched again.
  [[nodiscard]] virtual std::optional<std::chrono::nanoseconds> look_again() const { return {}; }
  /// Says goodbye to whatever it keeps open, once what is under way is over.
  virtual void wind_down() {}
  [[nodiscard]] virtual bool empty() const { return true; }
  /// Ends what is under way; `done` may or may not be called.
  virtual void shutdown() = 0;
  /// In a child process: lets go of the connections that belong to the parent, without a word.
  virtual void sever() {}
  /// Drops everything without calling anybody: for the end of the execution context.
  virtual void abandon() = 0;
};

}  // namespace binarly::call

#endif
