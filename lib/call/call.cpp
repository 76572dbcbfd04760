// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/call.hpp"

#include "call/attempt_meaning.hpp"
#include "call/call_id.hpp"
#include "call/long_token.hpp"
#include "domain/span_text.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace binarly::call {
namespace asio = boost::asio;
using domain::in_seconds;

namespace {

/// No deadline is later, nor the end of a wait that the deadline does not cover.
constexpr std::chrono::hours longest_call{24};

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

void tell_breaker_change(event_sink& events, policy::breaker_change change,
                         std::chrono::nanoseconds open_for) {
  switch (change) {
    case policy::breaker_change::none:
      return;
    case policy::breaker_change::opened:
      return events.tell(breaker_changed{breaker_state::open, open_for});
    case policy::breaker_change::half_opened:
      return events.tell(breaker_changed{breaker_state::half_open, {}});
    case policy::breaker_change::closed:
      return events.tell(breaker_changed{breaker_state::closed, {}});
  }
}

template <class Result, class Start>
operation_of<Result, Start> await(Start start) {
  return operation_of<Result, Start>(std::move(start));
}

}  // namespace

call::call(environment& world, operation what, settings how)
    : world_(world),
      shared_(world.shared()),
      events_(world.events()),
      what_(std::move(what)),
      how_(std::move(how)) {}

void call::cancel(errc why) {
  if (stopped_ == errc{}) stopped_ = why;
  signal_.emit(asio::cancellation_type::terminal);
}

bool call::agrees_with(const settings& other) const {
  return how_.retry->agrees_with(*other.retry) && how_.admission == other.admission &&
         how_.hedge == other.hedge && how_.spares_limits == other.spares_limits;
}

void call::extend_to(https::time_point when) {
  // As if a wait for a turn ended now.
  const auto end = started_ + how_.deadline + spared();
  if (when > end) how_.deadline += when - end;
}

failure call::interrupted(errc why, std::chrono::nanoseconds deadline) const {
  failure_detail detail;
  detail.code = why;
  detail.step = waits_;
  if (why == errc::timed_out) {
    const bool turn = waits_ == phase::admission && how_.spares_limits;
    detail.reason =
        turn ? "it may last until a day after the call's start" : tell_deadline(deadline);
  }
  return describe(std::move(detail));
}

void call::on_expired() {
  // It may have been put off meanwhile.
  if (world_.now() < ends()) return world_.remind(*this, ends());
  cancel(errc::timed_out);
}

std::chrono::nanoseconds call::limited() const {
  return waits_for_turn_ ? limited_ + (world_.now() - started_) : limited_;
}

std::chrono::nanoseconds call::spared() const {
  return how_.spares_limits ? limited() : std::chrono::nanoseconds(0);
}

https::time_point call::ends() const {
  if (waits_for_turn_ && how_.spares_limits) return started_ + longest_call;
  return started_ + how_.deadline + spared();
}

/// Of an attempt that has gone over its own.
std::string call::tell_bound(const attempt& which) const {
  if (which.deadline == ends()) return tell_deadline(how_.deadline);
  if (which.deadline == which.began + how_.attempt_timeout) {
    return "an attempt may take " + in_seconds(how_.attempt_timeout);
  }
  // Whoever joined meanwhile has put the deadline off.
  return "the attempt was begun under a deadline of " +
         in_seconds(which.deadline - started_ - spared());
}

std::string call::tell_deadline(std::chrono::nanoseconds deadline) const {
  std::string text = "the call's deadline is " + in_seconds(deadline);
  if (spared().count() > 0) text += ", its waits for a turn not counted";
  return text;
}

/// One exchange, and another beside it when it is slow. The first that settles the matter ends the
/// race: a value, or a failure that nobody would try again. A failure that may pass waits for the
/// other, if there is one. The loser is cancelled, and let go once it has ended.
class call::race : public std::enable_shared_from_this<race> {
 public:
  using handler = https::pool::handler;

