// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/pool.hpp"

#include "https/pool_decisions.hpp"

#include <algorithm>
#include <string>

namespace binarly::https {

using connect::transport_failure;

namespace {

/// The alarm rings at most this often: a thousand deadlines in a row cost one timer, not a
/// thousand.
constexpr std::chrono::milliseconds alarm_grain{1};
/// A goodbye is one small write; a connection that cannot take it in this time is cut off.
constexpr std::chrono::seconds goodbye_bound{1};

}  // namespace

/// One request on its way through the pool. It waits, or a member carries it, or it is done.
class pool::exchange final : public expirable {
 public:
  exchange(pool& owner, request sent, std::shared_ptr<response_reader> to, handler when_done)
      : what(std::move(sent)),
        reader(std::move(to)),
        owner_(owner),
        slot_(when_done.get_cancellation_slot()),
        handler_(std::move(when_done)) {}

  /// Calls `function` when the caller cancels.
  void on_cancel(std::function<void()> function) {
    if (!slot_.is_connected()) return;
    slot_.assign([act = std::move(function)](boost::asio::cancellation_type) { act(); });
  }

  void complete(exchange_result result) {
    if (slot_.is_connected()) slot_.clear();
    handler done(std::move(handler_));
    std::move(done)(std::move(result));
  }

  void on_expired() override { owner_.expire(*this); }

  const request what;
  const std::shared_ptr<response_reader> reader;
  std::optional<std::list<std::shared_ptr<exchange>>::iterator> queued;
  member* carrier = nullptr;
  bool replayed = false;

 private:
  pool& owner_;
  boost::asio::cancellation_slot slot_;
  handler handler_;
};

/// One connection of the pool's, and what the pool knows of it.
class pool::member final : public expirable, public connection_listener {
 public:
  enum class stage { opening, idle, busy, closing };

  explicit member(std::weak_ptr<pool> owner) : owner_(std::move(owner)) {}

  // A handler that the pool calls may drop the last reference to it.
  void on_open(bool resumed) override {
    if (const auto owner = owner_.lock()) owner->on_open(*this, resumed);
  }
  void on_answer(bool reusable) override {
    if (const auto owner = owner_.lock()) owner->on_answer(*this, reusable);
  }
  void on_closed(transport_failure why, bool answer_begun) override {
    if (const auto owner = owner_.lock()) owner->on_closed(*this, std::move(why), answer_begun);
  }
  void on_expired() override {
    if (const auto owner = owner_.lock()) owner->expire(*this);
  }

  std::shared_ptr<connection> link;
  std::list<std::shared_ptr<member>>::iterator position;
  std::shared_ptr<exchange> current;
  time_point opened;
  stage now = stage::opening;
  bool served = false;

