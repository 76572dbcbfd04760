// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/engine.hpp"

#include "call/check_options.hpp"
#include "https/connection.hpp"
#include "https/strand.hpp"
#include "https/stranded_connection.hpp"

#include <binarly/version.hpp>

#include <boost/asio/consign.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>

#include <cmath>
#include <cstdlib>
#include <utility>

namespace binarly::call {
namespace {

client_options checked(client_options options) {
  check_options(options);
  return options;
}

asio::any_io_executor checked(const asio::any_io_executor& executor) {
  if (!executor) throw failure_error(failure(errc::invalid_argument, "the executor is empty"));
  return executor;
}

std::shared_ptr<const std::string> common_fields(const client_options& options,
                                                 const detail::token_source* token) {
  std::string fields = "Accept: application/json\r\nUser-Agent: ";
  fields +=
      options.user_agent.empty() ? "binarly-images/" BINARLY_IMAGES_VERSION : options.user_agent;
  fields += "\r\n";
  if (token != nullptr) {
    fields.append("Authorization: Bearer ").append(token->token()).append("\r\n");
  }
  return std::make_shared<const std::string>(std::move(fields));
}

https::pool_settings settings_of(const client_options& options) {
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
  return settings;
}

/// TLS 1.3 servers commonly grant two sessions with each connection.
constexpr std::size_t sessions_per_connection = 2;

std::shared_ptr<const connect::destination> destination_of(const asio::any_io_executor& executor,
                                                           const client_options& options) {
  auto target = std::make_shared<connect::destination>();
  const auto& where = target->where =
      connect::parse_origin(options.base_url, options.plain_http_on_loopback).value();
  target->through = connect::choose_proxy(options.proxy, where, [](const char* name) {
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
        options.tls, where, sessions_per_connection * options.pool.max_connections);
  }
  return target;
}

/// A fleet that starts in the same second must not draw the same jitter.
std::mt19937_64 seeded_generator() {
  std::random_device system;
  std::seed_seq seed{system(), system(), system(), system()};
  return std::mt19937_64(seed);
}

}  // namespace

engine::engine(const asio::any_io_executor& executor, client_options options)
    : options_(checked(std::move(options))),
      retry_(std::make_shared<const retry_policy>(options_.retry)),
      token_(options_.auth.source()),
      executor_(checked(executor)),
      completion_executor_(executor_),
      strand_(options_.single_threaded ? executor_ : https::make_strand(executor_)),
      target_(destination_of(executor_, options_)),
      fields_(common_fields(options_, token_.get())),
      alarm_(strand_),
      closing_(strand_),
      generator_(seeded_generator()),
      pool_(std::make_shared<https::pool>(settings_of(options_), *this)) {}

void engine::begin() {
  auto& context = asio::query(executor_, asio::execution::context);
  context_end_.emplace(context, [self = weak_from_this()] {
    const auto here = self.lock();
    if (!here) return;
    here->pool_->abandon();
    // Who waits for the client's end may own the client.
    const auto dropped = std::exchange(here->closers_, {});
  });
  if (options_.pool.prewarm > 0) {
    asio::post(strand_, [self = weak_from_this()] {
      const auto here = self.lock();
      if (here && !here->refusing_) here->pool_->prewarm(here->options_.pool.prewarm);
    });
  }
}

void engine::end() {
  asio::post(strand_, [self = shared_from_this()] { self->shutdown(); });
}

void engine::close(std::chrono::nanoseconds bound, std::function<void()> done) {
  asio::post(strand_, [self = shared_from_this(), bound, done = std::move(done)]() mutable {
    self->closers_.push_back(std::move(done));
    if (!std::exchange(self->refusing_, true)) {
      self->pool_->wind_down();
      self->closing_.expires_after(bound);
      self->closing_.async_wait([whose = self->weak_from_this()](error_code cancelled) {
        const auto here = whose.lock();
        if (!cancelled && here) here->shutdown();
      });
    }
    self->finish_closing();
  });
}

settings engine::settings_for(const call_options& options) const {
  settings how;
  how.deadline = options.deadline.value_or(options_.timeouts.deadline);
  how.attempt_timeout = options_.timeouts.attempt;
  how.retry = options.retry ? std::make_shared<const retry_policy>(*options.retry) : retry_;
  how.fields = fields_;
  if (token_) how.secret = token_->token();
  how.answer_limit = options_.limits.body;
  return how;
}

bool engine::enter(running_call& call) {
  if (!refusing_) calls_.push_back(call);
  return !refusing_;
}

void engine::leave(running_call& call) {
  if (call.is_linked()) call.unlink();
  finish_closing();
}

void engine::shutdown() {
  refusing_ = true;
  closed_ = true;
  // The pool first: if calls ended one by one, it would open connections for those that wait.
  pool_->shutdown();
  // Each is told once, and may leave while it is being told.
  for (auto each = calls_.begin(); each != calls_.end();)
    (each++)->cancel(errc::client_closed);
  finish_closing();
}

void engine::on_empty() {
  asio::post(strand_, [self = weak_from_this()] {
    if (const auto here = self.lock()) here->finish_closing();
  });
}

void engine::finish_closing() {
  if (!refusing_ || !calls_.empty() || !pool_->empty()) return;
  closing_.cancel();
  if (!std::exchange(closed_, true)) pool_->shutdown();
  for (const auto& done : std::exchange(closers_, {}))
    done();
}

std::chrono::sys_seconds engine::wall_clock() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

double engine::random() { return std::ldexp(static_cast<double>(generator_() >> 11), -53); }

void engine::async_sleep(std::chrono::nanoseconds span,
                         asio::any_completion_handler<void(error_code)> done) {
  const auto timer = std::make_shared<asio::steady_timer>(strand_, span);
  timer->async_wait(asio::consign(std::move(done), timer));
}

void engine::async_exchange(std::shared_ptr<const https::request> what,
                            std::shared_ptr<https::response_reader> reader,
                            https::time_point deadline, https::pool::handler done) {
  pool_->async_exchange(std::move(what), std::move(reader), deadline, std::move(done));
}

void engine::set_alarm(https::time_point when) {
  alarm_.expires_at(when);
  alarm_.async_wait([self = weak_from_this()](error_code cancelled) {
    const auto here = self.lock();
    if (!cancelled && here) here->pool_->on_alarm();
  });
}

void engine::stop_alarm() { alarm_.cancel(); }

void engine::post(std::function<void()> function) { asio::post(strand_, std::move(function)); }

std::shared_ptr<https::connection> engine::make_connection(
    std::weak_ptr<https::connection_listener> listener) {
  const auto make = [this](const asio::any_io_executor& executor,
                           std::weak_ptr<https::connection_listener> hears) {
    return https::make_connection(executor, target_, options_.limits.head, std::move(hears));
  };
  if (options_.single_threaded) return make(strand_, std::move(listener));
  const asio::any_io_executor own = https::make_strand(executor_);
  return https::make_stranded_connection(
      strand_, own, std::move(listener),
      [&](std::weak_ptr<https::connection_listener> hears) { return make(own, std::move(hears)); });
}

}  // namespace binarly::call