  race(call& whose, std::chrono::nanoseconds delay, handler done)
      : call_(whose.shared_from_this()), delay_(delay), done_(std::move(done)) {}

  void begin() {
    call_->signal_.slot().assign([whose = weak_from_this()](asio::cancellation_type) {
      if (const auto here = whose.lock()) here->cancel();
    });
    run(*call_->current_, first_);
    call_->world_.async_sleep(delay_, asio::bind_cancellation_slot(
                                          timer_.slot(), [self = shared_from_this()](error_code) {
                                            self->timer_.slot().clear();
                                            self->on_slow();
                                          }));
  }

 private:
  void run(attempt& which, asio::cancellation_signal& signal) {
    ++under_way_;
    const auto whole = call_->share(which);
    call_->world_.async_exchange(
        std::shared_ptr<const https::request>(whole, &whole->request),
        std::shared_ptr<https::response_reader>(whole, &whole->reader), whole->deadline,
        asio::bind_cancellation_slot(
            signal.slot(), [self = shared_from_this(), whole](https::exchange_result got) {
              self->on_end(*whole, std::move(got));
            }));
  }

  void on_slow() {
    if (over_ || under_way_ != 1) return;
    if (auto* const second = call_->begin_hedge()) run(*second, second_);
  }

  void on_end(attempt& which, https::exchange_result got) {
    --under_way_;
    call_->settle(which, std::move(got));
    if (over_) return;
    if (under_way_ > 0 && call_->stopped_ == errc{} && may_pass(which)) {
      return call_->remember(which);
    }
    over_ = true;
    call_->signal_.slot().clear();
    cancel();
    call_->current_ = &which;
    handler done(std::move(done_));
    std::move(done)(https::exchange_result());
  }

  [[nodiscard]] bool may_pass(const attempt& which) {
    if (!which.wrong) return false;
    try {
      return call_->how_.retry->may_retry(call_->describe(*which.wrong));
    } catch (...) {
      // The policy is the caller's own.
      call_->outcome_ = explain_thrown(std::current_exception());
      return false;
    }
  }

  void cancel() {
    for (auto* const each : {&timer_, &first_, &second_})
      each->emit(asio::cancellation_type::terminal);
  }

  const std::shared_ptr<call> call_;
  const std::chrono::nanoseconds delay_;
  handler done_;
  asio::cancellation_signal timer_;
  asio::cancellation_signal first_;
  asio::cancellation_signal second_;
  int under_way_ = 0;
  bool over_ = false;
};

auto call::token() {
  waits_ = phase::token;
  return await<authorized>([this](auto done) {
    world_.remind(*this, ends());
    world_.async_authorize(rejected_,
                           asio::bind_cancellation_slot(signal_.slot(), std::move(done)));
  });
}

auto call::admission() {
  waits_ = phase::admission;
  // The wait begins now, and ends with the addition of the time then.
  limited_ -= world_.now() - started_;
  waits_for_turn_ = true;
  return await<error_code>([this](auto done) {
    world_.remind(*this, ends());
    shared_.limits->async_enter(*how_.admission, what_.kind,
                                asio::bind_cancellation_slot(signal_.slot(), std::move(done)));
  });
}

