// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/identity_client.hpp"

#include "call/call.hpp"
#include "domain/printable.hpp"
#include "domain/token_reader.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::call {
namespace {

/// More than any answer with a token needs.
constexpr std::size_t answer_limit = 64 * 1024;
constexpr std::size_t longest_shown_path = 256;
constexpr unsigned not_found = 404;

/// A request for a token, as all attempts share it.
struct shared_request {
  std::shared_ptr<const secret> form;
  std::shared_ptr<const authorization> shown;
  std::vector<secret> hidden;
};

std::shared_ptr<const shared_request> share(token_request asks) {
  auto made = std::make_shared<shared_request>();
  made->form = std::make_shared<const secret>(std::move(asks.form));
  auto shown = std::make_shared<authorization>();
  shown->fields = std::move(asks.fields);
  // Struck out of what the server says.
  shown->token = asks.hidden.front().clone();
  made->shown = std::move(shown);
  made->hidden = std::move(asks.hidden);
  return made;
}

class token_decoder final : public answer_decoder {
 public:
  explicit token_decoder(std::shared_ptr<const shared_request> asks) : asks_(std::move(asks)) {}

  void write(std::string_view piece) override { reader_.write(piece); }
  result<void> finish() override {
    auto got = reader_.finish(asks_->shown->token.reveal());
    if (!got) return got.error();
    token_ = std::move(*got);
    return {};
  }
  [[nodiscard]] access_token take() { return std::move(token_); }

 private:
  const std::shared_ptr<const shared_request> asks_;
  domain::token_reader reader_;
  access_token token_;
};

/// What the calls to the identity server have of the world: the client's own, but for connections,
/// credentials and the budget.
class identity_world final : public environment {
 public:
  identity_world(environment& world, std::shared_ptr<service_link> link,
                 const retry_budget_options& budget, std::shared_ptr<const shared_request> asks)
      : world_(world), link_(std::move(link)), shared_(budget), asks_(std::move(asks)) {}

  [[nodiscard]] https::pool& pool() noexcept { return link_->pool(); }
  void abandon() { link_->abandon(); }
  [[nodiscard]] const connect::origin& origin() const noexcept { return link_->origin(); }
  [[nodiscard]] const std::shared_ptr<const shared_request>& asks() const noexcept { return asks_; }
  [[nodiscard]] running_call* running() const noexcept { return running_; }
  void leave() noexcept { running_ = nullptr; }

  bool enter(running_call& call) override {
    running_ = &call;
    return true;
  }
  https::time_point now() const override { return world_.now(); }
  std::chrono::sys_seconds wall_clock() const override { return world_.wall_clock(); }
  std::uint64_t random_bits() override { return world_.random_bits(); }
  shared_policies& shared() override { return shared_; }
  event_sink* events() override { return nullptr; }
  void remind(https::expirable& which, https::time_point when) override {
    world_.remind(which, when);
  }
  void forget(https::expirable& which) override { world_.forget(which); }
  std::shared_ptr<const authorization> authorize() override { return asks_->shown; }
  void async_authorize(std::uint64_t,
                       boost::asio::any_completion_handler<void(authorized)>) override {
    // Never: what is shown is always there, and never renewed.
  }
  void async_sleep(std::chrono::nanoseconds span,
                   boost::asio::any_completion_handler<void(error_code)> done) override {
    world_.async_sleep(span, std::move(done));
  }
  void async_exchange(std::shared_ptr<const https::request> what,
                      std::shared_ptr<https::response_reader> reader, https::time_point deadline,
                      https::pool::handler done) override {
    link_->pool().async_exchange(std::move(what), std::move(reader), deadline, std::move(done));
  }

 private:
  environment& world_;
  const std::shared_ptr<service_link> link_;
  shared_policies shared_;
  const std::shared_ptr<const shared_request> asks_;
  running_call* running_ = nullptr;
};

/// Whether the path that was asked for may be what is wrong.
bool path_matters(const failure_detail& why) {
  switch (why.http_status) {
    case not_found:
    case 405:
    case 410:
      return true;
    default:
      return why.code == errc::redirected || why.code == errc::bad_response;
  }
}

/// Whether the status, and what the server said with it, say what the code does.
bool status_tells(const failure_detail& why) {
  switch (why.code) {
    case errc::unauthorized:
    case errc::forbidden:
    case errc::not_found:
    case errc::rejected:
    case errc::throttled:
    case errc::server_error:
    case errc::redirected:
    case errc::bad_response:
      return why.http_status != 0;
    default:
      return false;
  }
}

/// One request for a token, with its attempts.
class token_call final : public call {
 public:
  using handler = std::function<void(result<access_token>)>;

  token_call(std::shared_ptr<identity_world> world, std::shared_ptr<void> keep_alive,
             operation what, settings how, handler done)
      : call(*world, std::move(what), std::move(how)),
        keep_alive_(std::move(keep_alive)),
        world_(std::move(world)),
        done_(std::move(done)) {}

 private:
  void on_done(answered outcome) override {
    world_->leave();
    const auto done = std::move(done_);
    if (outcome) return done(static_cast<token_decoder&>(**outcome).take());
    failure_detail detail = outcome.error().detail();
    hide(detail);
    detail.reason = told(detail);
    done(failure(std::move(detail)));
  }

