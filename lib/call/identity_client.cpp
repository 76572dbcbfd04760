// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/identity_client.hpp"

#include "call/call.hpp"
#include "connect/basic_credentials.hpp"
#include "domain/token_reader.hpp"
#include "domain/wipe.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace binarly::call {
namespace {

constexpr std::string_view platforms_path = "/realms/BinarlyRealm/protocol/openid-connect/token";
/// More than any answer with a token needs.
constexpr std::size_t answer_limit = 64 * 1024;

/// Appends text as a form has it (the URL standard's application/x-www-form-urlencoded): everything
/// but letters, digits and a few marks as %XX.
void append_encoded(std::string& form, std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._").find(c) != std::string_view::npos;
    if (plain) {
      form += c;
    } else {
      form.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    }
  }
}

class token_decoder final : public answer_decoder {
 public:
  void write(std::string_view piece) override { reader_.write(piece); }
  result<void> finish() override {
    auto got = reader_.finish();
    if (!got) return got.error();
    token_ = std::move(*got);
    return {};
  }
  [[nodiscard]] access_token take() { return std::move(token_); }

 private:
  domain::token_reader reader_;
  access_token token_;
};

/// What the calls to the identity server have of the world: the client's own, but for connections,
/// credentials and the budget.
class identity_world final : public environment {
 public:
  /// `hidden` is struck out of what the server says.
  identity_world(environment& world, std::shared_ptr<service_link> link,
                 const retry_budget_options& budget, token_request asks, secret hidden)
      : world_(world),
        link_(std::move(link)),
        shared_(budget),
        form_(std::make_shared<const secret>(std::move(asks.form))) {
    auto shown = std::make_shared<authorization>();
    shown->fields = std::move(asks.fields);
    shown->token = std::move(hidden);
    shown_ = std::move(shown);
  }

  [[nodiscard]] https::pool& pool() noexcept { return link_->pool(); }
  void abandon() { link_->abandon(); }
  [[nodiscard]] const connect::origin& origin() const noexcept { return link_->origin(); }
  [[nodiscard]] const std::shared_ptr<const secret>& form() const noexcept { return form_; }
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
  std::shared_ptr<const authorization> authorize() override { return shown_; }
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
  const std::shared_ptr<const secret> form_;
  std::shared_ptr<const authorization> shown_;
  running_call* running_ = nullptr;
};

class token_call final : public call {
 public:
  token_call(std::shared_ptr<identity_world> world, std::shared_ptr<void> keep_alive,
             operation what, settings how, token_fetcher::handler done)
      : call(*world, std::move(what), std::move(how)),
        keep_alive_(std::move(keep_alive)),
        asks_(std::move(world)),
        done_(std::move(done)) {}

 private:
  void on_done(answered outcome) override {
    asks_->leave();
    const auto done = std::move(done_);
    if (outcome) return done(static_cast<token_decoder&>(**outcome).take());
    failure_detail detail = outcome.error().detail();
    const std::string from = "from " + asks_->origin().host_header();
    detail.reason = detail.reason.empty() ? from : from + ": " + detail.reason;
    done(failure(std::move(detail)));
  }

  const std::shared_ptr<void> keep_alive_;
  const std::shared_ptr<identity_world> asks_;
  token_fetcher::handler done_;
};

class identity_client final : public token_fetcher {
 public:
  identity_client(std::shared_ptr<identity_world> world,
                  std::function<std::shared_ptr<void>()> keep_alive, settings how)
      : world_(std::move(world)), keep_alive_(std::move(keep_alive)), how_(std::move(how)) {}

  void async_fetch(bool, handler done) override {
    operation what;
    what.name = "get token";
    what.method = "POST";
    what.target = world_->origin().path_prefix;
    what.resource_size = what.target.size();
    what.body = world_->form();
    what.make_decoder.asked = responder::identity_server;
    what.make_decoder.make = [](const auto&, std::string_view) -> std::unique_ptr<answer_decoder> {
      return std::make_unique<token_decoder>();
    };
    std::make_shared<token_call>(world_, keep_alive_(), std::move(what), how_, std::move(done))
        ->begin();
  }
  void wind_down() override { world_->pool().wind_down(); }
  [[nodiscard]] bool empty() const override { return world_->pool().empty(); }
  void shutdown() override {
    world_->pool().shutdown();
    if (auto* const here = world_->running()) here->cancel(errc::client_closed);
  }
  void abandon() override { world_->abandon(); }
  void sever() override { world_->pool().sever(); }

 private:
  const std::shared_ptr<identity_world> world_;
  const std::function<std::shared_ptr<void>()> keep_alive_;
  const settings how_;
};

}  // namespace

token_request make_token_request(const client_credentials_options& who, std::string common_fields) {
  const bool in_body = who.authentication == client_authentication::body;
  std::string form;
  // Never grown, which would leave a part of the secret behind.
  constexpr std::size_t names = 128;
  form.reserve(names + 3 * (who.client_id.size() + who.client_secret.reveal().size() +
                            who.scope.size() + who.audience.size()));
  const auto add = [&form](std::string_view name, std::string_view value) {
    form.append(form.empty() ? "" : "&").append(name).append("=");
    append_encoded(form, value);
  };
  add("grant_type", "client_credentials");
  if (in_body) {
    add("client_id", who.client_id);
    add("client_secret", who.client_secret.reveal());
  }
  if (!who.scope.empty()) add("scope", who.scope);
  if (!who.audience.empty()) add("audience", who.audience);

  common_fields += "Content-Type: application/x-www-form-urlencoded\r\n";
  if (!in_body) {
    // Encoded first (RFC 6749, section 2.3.1).
    std::string id;
    append_encoded(id, who.client_id);
    std::string password;
    password.reserve(3 * who.client_secret.reveal().size());
    append_encoded(password, who.client_secret.reveal());
    const auto shown = connect::basic_credentials(id, password);
    domain::wipe(password);
    constexpr std::string_view name = "Authorization: ";
    common_fields.reserve(common_fields.size() + name.size() + shown.reveal().size() + 2);
    common_fields.append(name).append(shown.reveal()).append("\r\n");
  }
  token_request made;
  made.form = secret(std::move(form));
  made.fields = secret(std::move(common_fields));
  return made;
}

std::string token_endpoint(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto path = url.find('/', scheme + 3);
  if (path == std::string::npos) return url + std::string(platforms_path);
  if (path + 1 == url.size()) return url.substr(0, path) + std::string(platforms_path);
  return url;
}

std::unique_ptr<token_fetcher> make_identity_client(
    environment& world, std::function<std::shared_ptr<void>()> keep_alive,
    std::shared_ptr<service_link> link, const client_credentials_options& who,
    const client_options& options, std::string common_fields) {
  const auto asks = std::make_shared<identity_world>(
      world, std::move(link), options.retry_budget,
      make_token_request(who, std::move(common_fields)), who.client_secret.clone());
  settings how;
  how.deadline = options.timeouts.token;
  how.attempt_timeout = options.timeouts.attempt;
  how.retry = std::make_shared<const retry_policy>(options.retry);
  how.answer_limit = answer_limit;
  return std::make_unique<identity_client>(asks, std::move(keep_alive), std::move(how));
}

}  // namespace binarly::call