auto call::exchange() {
  waits_ = phase::head;
  return await<https::exchange_result>([this](auto done) {
    if (how_.hedge) {
      if (const auto delay = shared_.hedges->delay(what_.kind)) {
        return std::make_shared<race>(*this, *delay, std::move(done))->begin();
      }
    }
    const auto whole = share(*current_);
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
      if (shown_ && needs_admission()) {
        const auto failed = co_await admission();
        on_admitted(failed);
      }
      stop_if_told();
      if (shown_ && !outcome_) pass_breaker();
      if (shown_ && !outcome_) {
        begin_attempt();
        auto ended = co_await exchange();
        end_attempt(std::move(ended));
        stop_if_told();
      }
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
  end();
}

void call::end() {
  give_back();
  if (events_ != nullptr) tell_end();
  on_done(std::move(*outcome_));
}

std::optional<answered> call::enter() {
  started_ = world_.now();
  if (!world_.enter(*this)) {
    failure_detail closed;
    closed.code = errc::client_closed;
    return describe(std::move(closed));
  }
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
  failure_detail wrong = got.why.detail();
  if (got.same_again && rejected_ != 0) {
    // What the service said of the token counts for more than that there is no other.
    current_->wrong->reason = wrong.reason;
    return fail(describe(std::move(*current_->wrong)), retry_stop::final, "");
  }
  wrong.step = phase::token;
  if (got.settled) return fail(describe(wrong), wrong.stopped, wrong.stop_reason);
  ++tries_;
  least_wait_ = got.retry_in;
  on_failure(std::move(wrong));
}

bool call::needs_admission() {
  if (!how_.admission) return false;
  admitted_ = shared_.limits->try_enter(*how_.admission, what_.kind);
  return !admitted_;
}

void call::on_admitted(const error_code& failed) {
  world_.forget(*this);
  signal_.slot().clear();
  limited_ = limited();
  waits_for_turn_ = false;
  admitted_ = !failed;
  // The limits are shut at the client's end alone.
  if (failed && stopped_ == errc{}) stopped_ = errc::client_closed;
  // The token may have been replaced while the call waited; a poor one is better than none.
  if (auto fresh = world_.authorize()) shown_ = std::move(fresh);
}

void call::pass_breaker() {
  if (!shared_.breaker) return;
  const auto now = world_.now();
  const auto verdict = shared_.breaker->admit(now);
  if (events_ != nullptr) tell_breaker_change(*events_, verdict.change, {});
  if (verdict.allowed) {
    breaker_period_ = verdict.period;
    passed_breaker_ = true;
    return;
  }
  failure_detail detail;
  detail.code = errc::circuit_open;
  detail.step = phase::admission;
  detail.reason =
      verdict.open_until > now
          ? "the circuit breaker is open for another " +
                in_seconds(std::chrono::ceil<std::chrono::milliseconds>(verdict.open_until - now))
          : "the circuit breaker waits for its probes";
  fail(describe(std::move(detail)), retry_stop::none, "");
}

void call::give_back() {
  if (current_ != nullptr && !current_->over) {
    // It could not be handed over, which an exception told; or it was, and ends unheard.
    admitted_ = admitted_ || std::exchange(current_->limited, false);
    if (std::exchange(current_->under_breaker, false)) passed_breaker_ = true;
  }
  if (std::exchange(admitted_, false)) {
    shared_.limits->leave(*how_.admission, what_.kind, policy::attempt_end::other, {}, {});
  }
  if (std::exchange(passed_breaker_, false)) shared_.breaker->forget(breaker_period_);
}

call::aftermath& call::more() {
  if (!more_) more_ = std::make_unique<aftermath>();
  return *more_;
}

attempt& call::new_attempt() {
  if (requests_++ == 0) return first_.emplace(what_.make_decoder, how_.answer_limit);
  more().hedge.reset();
  return *(more().later = std::make_shared<attempt>(what_.make_decoder, how_.answer_limit));
}

std::shared_ptr<attempt> call::share(attempt& which) {
  if (first_ && &which == &*first_) return {shared_from_this(), &which};
  return &which == more_->hedge.get() ? more_->hedge : more_->later;
}

void call::begin_attempt() {
  const bool at_once = requests_ == 0 && waits_ == phase::prepare;
  const auto now = at_once ? started_ : world_.now();
  if (requests_ == 0) {
    id_ = world_.random_bits();
    if (how_.hedge) shared_.hedges->on_call();
  }
  current_ = &new_attempt();
  current_->request.target =
      current_ == &*first_ ? std::move(what_.target) : first_->request.target;
  fill_in(*current_, std::move(shown_), now);
  current_->wait = std::exchange(rest_, {});
  current_->limited = std::exchange(admitted_, false);
  current_->under_breaker = std::exchange(passed_breaker_, false);
  current_->breaker_period = breaker_period_;
  if (events_ != nullptr) events_->tell(attempt_started{name_of(*current_)});
}

void call::fill_in(attempt& which, std::shared_ptr<const authorization> shown,
                   https::time_point now) {
  auto& request = which.request;
  request.method = what_.method;
  request.fields = std::shared_ptr<const secret>(shown, &shown->fields);
  request.more_fields = how_.more_fields;
  append_call_id(request.id, id_);
  request.id.append(1, '-').append(std::to_string(requests_));
  request.body = what_.body;
  request.answer_limit = how_.answer_limit;
  request.takes_gzip = how_.takes_gzip;
  which.shown = std::move(shown);
  which.began = now;
  which.deadline = std::min(ends(), now + how_.attempt_timeout);
  which.number = requests_;
}

attempt* call::begin_hedge() {
  if (stopped_ != errc{}) return nullptr;
  if (how_.admission && !shared_.limits->try_enter(*how_.admission, what_.kind)) return nullptr;
  if (!shared_.hedges->withdraw()) {
    if (how_.admission) {
      shared_.limits->leave(*how_.admission, what_.kind, policy::attempt_end::other, {}, {});
    }
    return nullptr;
  }
  const auto now = world_.now();
  auto& hedge = *(more().hedge = std::make_shared<attempt>(what_.make_decoder, how_.answer_limit));
  ++requests_;
  hedge.request.target = first_->request.target;
  fill_in(hedge, current_->shown, now);
  hedge.hedge = true;
  hedge.limited = how_.admission.has_value();
  if (events_ != nullptr) {
    events_->tell(hedge_sent{name_of(hedge), now - current_->began});
    events_->tell(attempt_started{name_of(hedge)});
  }
  return &hedge;
}

void call::settle(attempt& which, https::exchange_result ended) {
  const auto secret = which.shown->token.reveal();
  const auto carried = ended.carried;
  which.over = true;
  bytes_ += which.reader.bytes();
  auto wrong = ended.failure ? explain(which, std::move(*ended.failure))
                             : which.reader.judge(secret, resource());
  if (wrong) {
    which.reader.describe(*wrong, world_.wall_clock(), secret);
    if (const auto note = about_long_token(*wrong, secret.size()); !note.empty()) {
      wrong->reason.append(wrong->reason.empty() ? "" : "; ").append(note);
    }
    which.wrong = std::make_unique<failure_detail>(std::move(*wrong));
  }
  if (which.limited) {
    shared_.limits->leave(*how_.admission, what_.kind, end_of(which.wrong.get()), carried,
                          which.began);
  }
  if (which.under_breaker) tell_breaker(which);
  if (how_.hedge && !which.wrong)
    shared_.hedges->on_success(what_.kind, world_.now() - which.began);
  if (events_ != nullptr) tell_finished(which);
}

void call::tell_breaker(const attempt& which) {
  const auto now = world_.now();
  if (tells_nothing(which.wrong.get())) return shared_.breaker->forget(which.breaker_period);
  const auto change =
      shared_.breaker->record(!is_outage(which.wrong.get()), which.breaker_period, now);
  if (events_ != nullptr) {
    tell_breaker_change(*events_, change, shared_.breaker->open_until() - now);
  }
}

void call::end_attempt(https::exchange_result ended) {
  if (!current_->over) settle(*current_, std::move(ended));
  if (outcome_) return;
  auto& wrong = current_->wrong;
  if (!wrong) return on_success();
  least_wait_ = current_->retry_in;
  remember(*current_);
  if (wrong->code == errc::unauthorized && current_->shown->generation != 0 && !renewed_) {
    renewed_ = true;
    rejected_ = current_->shown->generation;
    return;
  }
  if (wrong->code == errc::unauthorized && renewed_ && wrong->reason.empty()) {
    wrong->reason = "a new token is not accepted either";
  }
  ++tries_;
  on_failure(std::move(*wrong));
}

void call::stop_if_told() {
  if (outcome_ || stopped_ == errc{}) return;
  fail(interrupted(stopped_, how_.deadline), retry_stop::none, "");
}

void call::on_success() {
  shared_.budget.on_success(std::exchange(last_cost_, 0));
  auto decoder = current_->reader.take_decoder();
  if (!asks_again_) {
    if (auto known = decoder->again()) {
      asks_again_ = true;
      what_.make_decoder.context = std::move(known);
      return;
    }
  }
  outcome_ = std::move(decoder);
}

void call::on_failure(failure_detail wrong) {
  const failure why = describe(std::move(wrong));
  if (why.code() == errc::cancelled || why.code() == errc::client_closed) {
    return fail(why, retry_stop::none, "");
  }
  policy::retry_progress progress;
  progress.attempts = tries_;
  progress.previous_wait = previous_wait_;
  progress.remaining = ends() - world_.now();
  progress.elapsed = how_.deadline - progress.remaining;
  progress.least_wait = std::exchange(least_wait_, {});
  const auto decision =
      policy::decide_retry(*how_.retry, progress, why, world_.random(), shared_.budget);
  if (!decision.retry()) return fail(why, decision.stop, explain_stop(decision));
  last_cost_ = decision.cost;
  previous_wait_ = decision.wait;
  rest_ = decision.wait;
  waits_ = phase::backoff;
  if (events_ != nullptr && current_ != nullptr) {
    events_->tell(retry_scheduled{name_of(*current_), why.code(), decision.wait});
  }
}

void call::fail(const failure& why, retry_stop stop, std::string reason) {
  failure_detail detail = why.detail();
  if (more_) detail.history = std::move(more_->history);
  detail.stopped = stop;
  detail.stop_reason = std::move(reason);
  outcome_ = failure(std::move(detail));
}

call_report call::report(const answered* outcome) const {
  call_report made;
  made.attempts = requests_;
  if (more_) made.failed_attempts = more_->history;
  // A failure has taken the history along.
  if (outcome != nullptr && !*outcome) made.failed_attempts = outcome->error().detail().history;
  made.limited = limited();
  made.bytes = bytes_;
  if (how_.admission == admission_kind::limited) made.limit = shared_.limits->limit(what_.kind);
  return made;
}

void call::remember(const attempt& which) {
  auto& history = more().history;
  if (history.size() == longest_history) history.erase(history.begin());
  auto& record = history.emplace_back();
  record.number = which.number;
  record.code = which.wrong->code;
  record.step = which.wrong->step;
  record.http_status = which.wrong->http_status;
  record.hedge = which.hedge;
  record.wait = which.wait;
  record.duration = world_.now() - which.began;
  record.request_id = which.wrong->request_id;
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
  name.hedge = which.hedge;
  return name;
}

void call::tell_finished(const attempt& which) {
  attempt_finished what;
  what.attempt = name_of(which);
  if (which.wrong) {
    what.code = make_error_code(which.wrong->code);
    what.step = which.wrong->step;
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

failure_detail call::explain(attempt& which, connect::transport_failure broken) {
  which.retry_in = broken.retry_in;
  failure_detail detail;
  detail.code = stopped_ != errc{} && broken.code == errc::cancelled ? stopped_ : broken.code;
  detail.step = broken.step;
  detail.cause = broken.cause;
  detail.proxy_status = broken.proxy_status;
  if (broken.proxy_status != 0) detail.answered_by = responder::proxy;
  detail.reason = std::move(broken.reason);
  // A single step may have gone over its own bound, and says so.
  if (broken.code == errc::timed_out && world_.now() >= which.deadline) {
    if (!detail.reason.empty()) detail.reason += "; ";
    detail.reason += tell_bound(which);
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
      return "the client's retry budget holds " + std::to_string(shared_.budget.tokens()) + " of " +
             std::to_string(shared_.budget.capacity()) + " tokens, and this retry costs " +
             std::to_string(decision.cost);
    case retry_stop::none:
    case retry_stop::final:
    case retry_stop::attempts:
      break;
  }
  return "";
}

}  // namespace binarly::call
