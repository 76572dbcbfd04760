// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/engine.hpp"

#include "call/check_options.hpp"
#include "call/file_token.hpp"
#include "call/identity_client.hpp"
#include "call/provided_token.hpp"
#include "call/token_origin.hpp"
#include "https/strand.hpp"

#include <binarly/version.hpp>

#include <boost/asio/consign.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>

#include <algorithm>
#include <utility>
#include <variant>

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

/// The header lines of all requests, whoever they go to.
std::string common_fields(const client_options& options) {
  return "Accept: application/json\r\nUser-Agent: " +
         (options.user_agent.empty() ? "binarly-images/" BINARLY_IMAGES_VERSION
                                     : options.user_agent) +
         "\r\n";
}

route route_to_service(const client_options& options) {
  route way;
  way.url = options.base_url;
  way.tls = &options.tls;
  way.proxy = &options.proxy;
  return way;
}

policy::concurrency_settings concurrency_of(const client_options& options) {
  policy::concurrency_settings settings;
  settings.least = options.concurrency.least;
  settings.most =
      options.concurrency.most > 0 ? options.concurrency.most : 2 * options.pool.max_connections;
  settings.most = std::max(settings.most, settings.least);
  settings.initial = std::clamp(options.concurrency.initial, settings.least, settings.most);
  return settings;
}

policy::rate_settings rate_of(const client_options& options) {
  policy::rate_settings settings;
  settings.per_second = options.rate.per_second;
  settings.burst = options.rate.burst;
  return settings;
}

policy::breaker_settings breaker_of(const breaker_options& options) {
  policy::breaker_settings settings;
  settings.failure_ratio = options.failure_ratio;
  settings.min_attempts = options.min_attempts;
  settings.window = options.window;
  settings.open_for = options.open_for;
  settings.probes = options.probes;
  return settings;
}

/// The options that it names are the identity server's own.
[[noreturn]] void refuse_identity(const failure& why) {
  failure_detail detail = why.detail();
  if (!detail.reason.starts_with("auth.")) detail.reason.insert(0, "auth.");
  throw failure_error(failure(std::move(detail)));
}

}  // namespace

engine::engine(const asio::any_io_executor& executor, client_options options)
    : options_(checked(std::move(options))),
      retry_(std::make_shared<const retry_policy>(options_.retry)),
      executor_(checked(executor)),
      completion_executor_(executor_),
      strand_(options_.single_threaded ? executor_ : https::make_strand(executor_)),
      random_(std::make_shared<dice>()),
      hub_(options_.on_event
               ? std::make_shared<event_hub>(
                     options_.single_threaded ? executor_ : https::make_strand(executor_),
                     options_.on_event)
               : nullptr),
      link_(std::make_shared<service_link>(executor_, strand_, random_, options_,
                                           route_to_service(options_), hub_)),
      reminders_(std::make_shared<reminders>(strand_)),
      fixed_(fixed_authorization()),
      keeper_(fixed_
                  ? nullptr
                  : std::make_shared<token_keeper>(make_fetcher(), *this, common_fields(options_))),
      shared_(options_.retry_budget),
      closing_(std::in_place, strand_) {
  shared_.limits = std::make_shared<limiter>(concurrency_of(options_), rate_of(options_), *this);
  shared_.hedges.emplace(options_.hedge);
  if (options_.breaker.enabled) shared_.breaker.emplace(breaker_of(options_.breaker));
}

std::shared_ptr<const authorization> engine::fixed_authorization() const {
  const auto& from = options_.auth.origin();
  const auto* const token = from ? std::get_if<secret>(&from->what) : nullptr;
  if (from && token == nullptr) return nullptr;
  return make_authorization(token == nullptr ? secret() : token->clone(), common_fields(options_),
                            0);
}

/// Where the tokens of each kind of credentials come from. A kind that is added and not handled
/// here does not compile.
struct engine::fetcher_maker {
  engine& self;

  std::unique_ptr<token_fetcher> operator()(const secret&) const {
    return nullptr;  // a fixed token is fetched from nowhere
  }
  std::unique_ptr<token_fetcher> operator()(const detail::token_origin::file& file) const {
    return make_file_fetcher(file.path, [engine = &self](std::function<void()> function) {
      asio::post(engine->strand_, std::move(function));
    });
  }
  std::unique_ptr<token_fetcher> operator()(const token_provider& provider) const {
    return make_provided_fetcher(
        self.strand_,
        self.options_.single_threaded ? self.executor_ : https::make_strand(self.executor_),
        provider, self.options_.timeouts.token);
  }
  std::unique_ptr<token_fetcher> operator()(const client_credentials_options& who) const {
    return ask_server(who, make_token_request(who, common_fields(self.options_)));
  }
  std::unique_ptr<token_fetcher> operator()(const password_options& who) const {
    return ask_server(who, make_token_request(who, common_fields(self.options_)));
  }

 private:
  std::unique_ptr<token_fetcher> ask_server(const identity_options& server,
                                            token_request asks) const {
    std::vector<std::shared_ptr<service_link>> links;
    links.push_back(link_to(server, server.url, "auth.url"));
    if (!server.alternative_url.empty()) {
      links.push_back(link_to(server, server.alternative_url, "auth.alternative_url"));
    }
    return make_identity_client(
        self, [engine = &self] { return engine->shared_from_this(); }, std::move(links),
        std::move(asks), self.options_);
  }

