// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/call.hpp"

#include "call/attempt_reader.hpp"
#include "domain/span_text.hpp"
#include "policy/retry_decision.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace binarly::call {
namespace asio = boost::asio;
using domain::in_seconds;

asio::awaitable<result<std::unique_ptr<answer_decoder>>> perform(environment& world, operation what,
                                                                 settings how) {
  // A cancelled wait comes back as a value, like everything else that can happen here.
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto cancellation = co_await asio::this_coro::cancellation_state;

  const auto started = world.now();
  const auto deadline = started + how.deadline;
  policy::retry_progress progress;

  const auto describe = [&](failure_detail detail) {
    detail.operation = what.name;
    detail.resource = what.resource;
    detail.attempts = progress.attempts;
    detail.elapsed = world.now() - started;
    return failure(std::move(detail));
  };

  for (;;) {
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      failure_detail detail;
      detail.code = errc::cancelled;
      detail.step = progress.attempts > 0 ? phase::backoff : phase::prepare;
      co_return describe(std::move(detail));
    }
    ++progress.attempts;
    const auto attempt_started = world.now();
    const auto attempt_deadline = std::min(deadline, attempt_started + how.attempt_timeout);
    const auto reader = std::make_shared<attempt_reader>(what.make_decoder());
    https::request request;
    request.target = what.target;
    request.fields = how.fields;
    request.answer_limit = how.answer_limit;
    auto answered = co_await world.exchange(std::move(request), reader, attempt_deadline);

    failure why;
    progress.least_wait = {};
    if (!answered.failure) {
      auto outcome = reader->finish(world.wall_clock(), how.secret);
      if (outcome) co_return outcome;
      why = describe(outcome.error().detail());
    } else {
      auto& broken = *answered.failure;
      progress.least_wait = broken.retry_in;
      failure_detail detail;
      detail.code = broken.code;
      detail.step = broken.step;
      detail.cause = broken.cause;
      detail.proxy_status = broken.proxy_status;
      detail.reason = std::move(broken.reason);
      // A single step may have gone over its own bound, and says so.
      if (broken.code == errc::timed_out && world.now() >= attempt_deadline) {
        const bool whole = attempt_deadline == deadline;
        detail.reason += (detail.reason.empty() ? "" : "; ") +
                         std::string(whole ? "the call's deadline is " : "an attempt may take ") +
                         in_seconds(whole ? how.deadline : how.attempt_timeout);
      }
      reader->describe(detail, world.wall_clock(), how.secret);
      why = describe(std::move(detail));
    }
    if (why.code() == errc::cancelled || why.code() == errc::client_closed) co_return why;

    const auto now = world.now();
    progress.elapsed = now - started;
    progress.remaining = deadline - now;
    const auto decision = policy::decide_retry(how.retry, progress, why, world.random());
    if (decision.step == policy::next_step::give_up) co_return why;

    co_await world.sleep(decision.wait);
    progress.previous_wait = decision.wait;
  }
}

}  // namespace binarly::call