 private:
  const std::weak_ptr<pool> owner_;
};

pool::pool(pool_settings settings, pool_environment& environment)
    : settings_(settings), environment_(environment) {}

pool::~pool() {
  for (const auto& each : members_)
    each->link->abort();
}

void pool::start(request what, std::shared_ptr<response_reader> reader, time_point deadline,
                 handler done) {
  const auto entrant =
      std::make_shared<exchange>(*this, std::move(what), std::move(reader), std::move(done));
  if (closed_) return complete_soon(entrant, {errc::client_closed, phase::acquire, ""});
  if (idle_.empty() && waiting_.size() >= settings_.max_waiting) {
    return complete_soon(entrant, {errc::queue_full, phase::acquire, describe_queue()});
  }
  entrant->on_cancel([owner = weak_from_this(), whose = std::weak_ptr(entrant)] {
    const auto here = owner.lock();
    const auto which = whose.lock();
    if (here && which) here->cancel(which);
  });
  entrant->queued = waiting_.insert(waiting_.end(), entrant);
  set_deadline(*entrant, deadline);
  dispatch();
}

void pool::cancel(const std::shared_ptr<exchange>& whose) {
  if (!whose->queued && whose->carrier == nullptr) return;
  const phase step = step_of(*whose);
  withdraw(*whose);
  dispatch();
  // Not now: this runs inside the slot that completing it clears.
  complete_soon(whose, {errc::cancelled, step, ""});
}

void pool::expire(exchange& late) {
  const auto keep = late.carrier != nullptr ? late.carrier->current : **late.queued;
  transport_failure why(errc::timed_out, step_of(late), "");
  if (late.queued) why.reason = describe_queue();
  withdraw(late);
  dispatch();
  keep->complete(exchange_result(std::move(why)));
}

void pool::expire(member& late) {
  switch (late.now) {
    case member::stage::idle:
      return retire(late);
    case member::stage::opening: {
      transport_failure why(errc::timed_out, late.link->doing().step,
                            "no connection was made in time");
      late.link->abort();
      return on_closed(late, std::move(why), false);
    }
    case member::stage::closing:
      late.link->abort();
      remove(late);
      return dispatch();
    case member::stage::busy:
      return;  // the deadline is its exchange's
  }
}

void pool::on_open(member& which, bool) {
  --opening_;
  which.opened = environment_.now();
  keep_idle(which, which.opened);
  dispatch();
}

void pool::on_answer(member& which, bool reusable) {
  const auto done = take_current(which);
  clear_deadline(*done);
  which.served = true;
  const auto now = environment_.now();
  switch (after_answer(reusable, now - which.opened, settings_.max_lifetime)) {
    case next_use::lend:
      keep_idle(which, now);
      break;
    case next_use::close:
      retire(which);
      break;
  }
  dispatch();
  done->complete({});
}

void pool::on_closed(member& which, transport_failure why, bool answer_begun) {
  const bool never_opened = which.now == member::stage::opening;
  const auto gone = remove(which);
  auto broken = take_current(*gone);
  if (broken &&
      exchange_after_break(gone->served, answer_begun, broken->replayed) == after_break::replay) {
    broken->replayed = true;
    broken->queued = waiting_.insert(waiting_.begin(), broken);
    broken = nullptr;
  }
  std::list<std::shared_ptr<exchange>> stranded;
  if (!never_opened) {
    dispatch();
  } else if (std::all_of(members_.begin(), members_.end(),
                         [](const auto& each) { return each->now == member::stage::closing; })) {
    stranded.swap(waiting_);
  }
  // Otherwise nothing is opened in place of what did not open: those that are open, or coming,
  // serve on, and the next event tries again. To try at once would be a storm.
  for (const auto& each : stranded) {
    each->queued.reset();
    clear_deadline(*each);
  }
  if (broken) {
    clear_deadline(*broken);
    broken->complete(exchange_result(why));
  }
  for (const auto& each : stranded)
    each->complete(exchange_result(why));
}

void pool::on_alarm() {
  const auto keep = shared_from_this();
  alarm_.reset();
  const auto now = environment_.now();
  while (expirable* const late = deadlines_.pop_expired(now))
    late->on_expired();
  if (!deadlines_.empty()) require_alarm(std::max(deadlines_.earliest(), now + alarm_grain));
}

void pool::shutdown() {
  closed_ = true;
  std::vector<std::pair<std::shared_ptr<exchange>, phase>> ended;
  for (const auto& each : waiting_)
    ended.emplace_back(each, phase::acquire);
  for (const auto& each : members_) {
    if (each->current) ended.emplace_back(each->current, each->link->doing().step);
  }
  for (const auto& [each, step] : ended)
    withdraw(*each);
  while (!members_.empty()) {
    members_.front()->link->abort();
    remove(*members_.front());
  }
  for (const auto& [each, step] : ended) {
    each->complete(exchange_result({errc::client_closed, step, ""}));
  }
}

void pool::abandon() {
  closed_ = true;
  // Destroying a handler may run its owner's destructors: the pool is consistent before that.
  const auto waited = std::exchange(waiting_, {});
  const auto carried = std::exchange(members_, {});
  idle_.clear();
  opening_ = 0;
  deadlines_ = {};
  for (const auto& each : carried)
    each->link->abort();
}

pool::counters pool::count() const noexcept {
  counters now;
  now.connections = members_.size();
  now.idle = idle_.size();
  now.opening = opening_;
  now.waiting = waiting_.size();
  return now;
}

void pool::dispatch() {
  while (!waiting_.empty() && !idle_.empty()) {
    member& free = *idle_.back();
    idle_.pop_back();
    const auto next = waiting_.front();
    waiting_.pop_front();
    next->queued.reset();
    lend(free, next);
  }
  pool_census census;
  census.waiting = waiting_.size();
  census.opening = opening_;
  census.connections = members_.size();
  for (auto left = connections_to_open(census, settings_.max_connections, settings_.max_opening);
       left > 0; --left) {
    open_one();
  }
}

void pool::open_one() {
  const auto fresh = std::make_shared<member>(weak_from_this());
  fresh->link = environment_.make_connection(fresh);
  fresh->position = members_.insert(members_.end(), fresh);
  ++opening_;
  set_deadline(*fresh, environment_.now() + settings_.connect_timeout);
  fresh->link->open();
}

void pool::lend(member& which, const std::shared_ptr<exchange>& to) {
  clear_deadline(which);
  which.now = member::stage::busy;
  which.current = to;
  to->carrier = &which;
  which.link->send(to->what, *to->reader);
}

void pool::keep_idle(member& which, time_point now) {
  which.now = member::stage::idle;
  idle_.push_back(&which);
  auto until = now + settings_.idle_timeout;
  if (settings_.max_lifetime.count() > 0) {
    until = std::min(until, which.opened + settings_.max_lifetime);
  }
  set_deadline(which, until);
}

void pool::retire(member& which) {
  std::erase(idle_, &which);
  which.now = member::stage::closing;
  set_deadline(which, environment_.now() + goodbye_bound);
  which.link->close();
}

std::shared_ptr<pool::member> pool::remove(member& which) {
  if (which.now == member::stage::opening) --opening_;
  std::erase(idle_, &which);
  clear_deadline(which);
  auto gone = *which.position;
  members_.erase(which.position);
  return gone;
}

void pool::withdraw(exchange& which) {
  clear_deadline(which);
  if (which.queued) {
    waiting_.erase(*std::exchange(which.queued, {}));
    return;
  }
  member& carrier = *which.carrier;
  carrier.link->abort();
  take_current(carrier);
  remove(carrier);
}

std::shared_ptr<pool::exchange> pool::take_current(member& which) {
  auto current = std::exchange(which.current, nullptr);
  if (current) current->carrier = nullptr;
  return current;
}

phase pool::step_of(const exchange& which) {
  return which.carrier != nullptr ? which.carrier->link->doing().step : phase::acquire;
}

void pool::complete_soon(const std::shared_ptr<exchange>& which, transport_failure why) {
  environment_.post([which, why = std::move(why)] { which->complete(exchange_result(why)); });
}

void pool::set_deadline(expirable& item, time_point when) {
  deadlines_.set(item, when);
  require_alarm(when);
}

void pool::clear_deadline(expirable& item) {
  deadlines_.clear(item);
  // An alarm that is set keeps the execution context busy.
  if (deadlines_.empty() && alarm_) {
    alarm_.reset();
    environment_.stop_alarm();
  }
}

void pool::require_alarm(time_point when) {
  if (alarm_ && *alarm_ <= when) return;
  alarm_ = when;
  environment_.set_alarm(when);
}

std::string pool::describe_queue() const {
  std::string text = std::to_string(members_.size() - opening_) + " of " +
                     std::to_string(settings_.max_connections) + " connections are open";
  if (opening_ > 0) {
    const auto first = std::find_if(members_.begin(), members_.end(), [](const auto& each) {
      return each->now == member::stage::opening;
    });
    text += ", " + std::to_string(opening_) + " being opened (at the step \"" +
            std::string(to_string((*first)->link->doing().step)) + "\")";
  }
  return text + ", " + std::to_string(waiting_.size()) + " exchanges in the queue";
}

}  // namespace binarly::https
