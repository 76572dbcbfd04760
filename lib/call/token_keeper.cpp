// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/token_keeper.hpp"

#include "call/bearer.hpp"
#include "call/token_failure.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace binarly::call {

using https::time_point;
using std::chrono::nanoseconds;

namespace {

constexpr time_point never = time_point::max();
constexpr nanoseconds first_hold_off = std::chrono::seconds(1);
constexpr nanoseconds longest_hold_off = std::chrono::seconds(30);
constexpr int most_doublings = 5;
/// A server that asks for more time than this may not be believed for ever.
constexpr std::chrono::seconds longest_wish = std::chrono::minutes(5);
/// More would not fit into a clock.
constexpr std::chrono::seconds longest_life = std::chrono::hours(24 * 365);

nanoseconds part_of(nanoseconds whole, double part) {
  return nanoseconds(static_cast<nanoseconds::rep>(static_cast<double>(whole.count()) * part));
}

}  // namespace

class token_keeper::waiter {
 public:
  explicit waiter(handler done) : slot_(done.get_cancellation_slot()), handler_(std::move(done)) {}

  template <class F>
  void on_cancel(F function) {
    if (slot_.is_connected()) slot_.assign(std::move(function));
  }
  void complete(authorized what) {
    if (slot_.is_connected()) slot_.clear();
    handler done(std::move(handler_));
    std::move(done)(std::move(what));
  }

  std::optional<std::list<std::shared_ptr<waiter>>::iterator> position;

 private:
  boost::asio::cancellation_slot slot_;
  handler handler_;
};

token_keeper::token_keeper(std::unique_ptr<token_fetcher> fetcher, token_world& world,
                           std::string common_fields)
    : fetcher_(std::move(fetcher)), world_(world), common_fields_(std::move(common_fields)) {}

bool token_keeper::good(time_point now) const {
  return current_ && now < expires_ && current_->generation != rejected_;
}

std::shared_ptr<const authorization> token_keeper::current() {
  const auto now = world_.now();
  if (!good(now)) return nullptr;
  if (now >= refresh_at_ && now >= hold_off_ && !fetching_ && !closed_) fetch(now);
  return current_;
}

void token_keeper::async_get(std::uint64_t rejected, handler done) {
  const auto entrant = std::make_shared<waiter>(std::move(done));
  if (closed_) return complete_soon(entrant, authorized(failure(errc::client_closed, "")));
  const auto now = world_.now();
  if (current_ && current_->generation == rejected) rejected_ = rejected;
  if (good(now)) return complete_soon(entrant, authorized(current_));
  if (!fetching_) {
    if (now < hold_off_) {
      authorized none(last_failure_, hold_off_ - now);
      none.same_again = same_again_;
      return complete_soon(entrant, std::move(none));
    }
    fetch(now);
  }
  entrant->position = waiters_.insert(waiters_.end(), entrant);
  entrant->on_cancel(
      [whose = weak_from_this(), which = std::weak_ptr(entrant)](boost::asio::cancellation_type) {
        const auto here = whose.lock();
        const auto gone = which.lock();
        if (here && gone) here->cancel(gone);
      });
}

void token_keeper::shutdown() {
  closed_ = true;
  fetching_ = false;
  fetcher_->shutdown();
  tell_waiters(authorized(failure(errc::client_closed, "")));
}

void token_keeper::abandon() {
  closed_ = true;
  const auto waited = std::exchange(waiters_, {});
  fetcher_->abandon();
}

void token_keeper::fetch(time_point now) {
  fetching_ = true;
  asked_ = now;
  fetcher_->async_fetch(rejected_ != 0, [whose = weak_from_this()](result<access_token> got) {
    if (const auto here = whose.lock()) here->on_fetched(std::move(got));
  });
}

void token_keeper::on_fetched(result<access_token> got) {
  if (!std::exchange(fetching_, false)) return;
  if (!got) {
    give_up(got.error().detail());
  } else if (auto usable = usable_bearer(got->value); !usable) {
    failure_detail detail;
    detail.code = errc::bad_response;
    detail.reason = usable.error().detail().reason;
    give_up(std::move(detail));
  } else {
    got->value = std::move(*usable);
    take(std::move(*got));
  }
  world_.on_fetched();
}

void token_keeper::take(access_token token) {
  const bool same = current_ && current_->token == token.value;
  if (same && current_->generation == rejected_) {
    failure_detail detail;
    detail.code = errc::unauthorized;
    detail.reason = "the service refused the token, and there is no other";
    return give_up(std::move(detail), true);
  }
  failures_ = 0;
  rejected_ = 0;
  hold_off_ = {};
  expires_ = refresh_at_ = never;
  if (token.lifetime) {
    const nanoseconds life = std::clamp<std::chrono::seconds>(*token.lifetime, {}, longest_life);
    expires_ = asked_ + life;
    refresh_at_ = asked_ + part_of(life, 0.75 + 0.1 * world_.random());
  }
  if (const auto span = fetcher_->look_again()) {
    refresh_at_ = std::min(refresh_at_, world_.now() + *span);
  }
  if (!same) {
    current_ = make_authorization(token.value.clone(), common_fields_, ++generations_);
    world_.on_token(token);
  }
  tell_waiters(authorized(current_));
}

void token_keeper::give_up(failure_detail why, bool same_again) {
  const auto now = world_.now();
  const auto whole = std::min(longest_hold_off, first_hold_off * (1 << failures_));
  failures_ = std::min(failures_ + 1, most_doublings);
  auto hold_off = part_of(whole, 0.5 + 0.5 * world_.random());
  if (why.retry_after) {
    hold_off = std::max<nanoseconds>(hold_off, std::min(*why.retry_after, longest_wish));
  }
  hold_off_ = now + hold_off;
  last_failure_ = failure(token_failure(std::move(why)));
  same_again_ = same_again;
  // It may have been refused by mistake, and is better than none.
  rejected_ = 0;
  world_.on_no_token(last_failure_, good(now));
  authorized none(last_failure_, hold_off);
  none.settled = fetcher_->tries_again();
  none.same_again = same_again;
  tell_waiters(none);
}

void token_keeper::tell_waiters(const authorized& what) {
  for (const auto& each : std::exchange(waiters_, {})) {
    each->position.reset();
    complete_soon(each, what);
  }
}

void token_keeper::cancel(const std::shared_ptr<waiter>& whose) {
  if (!whose->position) return;
  waiters_.erase(*std::exchange(whose->position, {}));
  complete_soon(whose, authorized(failure(errc::cancelled, "")));
}

void token_keeper::complete_soon(const std::shared_ptr<waiter>& which, authorized what) {
  world_.post([which, what = std::move(what)] { which->complete(what); });
}

}  // namespace binarly::call
