// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/engine.hpp"

#include "call/check_options.hpp"
#include "https/connection.hpp"

#include <binarly/version.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cmath>
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
  settings.connect_timeout = options.timeouts.connect;
  return settings;
}

std::shared_ptr<const connect::destination> destination_of(const client_options& options) {
  auto target = std::make_shared<connect::destination>();
  target->where = connect::parse_origin(options.base_url, options.plain_http_on_loopback).value();
  if (target->where.tls) {
    target->tls = std::make_shared<connect::tls_client>(options.tls, target->where);
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
      token_(options_.auth.source()),
      executor_(checked(executor)),
      strand_(asio::make_strand(executor_)),
      target_(destination_of(options_)),
      fields_(common_fields(options_, token_.get())),
      alarm_(strand_),
      generator_(seeded_generator()),
      pool_(std::make_shared<https::pool>(settings_of(options_), *this)) {}

void engine::begin() {
  auto& context = asio::query(executor_, asio::execution::context);
  context_end_.emplace(context, [self = weak_from_this()] {
    if (const auto here = self.lock()) here->pool_->abandon();
  });
}

void engine::close() {
  asio::post(strand_, [self = shared_from_this()] { self->shutdown(); });
}

settings engine::settings_for(const call_options& options) const {
  settings how;
  how.deadline = options.deadline.value_or(options_.timeouts.deadline);
  how.attempt_timeout = options_.timeouts.attempt;
  how.retry = options.retry.value_or(options_.retry);
  how.fields = fields_;
  if (token_) how.secret = token_->token();
  how.answer_limit = options_.limits.body;
  return how;
}

bool engine::enter(running_call& call) {
  if (!closed_) calls_.insert(&call);
  return !closed_;
}

void engine::leave(running_call& call) { calls_.erase(&call); }

void engine::shutdown() {
  closed_ = true;
  // The pool first: if calls ended one by one, it would open connections for those that wait.
  pool_->shutdown();
  for (running_call* const call : std::exchange(calls_, {}))
    call->cancel(errc::client_closed);
}

std::chrono::sys_seconds engine::wall_clock() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

double engine::random() { return std::ldexp(static_cast<double>(generator_() >> 11), -53); }

asio::awaitable<void> engine::sleep(std::chrono::nanoseconds span) {
  asio::steady_timer timer(strand_, span);
  (void)co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<https::exchange_result> engine::exchange(
    https::request what, std::shared_ptr<https::response_reader> reader,
    https::time_point deadline) {
  co_return co_await pool_->async_exchange(std::move(what), std::move(reader), deadline,
                                           asio::use_awaitable);
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
  return https::make_connection(strand_, target_, options_.limits.head, std::move(listener));
}

}  // namespace binarly::call