  std::shared_ptr<service_link> link_to(const identity_options& server, const std::string& url,
                                        const char* option) const {
    route way;
    way.url = token_endpoint(url);
    way.url_option = option;
    way.to = peer::identity_server;
    way.tls = server.tls ? &*server.tls : &self.options_.tls;
    way.proxy = server.proxy ? &*server.proxy : &self.options_.proxy;
    try {
      auto link = std::make_shared<service_link>(self.executor_, self.strand_, self.random_,
                                                 self.options_, way, self.hub_);
      link->on_empty([engine = &self] { engine->finish_closing(); });
      return link;
    } catch (const failure_error& refused) {
      refuse_identity(refused.why());
    }
  }
};

std::unique_ptr<token_fetcher> engine::make_fetcher() {
  return std::visit(fetcher_maker{*this}, options_.auth.origin()->what);
}

void engine::begin() {
  auto& context = asio::query(executor_, asio::execution::context);
  context_end_.emplace(
      context,
      [self = weak_from_this()] {
        if (const auto here = self.lock()) here->abandon();
      },
      [self = weak_from_this()] {
        if (const auto here = self.lock()) here->leave_to_parent();
      });
  link_->on_empty([self = weak_from_this()] {
    if (const auto here = self.lock()) here->finish_closing();
  });
  if (options_.pool.prewarm > 0) {
    asio::post(strand_, [self = weak_from_this()] {
      const auto here = self.lock();
      if (here && !here->refusing_) here->link_->pool().prewarm(here->options_.pool.prewarm);
    });
  }
}

void engine::abandon() {
  // First: what is dropped below may own clients.
  ended_.store(true, std::memory_order_release);
  link_->abandon();
  if (keeper_) keeper_->abandon();
  shared_.limits->abandon();
  if (hub_) hub_->abandon();
  reminders_->abandon();
  closing_.reset();
  // Who waits for the client's end may own the client.
  const auto dropped = std::exchange(closers_, {});
  strand_ = {};
  completion_executor_ = {};
  executor_ = {};
}

bool engine::in_child() {
  if (!process_.in_child()) return false;
  leave_to_parent();
  return true;
}

/// Only one thread is left in a child, and it runs none of ours at this moment.
void engine::leave_to_parent() {
  if (left_to_parent_.exchange(true) || ended()) return;
  link_->pool().sever();
  if (keeper_) keeper_->sever();
  asio::post(strand_, [self = shared_from_this()] { self->shutdown(); });
}

void engine::end() {
  if (ended() || in_child()) return;
  asio::post(strand_, [self = shared_from_this()] { self->shutdown(); });
}

void engine::close(std::chrono::nanoseconds bound, std::function<void()> done) {
  if (ended()) return;
  (void)in_child();
  asio::post(strand_, [self = shared_from_this(), bound, done = std::move(done)]() mutable {
    self->closers_.push_back(std::move(done));
    if (!std::exchange(self->refusing_, true)) {
      self->link_->pool().wind_down();
      if (self->keeper_) self->keeper_->wind_down();
      self->closing_->expires_after(bound);
      self->closing_->async_wait([whose = self->weak_from_this()](error_code cancelled) {
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
  how.answer_limit = options_.limits.body;
  if (options.adaptive_limit.value_or(options_.concurrency.single_calls)) {
    how.admission = admission_kind::limited;
  } else if (options_.rate.per_second > 0) {
    how.admission = admission_kind::rated;
  }
  how.spares_limits = !options.deadline_covers_limits.value_or(true);
  how.hedge = options.hedge.value_or(options_.hedge.enabled);
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
  link_->pool().shutdown();
  if (keeper_) keeper_->shutdown();
  shared_.limits->shutdown();
  // Each is told once, and may leave while it is being told.
  for (auto each = calls_.begin(); each != calls_.end();)
    (each++)->cancel(errc::client_closed);
  finish_closing();
}

void engine::finish_closing() {
  if (!refusing_ || !calls_.empty() || !link_->pool().empty()) return;
  if (keeper_ && !keeper_->empty()) return;
  if (closing_) closing_->cancel();
  if (!std::exchange(closed_, true)) {
    link_->pool().shutdown();
    if (keeper_) keeper_->shutdown();
  }
  for (const auto& done : std::exchange(closers_, {}))
    done();
}

std::chrono::sys_seconds engine::wall_clock() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void engine::remind(https::expirable& which, https::time_point when) {
  reminders_->add(which, when);
}

void engine::forget(https::expirable& which) { reminders_->remove(which); }

std::shared_ptr<const authorization> engine::authorize() {
  return keeper_ ? keeper_->current() : fixed_;
}

void engine::async_authorize(std::uint64_t rejected,
                             asio::any_completion_handler<void(authorized)> done) {
  keeper_->async_get(rejected, std::move(done));
}

void engine::on_token(const access_token& got) {
  if (hub_) hub_->tell(token_renewed{got.lifetime});
}

void engine::on_no_token(const failure& why, bool usable) {
  if (hub_) hub_->tell(token_failed{why, usable});
}

void engine::on_limit(operation_kind kind, std::size_t limit) {
  if (hub_) hub_->tell(limit_changed{kind, limit});
}

void engine::on_fetched() { finish_closing(); }

void engine::async_sleep(std::chrono::nanoseconds span,
                         asio::any_completion_handler<void(error_code)> done) {
  const auto timer = std::make_shared<asio::steady_timer>(strand_, span);
  timer->async_wait(asio::consign(std::move(done), timer));
}

void engine::async_exchange(std::shared_ptr<const https::request> what,
                            std::shared_ptr<https::response_reader> reader,
                            https::time_point deadline, https::pool::handler done) {
  link_->pool().async_exchange(std::move(what), std::move(reader), deadline, std::move(done));
}

void engine::post(std::function<void()> function) {
  if (strand_) asio::post(strand_, std::move(function));
}

}  // namespace binarly::call
