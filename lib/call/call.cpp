// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/call.hpp"

#include "call/call_id.hpp"
#include "domain/span_text.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

#include <algorithm>
#include <exception>
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
    : world_(world), events_(world.events()), what_(std::move(what)), how_(std::move(how)) {}

void call::cancel(errc why) {
  if (stopped_ == errc{}) stopped_ = why;
  signal_.emit(asio::cancellation_type::terminal);
}

void call::on_expired() { cancel(errc::timed_out); }

auto call::token() {
  waits_ = phase::token;
  return await<authorized>([this](auto done) {
    world_.remind(*this, started_ + how_.deadline);
    world_.async_authorize(rejected_,
                           asio::bind_cancellation_slot(signal_.slot(), std::move(done)));
  });
}

auto call::exchange() {
  return await<https::exchange_result>([this](auto done) {
    const auto whole = later_ ? later_ : std::shared_ptr<attempt>(shared_from_this(), current_);
    world_.async_exchange(std::shared_ptr<const https::request>(whole, &whole->request),
                          std::shared_ptr<https::response_reader>(whole, &whole->reader),
                          whole->deadline,
                          asio::bind_cancellation_slot(signal_.slot(), std::move(done)));
  });
}

auto call::rest() {
  waits_ = phase::backoff;
  return await<error_code>([this](auto done) {
    world_.async_sleep(rest_, asio::bind_cancellation_slot(signal_.slot(), std::move(done)));
  });
}

routine call::run(std::shared_ptr<call>) {
  try {
    outcome_ = enter();
    while (!outcome_) {
      if (needs_token()) {
        auto got = co_await token();
        on_token(std::move(got));
      }
      if (shown_) {
        begin_attempt();
        auto ended = co_await exchange();
        end_attempt(std::move(ended));
      }
      stop_if_told();
      if (!outcome_ && rest_.count() > 0) {
        co_await rest();
        // The timer is gone, and its way to cancel it must be, too.
        signal_.slot().clear();
        stop_if_told();
      }
    }
  } catch (...) {
    outcome_ = explain_thrown(std::current_exception());
  }
  if (events_ != nullptr) tell_end();
  on_done(std::move(*outcome_));
}

std::optional<answered> call::enter() {
  started_ = world_.now();
  if (!world_.enter(*this)) return failure(errc::client_closed, "");
  stop_if_told();
  return std::move(outcome_);
}

bool call::needs_token() {
  if (rejected_ == 0) shown_ = world_.authorize();
  return shown_ == nullptr;
}

void call::on_token(authorized got) {
  world_.forget(*this);
  signal_.slot().clear();
  if (got.shown) {
    shown_ = std::move(got.shown);
    rejected_ = 0;
    return;
  }
  if (stopped_ != errc{}) return;
  ++progress_.attempts;
  progress_.least_wait = got.retry_in;
  failure_detail wrong = got.why.detail();
  wrong.step = phase::token;
  on_failure(std::move(wrong));
}

void call::begin_attempt() {
  const auto now = waits_ == phase::prepare ? started_ : world_.now();
  if (requests_ == 0) {
    id_ = world_.random_bits();
    current_ = &first_.emplace(what_.make_decoder);
    current_->request.target = std::move(what_.target);
  } else {
    later_ = std::make_shared<attempt>(what_.make_decoder);
    current_ = later_.get();
    current_->request.target = first_->request.target;
  }
  ++requests_;
  auto& request = current_->request;
  request.method = what_.method;
  request.fields = std::shared_ptr<const secret>(shown_, &shown_->fields);
  request.more_fields = how_.more_fields;
  request.id = call_id(id_) + '-' + std::to_string(requests_);
  request.body = what_.body;
  request.answer_limit = how_.answer_limit;
  current_->shown = std::move(shown_);
  current_->began = now;
  current_->deadline = std::min(started_ + how_.deadline, now + how_.attempt_timeout);
  current_->wait = rest_;
  current_->number = requests_;
  rest_ = {};
  if (events_ != nullptr) events_->tell(attempt_started{name_of(*current_)});
}

void call::end_attempt(https::exchange_result ended) {
  const auto secret = current_->shown->token.reveal();
  auto wrong = ended.failure ? explain(std::move(*ended.failure)) : current_->reader.judge(secret);
  if (events_ != nullptr) tell_finished(*current_, wrong ? &*wrong : nullptr);
  if (!wrong) return on_success();
  current_->reader.describe(*wrong, world_.wall_clock(), secret);
  remember(*wrong);
  if (wrong->code == errc::unauthorized && current_->shown->generation != 0 && !renewed_) {
    renewed_ = true;
    rejected_ = current_->shown->generation;
    return;
  }
  ++progress_.attempts;
  on_failure(std::move(*wrong));
}

void call::stop_if_told() {
  if (outcome_ || stopped_ == errc{}) return;
  failure_detail detail;
  detail.code = stopped_;
  detail.step = waits_;
  if (stopped_ == errc::timed_out) {
    detail.reason = "the call's deadline is " + in_seconds(how_.deadline);
  }
  fail(describe(std::move(detail)), retry_stop::none, "");
}

