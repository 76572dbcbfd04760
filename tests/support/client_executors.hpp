// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_CLIENT_EXECUTORS_HPP
#define BINARLY_TESTS_SUPPORT_CLIENT_EXECUTORS_HPP

#include "support/patience.hpp"

#include <binarly/client.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace binarly::testing {

/// Counts the completions of many lookups, on any threads.
class tally {
 public:
  explicit tally(std::size_t expected) : left_(expected) {}

  void look_up(const client& from, const image_ref& ref) {
    from.async_get_image(ref, [this, all = all_, id = ref.image_id()](const result<image>& found) {
      if (found && found->id == id) ++right_;
      if (left_.fetch_sub(1) == 1) all->set_value();
    });
  }
  /// How many were right, once all are there.
  std::size_t wait() {
    if (all_->get_future().wait_for(patience) != std::future_status::ready) std::terminate();
    return right_;
  }

 private:
  std::atomic<std::size_t> left_;
  std::atomic<std::size_t> right_ = 0;
  // Shared, since the wait may end before the call that ends it.
  const std::shared_ptr<std::promise<void>> all_ = std::make_shared<std::promise<void>>();
};

/// A context that a number of threads run.
class threads {
 public:
  explicit threads(std::size_t count) : work_(context_.get_executor()) {
    while (running_.size() < count)
      running_.emplace_back([this] { context_.run(); });
  }
  ~threads() { join(); }
  threads(const threads&) = delete;
  threads& operator=(const threads&) = delete;

  boost::asio::any_io_executor get_executor() { return context_.get_executor(); }
  /// Waits until there is nothing left to do.
  void join() {
    work_.reset();
    for (auto& each : std::exchange(running_, {}))
      each.join();
  }

 private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::vector<std::thread> running_;
};

/// A lookup that lives on a strand of its own, from its beginning through its cancellation to its
/// end.
class stranded_lookup {
 public:
  /// Cancelled after so many turns of its strand; never when there are none. `on_end` is called
  /// once both the lookup and the turns are over.
  stranded_lookup(client from, const boost::asio::any_io_executor& executor, image_ref ref,
                  int turns, std::function<void()> on_end)
      : strand_(boost::asio::make_strand(executor)),
        going_(turns > 0 ? 2 : 1),
        on_end_(std::move(on_end)) {
    boost::asio::post(strand_,
                      [this, from = std::move(from), ref = std::move(ref)] { begin(from, ref); });
    if (turns > 0) cancel_after(turns);
  }
  stranded_lookup(const stranded_lookup&) = delete;
  stranded_lookup& operator=(const stranded_lookup&) = delete;

  /// Both only after the end.
  [[nodiscard]] int completions() const noexcept { return completions_; }
  [[nodiscard]] error_code code() const noexcept { return code_; }

 private:
  void cancel_after(int turns) {
    boost::asio::post(strand_, [this, turns] {
      if (turns > 1) return cancel_after(turns - 1);
      signal_.emit(boost::asio::cancellation_type::terminal);
      end_one();
    });
  }
  void begin(const client& from, const image_ref& ref) {
    from.async_get_image(ref, boost::asio::bind_executor(
                                  strand_, boost::asio::bind_cancellation_slot(
                                               signal_.slot(), [this](const result<image>& found) {
                                                 ++completions_;
                                                 if (!found) code_ = found.error().code();
                                                 end_one();
                                               })));
  }

  void end_one() {
    if (--going_ == 0) on_end_();
  }

  boost::asio::strand<boost::asio::any_io_executor> strand_;
  boost::asio::cancellation_signal signal_;
  int going_;
  const std::function<void()> on_end_;
  int completions_ = 0;
  error_code code_;
};

/// An executor of a user's own making: another one, that counts what it is given to do.
template <class Inner>
class counting_executor {
 public:
  counting_executor(Inner inner, std::shared_ptr<std::atomic<std::size_t>> count)
      : inner_(std::move(inner)), count_(std::move(count)) {}

  template <class Function>
  void execute(Function&& function) const {
    count_->fetch_add(1, std::memory_order_relaxed);
    inner_.execute(std::forward<Function>(function));
  }
  template <class Property>
  auto query(const Property& property) const
      -> decltype(boost::asio::query(std::declval<const Inner&>(), property)) {
    return boost::asio::query(inner_, property);
  }
  template <class Property>
  auto require(const Property& property) const -> counting_executor<
      std::decay_t<decltype(boost::asio::require(std::declval<const Inner&>(), property))>> {
    return {boost::asio::require(inner_, property), count_};
  }
  template <class Property>
  auto prefer(const Property& property) const -> counting_executor<
      std::decay_t<decltype(boost::asio::prefer(std::declval<const Inner&>(), property))>> {
    return {boost::asio::prefer(inner_, property), count_};
  }
  friend bool operator==(const counting_executor& left, const counting_executor& right) noexcept {
    return left.inner_ == right.inner_;
  }
  friend bool operator!=(const counting_executor& left, const counting_executor& right) noexcept {
    return !(left == right);
  }

 private:
  Inner inner_;
  std::shared_ptr<std::atomic<std::size_t>> count_;
};

/// Calls `test(executor, single_threaded)` on every kind of executor that users have.
template <class Test>
void on_every_executor(Test test) {
  SUBCASE("a context with one thread") {
    threads one(1);
    test(one.get_executor(), false);
  }
  SUBCASE("a context with one thread, and the promise that it is the only one") {
    threads one(1);
    test(one.get_executor(), true);
  }
  SUBCASE("a context with four threads") {
    threads four(4);
    test(four.get_executor(), false);
  }
  SUBCASE("a thread pool") {
    boost::asio::thread_pool pool(4);
    test(pool.get_executor(), false);
    pool.join();
  }
  SUBCASE("a strand") {
    threads four(4);
    test(boost::asio::make_strand(four.get_executor()), false);
  }
  SUBCASE("a strand, and the promise that it runs one thing at a time") {
    threads four(4);
    test(boost::asio::make_strand(four.get_executor()), true);
  }
  SUBCASE("an executor of the user's own") {
    boost::asio::thread_pool pool(4);
    const auto count = std::make_shared<std::atomic<std::size_t>>(0);
    test(counting_executor<boost::asio::thread_pool::executor_type>(pool.get_executor(), count),
         false);
    pool.join();
    CHECK(count->load() > 100);
  }
}

}  // namespace binarly::testing

#endif
