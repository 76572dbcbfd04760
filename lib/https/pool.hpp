// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_POOL_HPP
#define BINARLY_HTTPS_POOL_HPP

#include "connect/progress.hpp"
#include "connect/transport_failure.hpp"
#include "https/connection.hpp"
#include "https/deadline_queue.hpp"
#include "https/messages.hpp"
#include "https/origin_health.hpp"
#include "https/pool_decisions.hpp"
#include "https/pool_meter.hpp"

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
  std::size_t max_opening = 32;
  std::size_t max_waiting = 1'000'000;
  nanoseconds idle_timeout{};
  nanoseconds max_lifetime{};
  nanoseconds acquire{};
  phase_bounds bounds;
  /// As failures call the proxy that is on the way; empty for none.
  std::string proxy{};
  /// With a proxy: what is to be said where nothing comes through its tunnel.
  std::string silent_tunnel{};
};

/// Hears what becomes of a pool's connections, and calls nobody from within.
class pool_listener {
 public:
  virtual void on_opened(bool resumed) = 0;
  virtual void on_reused() = 0;
  virtual void on_replayed() = 0;
  virtual void on_closed(close_reason why) = 0;

 protected:
  ~pool_listener() = default;
};

/// What a pool needs from the world: time, randomness, an alarm, and connections. Handed in, so
/// that the pool is tested on fake connections in fake time.
class pool_environment {
 public:
  virtual ~pool_environment() = default;
  [[nodiscard]] virtual time_point now() const = 0;
  /// Uniform in [0, 1).
  virtual double random() = 0;
  /// Calls the pool's `on_alarm` at `when` or soon after; replaces an alarm set before.
  virtual void set_alarm(time_point when) = 0;
  virtual void stop_alarm() = 0;
  /// Runs `function` soon, but not from within this call.
  virtual void post(std::function<void()> function) = 0;
  virtual std::shared_ptr<connection> make_connection(
      std::weak_ptr<connection_listener> listener) = 0;
  /// A pool that winds down has let its last connection go. Nothing may be done from within.
  virtual void on_empty() = 0;
  /// Null where nobody listens. Asked once.
  [[nodiscard]] virtual pool_listener* listener() { return nullptr; }
};

/// How an exchange ended: nothing, or why there is no answer.
struct exchange_result {
  std::optional<connect::transport_failure> failure;
  nanoseconds carried{};  ///< from its connection to its end; zero for one that had none

  exchange_result() = default;
  explicit exchange_result(connect::transport_failure why) : failure(std::move(why)) {}
};

/// The connections to one origin, and the one queue for them.
///
/// Exchanges are handed in; nobody outside ever holds a connection. Those that find no free
/// connection wait in one bounded FIFO; connections are opened for those that wait, in growing
/// steps and never more than the cap, and the most recently used one is lent first, so that surplus
/// ones age out. While the origin refuses connections and none is left, everyone fails with what
/// the last one failed of, and one connection at a time is tried.
///
/// A caller that leaves does so at once; its connection reads on for a moment, and lives when the
/// rest of the answer was small.
///
/// What a connection may take for each step is enforced without touching a timer on the way of an
/// exchange: each connection is looked at when it may have gone over a bound, and the look tells
/// when to look again.
///
/// Every change of state is finished before an exchange's handler is called: the handler may hand
/// in the next exchange. Not thread-safe, save for the counters: used on one executor, a strand
/// where there are threads.
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
  auto async_exchange(std::shared_ptr<const request> what, std::shared_ptr<response_reader> reader,
                      time_point deadline, CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, signature>(
        [this](handler done, std::shared_ptr<const request> sent,
               std::shared_ptr<response_reader> to,
               time_point by) { start(std::move(sent), std::move(to), by, std::move(done)); },
        token, std::move(what), std::move(reader), deadline);
  }

  /// The alarm that the environment was asked for.
  void on_alarm();

  /// Opens connections ahead of need, as many as the caps allow; gives up when one fails.
  void prewarm(std::size_t connections);

  /// Keeps no connection that nobody waits for; tells the environment when the last one is gone.
  void wind_down();

  /// Fails everything with `errc::client_closed`, aborts all connections, and refuses what comes.
  void shutdown();

  /// In a child process: closes the connections that it shares with its parent, on any thread and
  /// without a word to the peer. To be followed by `shutdown`.
  void sever();

  /// Drops everything without calling a handler: for the end of the execution context.
  void abandon();

  [[nodiscard]] bool empty() const noexcept { return members_.empty(); }
  /// From any thread.
  [[nodiscard]] pool_counters count() const noexcept { return meter_.read(); }

 private:
  class exchange;
  class member;

  void start(std::shared_ptr<const request> what, std::shared_ptr<response_reader> reader,
             time_point deadline, handler done);
  void cancel(const std::shared_ptr<exchange>& whose);
  void on_late(exchange& late);
  void look_at(member& which);
  void on_open(member& which, bool resumed);
  void on_answer(member& which, const reuse_terms& terms);
  void on_closed(member& which, connect::transport_failure why, bool answer_begun);

  /// Lends idle connections to those who wait, opens new ones for the rest, and fails them all when
  /// there is no hope.
  void dispatch(time_point now);
  [[nodiscard]] std::list<std::shared_ptr<exchange>>::const_iterator next_for(const member& free,
                                                                              time_point now) const;
  void grow(time_point now);
  void fail_stranded(time_point now);
  void open_one(time_point now);
  void lend(member& which, std::shared_ptr<exchange> to, time_point now);
  void enqueue(const std::shared_ptr<exchange>& which,
               std::list<std::shared_ptr<exchange>>::const_iterator where, time_point now);
  void keep_idle(member& which, time_point now);
  void retire(member& which, close_reason why, time_point now);
  void retire_suspects(nanoseconds dead_idle, time_point now);
  std::shared_ptr<member> remove(member& which, close_reason why);
  /// Takes the exchange out; the connection that carried it, if one did, is left to itself.
  void withdraw(exchange& which, time_point now);
  static std::shared_ptr<exchange> take_current(member& which);
  [[nodiscard]] static phase step_of(const exchange& which);
  void complete_soon(const std::shared_ptr<exchange>& which, connect::transport_failure why);

  /// When the connection will have gone over a bound, if nothing changes.
  [[nodiscard]] time_point due(const member& which) const;
  [[nodiscard]] time_point next_look(const member& which, time_point now) const;
  void look_by(expirable& item, time_point when);
  void stop_alarm_if_unneeded();
  void require_alarm(time_point when);
  void show_gauges() noexcept;
  [[nodiscard]] std::size_t count_open() const noexcept;
  /// What to say of the proxy where a connection that is being opened takes too long.
  [[nodiscard]] const std::string& word_of_proxy(const connect::progress::snapshot& seen) const;
  [[nodiscard]] std::string describe_queue() const;

  const pool_settings settings_;
  pool_environment& environment_;
  pool_listener* const listener_;
  std::list<std::shared_ptr<exchange>> waiting_;
  std::list<std::shared_ptr<member>> members_;
  std::vector<member*> idle_;  // the most recently used one is last
  std::size_t opening_ = 0;
  std::size_t closing_ = 0;
  std::size_t to_prewarm_ = 0;
  origin_health health_;
  recent_least exchange_time_;
  recent_average opening_time_;
  deadline_queue deadlines_;
  std::shared_ptr<expirable> growth_;  // looks again whether the queue needs more connections
  std::optional<time_point> alarm_;
  pool_meter meter_;
  enum class life { open, winding_down, closed } life_ = life::open;
};

}  // namespace binarly::https

#endif
