// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/provided_token.hpp"

#include "domain/span_text.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace binarly::call {
namespace {

namespace asio = boost::asio;

/// Nobody knows whether it may pass; the calls that wait may have the provider asked again.
failure explain_thrown(const std::exception_ptr& thrown) {
  std::string reason = "the token provider threw an exception";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& problem) {
    reason += std::string(": ") + problem.what();
  } catch (...) {
    reason += " of an unknown kind";
  }
  return failure(errc::token_unavailable, std::move(reason));
}

/// The provider's own failure, which says who failed.
failure explain_failed(const failure& why) {
  failure_detail detail = why.detail();
  std::string reason = "from the token provider";
  if (detail.code != errc::token_refused && detail.code != errc::token_unavailable) {
    reason += ": " + make_error_code(detail.code).message();
  }
  if (!detail.reason.empty()) reason += ": " + detail.reason;
  detail.reason = std::move(reason);
  return failure(std::move(detail));
}

/// One call of the user's function. On `own`, save that `done` is called on `strand`.
class provision final : public std::enable_shared_from_this<provision> {
 public:
  provision(asio::any_io_executor strand, asio::any_io_executor own, token_fetcher::handler done)
      : strand_(std::move(strand)),
        own_(std::move(own)),
        timer_(std::in_place, own_),
        done_(std::move(done)) {}

  /// The user's coroutine may be destroyed, with whatever it waited for, instead of resumed.
  ~provision() {
    try {
      finish(failure(errc::token_unavailable, "the token provider ended without an answer"));
    } catch (...) {
      // Out of memory, nobody is told.
    }
  }
  provision(const provision&) = delete;
  provision& operator=(const provision&) = delete;

  void start(const token_provider& provider, bool rejected, std::chrono::nanoseconds bound) {
    asio::post(own_, [self = shared_from_this(), provider, rejected, bound] {
      self->run(provider, rejected, bound);
    });
  }

  /// For the end of the execution context.
  void abandon() {
    done_ = nullptr;
    timer_.reset();
  }

  /// Nothing is told any more.
  void stop() {
    asio::post(own_, [self = shared_from_this()] {
      self->done_ = nullptr;
      self->stop_timer();
      self->cancel();
    });
  }

 private:
  static asio::awaitable<void> provide(std::shared_ptr<provision> self, token_provider provider,
                                       bool rejected) {
    auto got = co_await provider(rejected);
    self->ended_ = true;
    if (!got) got = explain_failed(got.error());
    self->finish(std::move(got));
  }

  void run(const token_provider& provider, bool rejected, std::chrono::nanoseconds bound) {
    if (!done_) return;
    timer_->expires_after(bound);
    timer_->async_wait([whose = weak_from_this(), bound](const error_code& cancelled) {
      const auto here = whose.lock();
      if (cancelled || !here) return;
      failure_detail detail;
      detail.code = errc::timed_out;
      detail.reason =
          "the token provider may take " + domain::in_seconds(bound) + " (timeouts.token)";
      here->finish(failure(std::move(detail)));
      here->cancel();
    });
    // The function is kept until its coroutine has ended, whose frame may refer to it.
    asio::co_spawn(
        own_, provide(shared_from_this(), provider, rejected),
        asio::bind_cancellation_slot(signal_.slot(),
                                     [self = shared_from_this()](const std::exception_ptr& thrown) {
                                       if (thrown) self->finish(explain_thrown(thrown));
                                     }));
  }

  void finish(result<access_token> got) {
    if (!done_) return;
    const auto whole = std::make_shared<result<access_token>>(std::move(got));
    asio::post(strand_, [done = std::exchange(done_, nullptr), whole] { done(std::move(*whole)); });
    stop_timer();
  }

  void stop_timer() {
    if (timer_) timer_->cancel();
  }

  /// Ends the user's coroutine, unless it has ended. Where it has never waited, `co_spawn` still
  /// has to, and throws out of the context when it finds itself cancelled (Boost 1.81).
  void cancel() {
    if (!ended_) signal_.emit(asio::cancellation_type::terminal);
  }

  const asio::any_io_executor strand_;
  const asio::any_io_executor own_;
  std::optional<asio::steady_timer> timer_;
  asio::cancellation_signal signal_;
  token_fetcher::handler done_;
  bool ended_ = false;  // the user's coroutine
};

class provided_fetcher final : public token_fetcher {
 public:
  provided_fetcher(asio::any_io_executor strand, asio::any_io_executor own, token_provider provider,
                   std::chrono::nanoseconds bound)
      : strand_(std::move(strand)),
        own_(std::move(own)),
        provider_(std::move(provider)),
        bound_(bound) {}
  ~provided_fetcher() override { shutdown(); }

  void async_fetch(bool rejected, handler done) override {
    const auto next = std::make_shared<provision>(strand_, own_, std::move(done));
    latest_ = next;
    next->start(provider_, rejected, bound_);
  }
  void shutdown() override {
    if (const auto here = latest_.lock()) here->stop();
  }
  void abandon() override {
    if (const auto here = latest_.lock()) here->abandon();
    latest_.reset();
    strand_ = {};
    own_ = {};
  }

 private:
  asio::any_io_executor strand_;
  asio::any_io_executor own_;
  const token_provider provider_;
  const std::chrono::nanoseconds bound_;
  std::weak_ptr<provision> latest_;
};

}  // namespace

std::unique_ptr<token_fetcher> make_provided_fetcher(asio::any_io_executor strand,
                                                     asio::any_io_executor own,
                                                     token_provider provider,
                                                     std::chrono::nanoseconds bound) {
  return std::make_unique<provided_fetcher>(std::move(strand), std::move(own), std::move(provider),
                                            bound);
}

}  // namespace binarly::call
