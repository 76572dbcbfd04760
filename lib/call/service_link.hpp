// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_SERVICE_LINK_HPP
#define BINARLY_CALL_SERVICE_LINK_HPP

#include "call/dice.hpp"
#include "call/event_sink.hpp"
#include "connect/destination.hpp"
#include "https/pool.hpp"

#include <binarly/client_options.hpp>
#include <binarly/event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace binarly::call {

namespace asio = boost::asio;

/// Where a service is, and how its connections are made: what of a client's options concerns one
/// origin.
struct route {
  std::string url;
  const char* url_option = "base_url";  ///< what the URL is called when it is refused
  peer to = peer::service;
  const tls_options* tls = nullptr;
  const proxy_options* proxy = nullptr;
};

/// The connections to one origin, and what a pool needs from the world. Used on the client's
/// strand, but for the constructor and `count`.
class service_link final : public https::pool_environment,
                           private https::pool_listener,
                           public std::enable_shared_from_this<service_link> {
 public:
  /// Throws `failure_error`, naming the option. Where the client has threads, `strand` is one of
  /// `executor`.
  service_link(asio::any_io_executor executor, asio::any_io_executor strand,
               std::shared_ptr<dice> random, const client_options& options, const route& way,
               std::shared_ptr<event_sink> events);

  [[nodiscard]] https::pool& pool() noexcept { return *pool_; }
  [[nodiscard]] const connect::origin& origin() const noexcept { return target_->where; }
  [[nodiscard]] pool_counters count() const noexcept { return pool_->count(); }
  /// For the end of the execution context: drops everything that is in flight or belongs to the
  /// context, without calling anybody.
  void abandon();
  /// Called on the strand when a pool that winds down is empty.
  void on_empty(std::function<void()> function) { emptied_ = std::move(function); }

 private:
  https::time_point now() const override { return std::chrono::steady_clock::now(); }
  double random() override;
  void set_alarm(https::time_point when) override;
  void stop_alarm() override;
  void post(std::function<void()> function) override;
  std::shared_ptr<https::connection> make_connection(
      std::weak_ptr<https::connection_listener> listener) override;
  void on_empty() override;
  https::pool_listener* listener() override { return events_ ? this : nullptr; }
  void on_opened(bool resumed) override { events_->tell(connection_opened{to_, resumed}); }
  void on_reused() override { events_->tell(connection_reused{to_}); }
  void on_replayed() override { events_->tell(connection_replayed{to_}); }
  void on_closed(close_reason why) override { events_->tell(connection_closed{to_, why}); }

  asio::any_io_executor executor_;  // empty once the context has ended, as is the next
  asio::any_io_executor strand_;
  const std::shared_ptr<dice> random_;
  const std::shared_ptr<event_sink> events_;  // null where nobody listens
  const peer to_;
  const bool single_threaded_;
  const std::size_t head_limit_;
  const std::shared_ptr<const connect::destination> target_;
  std::optional<asio::steady_timer> alarm_;
  std::function<void()> emptied_;
  const std::shared_ptr<https::pool> pool_;  // refers to this object
};

}  // namespace binarly::call

#endif
