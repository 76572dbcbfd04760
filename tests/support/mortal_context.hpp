// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_MORTAL_CONTEXT_HPP
#define BINARLY_TESTS_SUPPORT_MORTAL_CONTEXT_HPP

#include "support/client_executors.hpp"
#include "support/patience.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace binarly::testing {

/// An execution context that ends when it is told to, and one of its executors.
class mortal_context {
 public:
  virtual ~mortal_context() = default;
  [[nodiscard]] virtual boost::asio::any_io_executor executor() = 0;
  /// Runs what is ready, where it has no threads of its own.
  virtual void advance() {}
  /// Runs until there is nothing left to do.
  virtual void run_out() = 0;
  /// Nothing more is run, from now or from the end of what runs.
  virtual void stop() = 0;
  /// Destroys it.
  virtual void end() = 0;

  /// Lets it run until the condition holds, which other threads may bring about.
  void run_until(const std::function<bool()>& condition) {
    const auto bound = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > bound) throw std::runtime_error("it never comes");
      advance();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
};

namespace detail {

/// `Wrap` makes the executor to use of the context's own.
template <class Wrap>
class mortal_io_context final : public mortal_context {
 public:
  explicit mortal_io_context(Wrap wrap) : wrap_(std::move(wrap)) {}
  boost::asio::any_io_executor executor() override { return wrap_(context_->get_executor()); }
  void advance() override {
    if (stopped_) return;
    context_->restart();
    context_->poll();
  }
  void stop() override {
    stopped_ = true;
    context_->stop();
  }
  void run_out() override {
    context_->restart();
    context_->run_for(patience);
  }
  void end() override { context_.reset(); }

 private:
  Wrap wrap_;
  std::atomic<bool> stopped_ = false;
  std::optional<boost::asio::io_context> context_{std::in_place};
};

template <class Wrap>
class mortal_pool final : public mortal_context {
 public:
  explicit mortal_pool(Wrap wrap) : wrap_(std::move(wrap)) {}
  boost::asio::any_io_executor executor() override { return wrap_(pool_->get_executor()); }
  void stop() override { pool_->stop(); }
  void run_out() override { pool_->join(); }
  void end() override {
    // Its threads may just have looked at it.
    pool_->stop();
    pool_->join();
    pool_.reset();
  }

 private:
  Wrap wrap_;
  std::optional<boost::asio::thread_pool> pool_{std::in_place, 3U};
};

template <template <class> class Context>
constexpr auto make = [](auto wrap) -> std::unique_ptr<mortal_context> {
  return std::make_unique<Context<decltype(wrap)>>(std::move(wrap));
};

}  // namespace detail

/// A kind of context and executor that users have, and that can end.
struct mortal_kind {
  const char* what;
  bool single_threaded;  ///< what the client is promised
  std::unique_ptr<mortal_context> (*make)();
};

inline const std::vector<mortal_kind>& mortal_kinds() {
  static constexpr auto plain = [](const auto& executor) { return executor; };
  static constexpr auto stranded = [](const auto& executor) {
    return boost::asio::make_strand(executor);
  };
  static constexpr auto erased = [](const auto& executor) {
    return boost::asio::make_strand(boost::asio::any_io_executor(executor));
  };
  static constexpr auto counted = [](const auto& executor) {
    return counting_executor(executor, std::make_shared<std::atomic<std::size_t>>(0));
  };
  static const auto io = detail::make<detail::mortal_io_context>;
  static const auto pool = detail::make<detail::mortal_pool>;
  static const std::vector<mortal_kind> kinds{
      {"a context", false, [] { return io(plain); }},
      {"a context, and the promise of one thread", true, [] { return io(plain); }},
      {"a strand", false, [] { return io(stranded); }},
      {"a strand, and the promise of one thread", true, [] { return io(stranded); }},
      {"a strand over any executor", false, [] { return io(erased); }},
      {"an executor of the user's own", false, [] { return io(counted); }},
      {"a thread pool", false, [] { return pool(plain); }},
      {"a strand of a thread pool", false, [] { return pool(stranded); }},
  };
  return kinds;
}

}  // namespace binarly::testing

#endif