  /// The attempts have struck the first of these out, before they cut the texts.
  void hide(failure_detail& detail) const {
    const auto strike = [this](std::string& text) {
      for (const auto& each : world_->asks()->hidden)
        text = domain::without_cut_secret(text, each.reveal());
    };
    for (auto* const text : {&detail.reason, &detail.server_message, &detail.permission,
                             &detail.resource_name, &detail.request_id}) {
      strike(*text);
    }
    for (auto& part : detail.details) {
      for (auto* const text : {&part.reason, &part.field, &part.service, &part.error})
        strike(*text);
    }
    for (auto& each : detail.history)
      strike(each.request_id);
  }

  /// Who was asked, how often, and what it came to.
  [[nodiscard]] std::string told(const failure_detail& detail) const {
    const auto& where = world_->origin();
    std::string text = "from " + where.host_header();
    if (path_matters(detail)) text += domain::printable(where.path_prefix, longest_shown_path);
    if (detail.attempts > 1) text += " in " + std::to_string(detail.attempts) + " attempts";
    if (!status_tells(detail)) text += ": " + make_error_code(detail.code).message();
    if (detail.code == errc::timed_out)
      text += " at the step " + std::string(to_string(detail.step));
    if (!detail.reason.empty()) text += ": " + detail.reason;
    return text;
  }

  const std::shared_ptr<void> keep_alive_;
  const std::shared_ptr<identity_world> world_;
  handler done_;
};

class identity_client final : public token_fetcher {
 public:
  identity_client(std::vector<std::shared_ptr<identity_world>> servers, environment& world,
                  std::function<std::shared_ptr<void>()> keep_alive, settings how)
      : servers_(std::move(servers)),
        world_(world),
        keep_alive_(std::move(keep_alive)),
        how_(std::move(how)) {}

  void async_fetch(bool, handler done) override {
    const auto began = world_.now();
    ask(preferred_, how_, [this, began, done = std::move(done)](result<access_token> got) {
      if (got || servers_.size() == 1 || got.error().detail().http_status != not_found) {
        return done(std::move(got));
      }
      ask_other(got.error(), began, done);
    });
  }
  [[nodiscard]] bool tries_again() const override { return true; }
  void wind_down() override {
    for (const auto& each : servers_)
      each->pool().wind_down();
  }
  [[nodiscard]] bool empty() const override {
    return std::ranges::all_of(servers_, [](const auto& each) { return each->pool().empty(); });
  }
  void shutdown() override {
    for (const auto& each : servers_)
      each->pool().shutdown();
    for (const auto& each : servers_) {
      if (auto* const here = each->running()) here->cancel(errc::client_closed);
    }
  }
  void abandon() override {
    for (const auto& each : servers_)
      each->abandon();
  }
  void sever() override {
    for (const auto& each : servers_)
      each->pool().sever();
  }

 private:
  void ask(std::size_t which, settings how, handler done) {
    const auto& server = servers_[which];
    operation what;
    what.name = "get token";
    what.method = "POST";
    what.target = server->origin().path_prefix;
    what.resource_size = what.target.size();
    what.body = server->asks()->form;
    what.make_decoder.asked = responder::identity_server;
    what.make_decoder.context = server->asks();
    what.make_decoder.make = [](const auto& asks) -> std::unique_ptr<answer_decoder> {
      return std::make_unique<token_decoder>(std::static_pointer_cast<const shared_request>(asks));
    };
    std::make_shared<token_call>(server, keep_alive_(), std::move(what), std::move(how),
                                 std::move(done))
        ->begin();
  }

  /// `first`: what the one that was asked first said. Of the two failures that one is told which
  /// the person at work can do more about: the other's, if there is a server of tokens there.
  void ask_other(const failure& first, https::time_point began, const handler& done) {
    const std::size_t other = 1 - preferred_;
    settings how = how_;
    const int left = how.retry->max_attempts() - first.detail().attempts;
    how.retry = std::make_shared<const retry_policy>(
        retry_policy(*how.retry).max_attempts(std::max(left, 1)));
    how.deadline = std::max<std::chrono::nanoseconds>(how.deadline - (world_.now() - began), {});
    ask(other, std::move(how), [this, other, first, done](result<access_token> got) {
      if (got) {
        preferred_ = other;
        return done(std::move(got));
      }
      const failure second = got.error();
      const unsigned status = second.detail().http_status;
      // Where it may be there, and is only out of reach, asking again may help.
      const bool absent =
          status == not_found || second.detail().cause == boost::asio::error::host_not_found;
      if (!absent) return done(second);
      failure_detail both = first.detail();
      both.reason += "; and none " + second.detail().reason;
      if (status != 0) both.reason += ": HTTP " + std::to_string(status);
      both.attempts += second.detail().attempts;
      done(failure(std::move(both)));
    });
  }

  const std::vector<std::shared_ptr<identity_world>> servers_;
  environment& world_;
  const std::function<std::shared_ptr<void>()> keep_alive_;
  const settings how_;
  std::size_t preferred_ = 0;
};

}  // namespace

std::unique_ptr<token_fetcher> make_identity_client(
    environment& world, std::function<std::shared_ptr<void>()> keep_alive,
    std::vector<std::shared_ptr<service_link>> links, token_request asks,
    const client_options& options) {
  const auto shared = share(std::move(asks));
  std::vector<std::shared_ptr<identity_world>> servers;
  servers.reserve(links.size());
  for (auto& link : links) {
    servers.push_back(
        std::make_shared<identity_world>(world, std::move(link), options.retry_budget, shared));
  }
  settings how;
  how.deadline = options.timeouts.token;
  how.attempt_timeout = options.timeouts.attempt;
  how.retry = std::make_shared<const retry_policy>(options.retry);
  how.answer_limit = answer_limit;
  return std::make_unique<identity_client>(std::move(servers), world, std::move(keep_alive),
                                           std::move(how));
}

}  // namespace binarly::call
