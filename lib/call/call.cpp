// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/call.hpp"

#include "call/attempt_reader.hpp"
#include "domain/span_text.hpp"
#include "policy/retry_decision.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace binarly::call {
namespace asio = boost::asio;
using domain::in_seconds;

namespace {

/// All that is decided between two waits of one call.
class course {
 public:
  course(environment& world, operation what, settings how)
      : world_(world),
        what_(std::move(what)),
        how_(std::move(how)),
        started_(world.now()),
        deadline_(started_ + how_.deadline) {
    const auto request = std::make_shared<https::request>();
    request->target = std::move(what_.target);
    request->fields = std::move(how_.fields);
    request->answer_limit = how_.answer_limit;
    request_ = request;
  }

  [[nodiscard]] failure cancelled() const {
    failure_detail detail;
    detail.code = errc::cancelled;
    detail.step = progress_.attempts > 0 ? phase::backoff : phase::prepare;
    return describe(std::move(detail));
  }

  void begin_attempt() {
    ++progress_.attempts;
    attempt_deadline_ = std::min(deadline_, world_.now() + how_.attempt_timeout);
    reader_ = std::make_shared<attempt_reader>(what_.make_decoder);
  }
  [[nodiscard]] const std::shared_ptr<const https::request>& request() const { return request_; }
  [[nodiscard]] const std::shared_ptr<attempt_reader>& reader() const { return reader_; }
  [[nodiscard]] https::time_point attempt_deadline() const { return attempt_deadline_; }

  /// What the call comes to; nothing when there is to be another attempt, after `wait`.
  std::optional<answered> end_attempt(https::exchange_result ended) {
    failure why;
    progress_.least_wait = {};
    if (ended.failure) {
      why = explain(std::move(*ended.failure));
    } else {
      auto outcome = reader_->finish(world_.wall_clock(), how_.secret);
      if (outcome) return outcome;
      why = describe(outcome.error().detail());
    }
    if (why.code() == errc::cancelled || why.code() == errc::client_closed) return why;

    const auto now = world_.now();
    progress_.elapsed = now - started_;
    progress_.remaining = deadline_ - now;
    const auto decision = policy::decide_retry(*how_.retry, progress_, why, world_.random());
    if (decision.step == policy::next_step::give_up) return why;
    progress_.previous_wait = decision.wait;
    return std::nullopt;
  }
  [[nodiscard]] std::chrono::nanoseconds wait() const { return progress_.previous_wait; }

 private:
  [[nodiscard]] failure describe(failure_detail detail) const {
    detail.operation = what_.name;
    detail.resource = request_->target.substr(what_.resource_begin, what_.resource_size);
    detail.attempts = progress_.attempts;
    detail.elapsed = world_.now() - started_;
    return failure(std::move(detail));
  }

  [[nodiscard]] failure explain(connect::transport_failure broken) {
    progress_.least_wait = broken.retry_in;
    failure_detail detail;
    detail.code = broken.code;
    detail.step = broken.step;
    detail.cause = broken.cause;
    detail.proxy_status = broken.proxy_status;
    detail.reason = std::move(broken.reason);
    // A single step may have gone over its own bound, and says so.
    if (broken.code == errc::timed_out && world_.now() >= attempt_deadline_) {
      const bool whole = attempt_deadline_ == deadline_;
      detail.reason += (detail.reason.empty() ? "" : "; ") +
                       std::string(whole ? "the call's deadline is " : "an attempt may take ") +
                       in_seconds(whole ? how_.deadline : how_.attempt_timeout);
    }
    reader_->describe(detail, world_.wall_clock(), how_.secret);
    return describe(std::move(detail));
  }

  environment& world_;
  operation what_;
  settings how_;
  const https::time_point started_;
  const https::time_point deadline_;
  https::time_point attempt_deadline_;
  policy::retry_progress progress_;
  std::shared_ptr<const https::request> request_;
  std::shared_ptr<attempt_reader> reader_;
};

}  // namespace

asio::awaitable<answered> perform(environment& world, running_call& self, operation what,
                                  settings how) {
  // A cancelled wait comes back as a value, like everything else that can happen here.
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (!world.enter(self)) co_return failure(errc::client_closed, "");

  course call(world, std::move(what), std::move(how));
  for (;;) {
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return call.cancelled();
    call.begin_attempt();
    auto ended = co_await world.exchange(call.request(), call.reader(), call.attempt_deadline());
    auto outcome = call.end_attempt(std::move(ended));
    if (outcome) co_return std::move(*outcome);
    co_await world.sleep(call.wait());
  }
}

}  // namespace binarly::call