void call::on_success() {
  world_.budget().on_success(last_cost_);
  outcome_ = current_->reader.take_decoder();
}

void call::on_failure(failure_detail wrong) {
  const failure why = describe(std::move(wrong));
  if (why.code() == errc::cancelled || why.code() == errc::client_closed) {
    return fail(why, retry_stop::none, "");
  }
  progress_.elapsed = world_.now() - started_;
  progress_.remaining = how_.deadline - progress_.elapsed;
  const auto decision =
      policy::decide_retry(*how_.retry, progress_, why, world_.random(), world_.budget());
  progress_.least_wait = {};
  if (!decision.retry()) return fail(why, decision.stop, explain_stop(decision));
  last_cost_ = decision.cost;
  progress_.previous_wait = decision.wait;
  rest_ = decision.wait;
  waits_ = phase::backoff;
  if (events_ != nullptr && current_ != nullptr) {
    events_->tell(retry_scheduled{name_of(*current_), why.code(), decision.wait});
  }
}

void call::fail(const failure& why, retry_stop stop, std::string reason) {
  failure_detail detail = why.detail();
  detail.history = std::move(history_);
  detail.stopped = stop;
  detail.stop_reason = std::move(reason);
  outcome_ = failure(std::move(detail));
}

void call::remember(const failure_detail& wrong) {
  if (history_.size() == longest_history) history_.erase(history_.begin());
  auto& record = history_.emplace_back();
  record.number = current_->number;
  record.code = wrong.code;
  record.step = wrong.step;
  record.http_status = wrong.http_status;
  record.wait = current_->wait;
  record.duration = world_.now() - current_->began;
  record.request_id = wrong.request_id;
}

failure call::describe(failure_detail detail) const {
  detail.operation = what_.name;
  detail.resource = resource();
  if (requests_ > 0) detail.call_id = call_id(id_);
  detail.attempts = requests_;
  detail.elapsed = world_.now() - started_;
  return failure(std::move(detail));
}

std::string_view call::resource() const noexcept {
  const std::string_view target = first_ ? first_->request.target : what_.target;
  return target.substr(what_.resource_begin, what_.resource_size);
}

attempt_name call::name_of(const attempt& which) const {
  attempt_name name;
  name.call_id = call_id(id_);
  name.resource = resource();
  name.number = which.number;
  return name;
}

void call::tell_finished(const attempt& which, const failure_detail* wrong) {
  attempt_finished what;
  what.attempt = name_of(which);
  if (wrong != nullptr) {
    what.code = make_error_code(wrong->code);
    what.step = wrong->step;
  }
  what.http_status = which.reader.status();
  what.duration = world_.now() - which.began;
  events_->tell(std::move(what));
}

void call::tell_end() {
  call_finished what;
  if (requests_ > 0) what.call_id = call_id(id_);
  what.resource = resource();
  if (!*outcome_) what.code = outcome_->error().code();
  what.attempts = requests_;
  what.elapsed = world_.now() - started_;
  events_->tell(std::move(what));
}

failure_detail call::explain(connect::transport_failure broken) {
  progress_.least_wait = broken.retry_in;
  failure_detail detail;
  detail.code = stopped_ != errc{} && broken.code == errc::cancelled ? stopped_ : broken.code;
  detail.step = broken.step;
  detail.cause = broken.cause;
  detail.proxy_status = broken.proxy_status;
  detail.reason = std::move(broken.reason);
  // A single step may have gone over its own bound, and says so.
  if (broken.code == errc::timed_out && world_.now() >= current_->deadline) {
    const bool whole = current_->deadline == started_ + how_.deadline;
    detail.reason += (detail.reason.empty() ? "" : "; ") +
                     std::string(whole ? "the call's deadline is " : "an attempt may take ") +
                     in_seconds(whole ? how_.deadline : how_.attempt_timeout);
  }
  return detail;
}

std::string call::explain_stop(const policy::retry_decision& decision) const {
  switch (decision.stop) {
    case retry_stop::deadline:
      return "the next attempt would begin after " + in_seconds(decision.wait) +
             ", when the call's deadline has passed";
    case retry_stop::elapsed:
      return "the next attempt would begin later than " + in_seconds(how_.retry->max_elapsed()) +
             " after the call's start";
    case retry_stop::retry_after:
      return "the policy waits for " + in_seconds(how_.retry->max_retry_after()) +
             " at most where a server asks for it";
    case retry_stop::budget:
      return "the client's retry budget holds " + std::to_string(world_.budget().tokens()) +
             " of " + std::to_string(world_.budget().capacity()) +
             " tokens, and this retry costs " + std::to_string(decision.cost);
    case retry_stop::none:
    case retry_stop::final:
    case retry_stop::attempts:
      break;
  }
  return "";
}

}  // namespace binarly::call
