// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_POOL_HPP
#define BINARLY_HTTPS_POOL_HPP

#include "connect/transport_failure.hpp"
#include "https/connection.hpp"
#include "https/deadline_queue.hpp"
#include "https/messages.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace binarly::https {

/// Bounds of one pool; see `client_options` for what they mean.
struct pool_settings {
  std::size_t max_connections = 64;
  std::size_t max_opening = 8;
  std::size_t max_waiting = 1'000'000;
  std::chrono::nanoseconds idle_timeout{};
  std::chrono::nanoseconds max_lifetime{};
  std::chrono::nanoseconds connect_timeout{};
};

/// What a pool needs from the world: time, an alarm, and connections. Handed in, so that the pool
/// is tested on fake connections in fake time.
class pool_environment {
 public:
  virtual ~pool_environment() = default;
  [[nodiscard]] virtual time_point now() const = 0;
  /// Calls the pool's `on_alarm` at `when` or soon after; replaces an alarm set before.
  virtual void set_alarm(time_point when) = 0;
  virtual void stop_alarm() = 0;
  /// Runs `function` soon, but not from within this call.
  virtual void post(std::function<void()> function) = 0;
  virtual std::shared_ptr<connection> make_connection(
      std::weak_ptr<connection_listener> listener) = 0;
};

/// How an exchange ended: nothing, or why there is no answer.
struct exchange_result {
  std::optional<connect::transport_failure> failure;

  exchange_result() = default;
  explicit exchange_result(connect::transport_failure why) : failure(std::move(why)) {}
};

/// The connections to one origin, and the one queue for them.
///
/// Exchanges are handed in; nobody outside ever holds a connection. Those that find no free
/// connection wait in one bounded FIFO; connections are opened for those that wait, never more than
/// the cap, and the most recently used one is lent first, so that surplus ones age out. When no
/// connection is left, nor coming, everyone who waits fails with what the last one failed of.
///
/// Every change of state is finished before an exchange's handler is called: the handler may hand
/// in the next exchange. Not thread-safe: used on one executor, a strand where there are threads.
class pool : public std::enable_shared_from_this<pool> {
 public:
  using signature = void(exchange_result);
  using handler = boost::asio::any_completion_handler<signature>;

  /// The environment must outlive the pool.
  pool(pool_settings settings, pool_environment& environment);
  ~pool();
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  /// One request and its answer, which `reader` takes in. Completes when the pool has let go of the
  /// reader: with nothing, or why there is no answer. Any cancellation completes it soon, as
  /// `errc::cancelled`.
  template <class CompletionToken>
  auto async_exchange(request what, std::shared_ptr<response_reader> reader, time_point deadline,
                      CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, signature>(
        [this](handler done, request sent, std::shared_ptr<response_reader> to, time_point by) {
          start(std::move(sent), std::move(to), by, std::move(done));
        },
        token, std::move(what), std::move(reader), deadline);
  }

  /// The alarm that the environment was asked for.
  void on_alarm();

  /// Fails everything with `errc::client_closed`, aborts all connections, and refuses what comes.
  void shutdown();

  /// Drops everything without calling a handler: for the end of the execution context.
  void abandon();

  struct counters {
    std::size_t connections = 0;
    std::size_t idle = 0;
    std::size_t opening = 0;
    std::size_t waiting = 0;
  };
  [[nodiscard]] counters count() const noexcept;

 private:
  class exchange;
  class member;

  void start(request what, std::shared_ptr<response_reader> reader, time_point deadline,
             handler done);
  void cancel(const std::shared_ptr<exchange>& whose);
  void expire(exchange& late);
  void expire(member& late);
  void on_open(member& which, bool resumed);
  void on_answer(member& which, bool reusable);
  void on_closed(member& which, connect::transport_failure why, bool answer_begun);

  /// Lends idle connections to those who wait, and opens new ones for the rest.
  void dispatch();
  void open_one();
  void lend(member& which, const std::shared_ptr<exchange>& to);
  void keep_idle(member& which, time_point now);
  void retire(member& which);
  std::shared_ptr<member> remove(member& which);
  /// Takes the exchange out; the connection that carried it, if one did, is closed.
  void withdraw(exchange& which);
  static std::shared_ptr<exchange> take_current(member& which);
  [[nodiscard]] static phase step_of(const exchange& which);
  void complete_soon(const std::shared_ptr<exchange>& which, connect::transport_failure why);

  void set_deadline(expirable& item, time_point when);
  void clear_deadline(expirable& item);
  void require_alarm(time_point when);
  [[nodiscard]] std::string describe_queue() const;

  const pool_settings settings_;
  pool_environment& environment_;
  std::list<std::shared_ptr<exchange>> waiting_;
  std::list<std::shared_ptr<member>> members_;
  std::vector<member*> idle_;  // the most recently used one is last
  std::size_t opening_ = 0;
  deadline_queue deadlines_;
  std::optional<time_point> alarm_;
  bool closed_ = false;
};

}  // namespace binarly::https

#endif
