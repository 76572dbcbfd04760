// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/call.hpp"

#include "domain/span_text.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace binarly::call {
namespace asio = boost::asio;
using domain::in_seconds;

namespace {

/// Only a function of the caller's own, or a lack of memory, throws within a call.
failure explain_thrown(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& problem) {
    return failure(errc::invalid_argument,
                   std::string("an exception ended the call: ") + problem.what());
  } catch (...) {
    return failure(errc::invalid_argument, "an exception ended the call");
  }
}

template <class Result, class Start>
operation_of<Result, Start> await(Start start) {
  return operation_of<Result, Start>(std::move(start));
}

}  // namespace

call::call(environment& world, operation what, settings how)
    : world_(world), what_(std::move(what)), how_(std::move(how)) {
  request_.target = std::move(what_.target);
  request_.fields = how_.fields;
  request_.answer_limit = how_.answer_limit;
}

void call::cancel(errc why) {
  if (cancelled_ == errc{}) cancelled_ = why;
  signal_.emit(asio::cancellation_type::terminal);
}

void call::begin_attempt() {
  const auto now = progress_.attempts++ == 0 ? started_ : world_.now();
  attempt_deadline_ = std::min(started_ + how_.deadline, now + how_.attempt_timeout);
  reader_.emplace(what_.make_decoder);
}

auto call::exchange() {
  return await<https::exchange_result>([this](auto done) {
    const auto self = shared_from_this();
    world_.async_exchange(std::shared_ptr<const https::request>(self, &request_),
                          std::shared_ptr<https::response_reader>(self, &*reader_),
                          attempt_deadline_,
                          asio::bind_cancellation_slot(signal_.slot(), std::move(done)));
  });
}

auto call::sleep() {
  return await<error_code>([this](auto done) {
    world_.async_sleep(progress_.previous_wait,
                       asio::bind_cancellation_slot(signal_.slot(), std::move(done)));
  });
}

routine call::run(std::shared_ptr<call>) {
  std::optional<answered> outcome;
  try {
    started_ = world_.now();
    if (!world_.enter(*this)) {
      outcome = failure(errc::client_closed, "");
    } else if (cancelled_ != errc{}) {
      outcome = cancelled();
    }
    while (!outcome) {
      begin_attempt();
      auto ended = co_await exchange();
      outcome = end_attempt(std::move(ended));
      if (outcome) break;
      // A wish to end may have crossed the failure on its way here.
      if (cancelled_ == errc{}) {
        co_await sleep();
        // The timer is gone, and its way to cancel it must be, too.
        signal_.slot().clear();
      }
      if (cancelled_ != errc{}) outcome = cancelled();
    }
  } catch (...) {
    outcome = explain_thrown(std::current_exception());
  }
  on_done(std::move(*outcome));
}

std::optional<answered> call::end_attempt(https::exchange_result ended) {
  progress_.least_wait = {};
  auto wrong = ended.failure ? explain(std::move(*ended.failure)) : reader_->judge(how_.secret);
  if (!wrong) return reader_->take_decoder();
  reader_->describe(*wrong, world_.wall_clock(), how_.secret);
  failure why = describe(std::move(*wrong));
  if (why.code() == errc::cancelled || why.code() == errc::client_closed) return why;

  progress_.elapsed = world_.now() - started_;
  progress_.remaining = how_.deadline - progress_.elapsed;
  const auto decision = policy::decide_retry(*how_.retry, progress_, why, world_.random());
  if (decision.step == policy::next_step::give_up) return why;
  progress_.previous_wait = decision.wait;
  return std::nullopt;
}

failure call::cancelled() const {
  failure_detail detail;
  detail.code = cancelled_;
  detail.step = progress_.attempts > 0 ? phase::backoff : phase::prepare;
  return describe(std::move(detail));
}

failure call::describe(failure_detail detail) const {
  detail.operation = what_.name;
  detail.resource = request_.target.substr(what_.resource_begin, what_.resource_size);
  detail.attempts = progress_.attempts;
  detail.elapsed = world_.now() - started_;
  return failure(std::move(detail));
}

failure_detail call::explain(connect::transport_failure broken) {
  progress_.least_wait = broken.retry_in;
  failure_detail detail;
  detail.code = cancelled_ != errc{} && broken.code == errc::cancelled ? cancelled_ : broken.code;
  detail.step = broken.step;
  detail.cause = broken.cause;
  detail.proxy_status = broken.proxy_status;
  detail.reason = std::move(broken.reason);
  // A single step may have gone over its own bound, and says so.
  if (broken.code == errc::timed_out && world_.now() >= attempt_deadline_) {
    const bool whole = attempt_deadline_ == started_ + how_.deadline;
    detail.reason += (detail.reason.empty() ? "" : "; ") +
                     std::string(whole ? "the call's deadline is " : "an attempt may take ") +
                     in_seconds(whole ? how_.deadline : how_.attempt_timeout);
  }
  return detail;
}

}  // namespace binarly::call
