// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/service_link.hpp"

#include "connect/tunnel_loss.hpp"
#include "https/connection.hpp"
#include "https/strand.hpp"
#include "https/stranded_connection.hpp"

#include <boost/asio/post.hpp>

#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

namespace binarly::call {
namespace {

https::pool_settings settings_of(const client_options& options,
                                 const std::optional<connect::proxy>& through) {
  https::pool_settings settings;
  settings.max_connections = options.pool.max_connections;
  settings.max_opening = options.pool.max_opening;
  settings.max_waiting = options.pool.max_waiting;
  settings.idle_timeout = options.pool.idle_timeout;
  settings.max_lifetime = options.pool.max_lifetime;
  settings.acquire = options.timeouts.acquire;
  settings.bounds.resolve = options.timeouts.resolve;
  settings.bounds.connect = options.timeouts.connect;
  settings.bounds.proxy = options.timeouts.proxy;
  settings.bounds.handshake = options.timeouts.handshake;
  settings.bounds.write = options.timeouts.write;
  settings.bounds.first_byte = options.timeouts.first_byte;
  settings.bounds.between_bytes = options.timeouts.between_bytes;
  if (through) {
    settings.proxy = through->name();
    settings.silent_tunnel = connect::silent_tunnel(*through);
  }
  return settings;
}

/// TLS 1.3 servers commonly grant two sessions with each connection.
constexpr std::size_t sessions_per_connection = 2;

std::shared_ptr<const connect::destination> destination_of(const asio::any_io_executor& executor,
                                                           const client_options& options,
                                                           const route& way) {
  auto target = std::make_shared<connect::destination>();
  auto& where = target->where =
      connect::parse_origin(way.url, options.plain_http_on_loopback, way.url_option).value();
  if (way.to == peer::service) connect::drop_api_path(where);
  target->through = connect::choose_proxy(*way.proxy, where, [](const char* name) {
                      // Asked for by an option, which says when it is read.
                      return std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
                    }).value();
  const auto& hop = target->first_hop();
  target->addresses =
      hop.literal ? std::make_shared<connect::address_book>(asio::ip::make_address(hop.host))
                  : std::make_shared<connect::address_book>(executor, hop.host, options.resolver,
                                                            options.pool.address_lifetime);
  if (where.tls) {
    target->tls = std::make_shared<connect::tls_client>(
        *way.tls, where, sessions_per_connection * options.pool.max_connections);
  }
  return target;
}

}  // namespace

service_link::service_link(asio::any_io_executor executor, asio::any_io_executor strand,
                           std::shared_ptr<dice> random, const client_options& options,
                           const route& way, std::shared_ptr<event_sink> events)
    : executor_(std::move(executor)),
      strand_(std::move(strand)),
      random_(std::move(random)),
      events_(std::move(events)),
      to_(way.to),
      single_threaded_(options.single_threaded),
      head_limit_(options.limits.head),
      target_(destination_of(executor_, options, way)),
      alarm_(strand_),
      pool_(std::make_shared<https::pool>(settings_of(options, target_->through), *this)) {}

double service_link::random() { return std::ldexp(static_cast<double>((*random_)() >> 11U), -53); }

void service_link::set_alarm(https::time_point when) {
  if (!alarm_) return;
  alarm_->expires_at(when);
  alarm_->async_wait([self = weak_from_this()](error_code cancelled) {
    const auto here = self.lock();
    if (!cancelled && here) here->pool_->on_alarm();
  });
}

void service_link::stop_alarm() {
  if (alarm_) alarm_->cancel();
}

void service_link::abandon() {
  pool_->abandon();
  target_->addresses->abandon();
  alarm_.reset();
  strand_ = {};
  executor_ = {};
}

void service_link::post(std::function<void()> function) {
  if (strand_) asio::post(strand_, std::move(function));
}

std::shared_ptr<https::connection> service_link::make_connection(
    std::weak_ptr<https::connection_listener> listener) {
  const auto make = [this](const asio::any_io_executor& executor,
                           std::weak_ptr<https::connection_listener> hears) {
    return https::make_connection(executor, target_, head_limit_, std::move(hears));
  };
  if (single_threaded_) return make(strand_, std::move(listener));
  const asio::any_io_executor own = https::make_strand(executor_);
  return https::make_stranded_connection(
      strand_, own, std::move(listener),
      [&](std::weak_ptr<https::connection_listener> hears) { return make(own, std::move(hears)); });
}

void service_link::on_empty() {
  if (!strand_) return;
  asio::post(strand_, [self = weak_from_this()] {
    const auto here = self.lock();
    if (here && here->emptied_) here->emptied_();
  });
}

}  // namespace binarly::call
