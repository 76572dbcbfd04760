// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/pool.hpp"

#include "domain/span_text.hpp"

#include <algorithm>
#include <string>

namespace binarly::https {

using connect::transport_failure;
using domain::in_seconds;

namespace {

/// The alarm rings at most this often: a thousand deadlines in a row cost one timer, not a
/// thousand.
constexpr std::chrono::milliseconds alarm_grain{1};
/// How often a queue is looked at for nothing but to see whether it needs more connections.
constexpr std::chrono::milliseconds growth_grain{10};
/// A goodbye is one small write; a connection that cannot take it in this time is cut off.
constexpr std::chrono::seconds goodbye_bound{1};
/// The rest of an answer that nobody waits for is cheaper than a handshake for about so long.
constexpr std::chrono::seconds drain_bound{1};

std::string describe_bound(phase step, bool answer_begun, nanoseconds bound) {
  switch (step) {
    case phase::head:
    case phase::body:
      return (answer_begun ? "nothing more of the answer came for "
                           : "no byte of an answer came within ") +
             in_seconds(bound);
    default:
      return "this step may take " + in_seconds(bound);
  }
}

}  // namespace

/// One request on its way through the pool. It waits, or a member carries it, or it is done.
class pool::exchange final : public expirable {
 public:
  exchange(pool& owner, std::shared_ptr<const request> sent, std::shared_ptr<response_reader> to,
           time_point by, handler when_done)
      : what(std::move(sent)),
        reader(std::move(to)),
        deadline(by),
        owner_(owner),
        slot_(when_done.get_cancellation_slot()),
        handler_(std::move(when_done)) {}

  /// Calls `function` when the caller cancels.
  template <class F>
  void on_cancel(F function) {
    if (slot_.is_connected()) slot_.assign(std::move(function));
  }

  void complete(exchange_result result) {
    if (slot_.is_connected()) slot_.clear();
    handler done(std::move(handler_));
    std::move(done)(std::move(result));
  }

  void on_expired() override { owner_.on_late(*this); }

  const std::shared_ptr<const request> what;
  const std::shared_ptr<response_reader> reader;
  const time_point deadline;
  time_point arrived;
  std::optional<std::list<std::shared_ptr<exchange>>::const_iterator> queued;
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
  enum class stage {
    opening,
    idle,
    busy,
    draining,  ///< it reads what is left of an answer that nobody waits for
    closing,
  };

  member(std::weak_ptr<pool> owner, time_point when) : begun(when), owner_(std::move(owner)) {}

  // A handler that the pool calls may drop the last reference to it.
  void on_open(bool resumed) override {
    if (const auto owner = owner_.lock()) owner->on_open(*this, resumed);
  }
  void on_answer(const reuse_terms& terms) override {
    if (const auto owner = owner_.lock()) owner->on_answer(*this, terms);
  }
  void on_closed(transport_failure why, bool answer_begun) override {
    if (const auto owner = owner_.lock()) owner->on_closed(*this, std::move(why), answer_begun);
  }
  void on_expired() override {
    if (const auto owner = owner_.lock()) owner->look_at(*this);
  }

  std::shared_ptr<connection> link;
  std::list<std::shared_ptr<member>>::iterator position;
  std::shared_ptr<exchange> current;
  stage now = stage::opening;
  const time_point begun;
  time_point opened;
  time_point idle_since;  // of the latest time
  time_point lent;
  time_point until;        // of draining and closing
  nanoseconds idle_for{};  // before it was lent
  service_record record;
  std::optional<std::chrono::seconds> servers_timeout;
  close_reason closes_as = close_reason::client;

 private:
  const std::weak_ptr<pool> owner_;
};

pool::pool(pool_settings settings, pool_environment& environment)
    : settings_(settings), environment_(environment), listener_(environment.listener()) {
  class growth_look final : public expirable {
   public:
    explicit growth_look(pool& owner) : owner_(owner) {}
    void on_expired() override { owner_.dispatch(owner_.environment_.now()); }

   private:
    pool& owner_;
  };
  growth_ = std::make_shared<growth_look>(*this);
}

pool::~pool() {
  deadlines_.clear();
  for (const auto& each : members_)
    each->link->abort();
}

void pool::start(std::shared_ptr<const request> what, std::shared_ptr<response_reader> reader,
                 time_point deadline, handler done) {
  const auto entrant = std::make_shared<exchange>(*this, std::move(what), std::move(reader),
                                                  deadline, std::move(done));
  if (life_ == life::closed)
    return complete_soon(entrant, {errc::client_closed, phase::acquire, ""});
  if (idle_.empty() && waiting_.size() >= settings_.max_waiting) {
    return complete_soon(entrant, {errc::queue_full, phase::acquire, describe_queue()});
  }
  entrant->on_cancel(
      [owner = weak_from_this(), whose = std::weak_ptr(entrant)](boost::asio::cancellation_type) {
        const auto here = owner.lock();
        const auto which = whose.lock();
        if (here && which) here->cancel(which);
      });
  const auto now = environment_.now();
  enqueue(entrant, waiting_.end(), now);
  dispatch(now);
  // Only one that waits needs a deadline of its own: its connection is looked at anyway.
  if (entrant->queued) look_by(*entrant, std::min(deadline, now + settings_.acquire));
}

void pool::cancel(const std::shared_ptr<exchange>& whose) {
  if (!whose->queued && whose->carrier == nullptr) return;
  const phase step = step_of(*whose);
  const auto now = environment_.now();
  withdraw(*whose, now);
  dispatch(now);
  // Not now: this runs inside the slot that completing it clears.
  complete_soon(whose, {errc::cancelled, step, ""});
}

void pool::on_late(exchange& late) {
  const auto keep = **late.queued;
  const auto now = environment_.now();
  transport_failure why(errc::timed_out, phase::acquire, describe_queue());
  if (now < late.deadline) {
    why.reason =
        "no connection was free within " + in_seconds(settings_.acquire) + "; " + why.reason;
  }
  withdraw(late, now);
  dispatch(now);
  keep->complete(exchange_result(std::move(why)));
}

time_point pool::due(const member& which) const {
  switch (which.now) {
    case member::stage::opening: {
      const auto seen = which.link->doing();
      // On a connection with an executor of its own nothing may have been begun yet, or all is done
      // and the news of it on its way.
      if (seen.step == phase::acquire) return environment_.now() + settings_.bounds.resolve;
      return std::max(seen.since, which.begun) + bound_of(settings_.bounds, seen.step, false);
    }
    case member::stage::idle: {
      auto when = which.idle_since + idle_bound(settings_.idle_timeout, which.servers_timeout);
      if (settings_.max_lifetime.count() > 0) {
        when = std::min(when, which.opened + settings_.max_lifetime);
      }
      return when;
    }
    case member::stage::busy: {
      const auto seen = which.link->doing();
      // Likewise, the request may not have set out yet, or the answer is complete.
      if (seen.step == phase::acquire) {
        return std::min(which.current->deadline, environment_.now() + settings_.bounds.write);
      }
      return std::min(which.current->deadline,
                      std::max(seen.since, which.lent) +
                          bound_of(settings_.bounds, seen.step, seen.answer_begun));
    }
    case member::stage::draining:
    case member::stage::closing:
      break;
  }
  return which.until;
}

time_point pool::next_look(const member& which, time_point now) const {
  // The step may change unseen, to one with a shorter bound.
  switch (which.now) {
    case member::stage::opening:
      return std::min(due(which), now + shortest_to_open(settings_.bounds));
    case member::stage::busy:
      return std::min(due(which), now + shortest_to_exchange(settings_.bounds));
    default:
      return due(which);
  }
}

void pool::look_at(member& which) {
  const auto now = environment_.now();
  if (due(which) > now) return look_by(which, next_look(which, now));

  switch (which.now) {
    case member::stage::opening: {
      const auto seen = which.link->doing();
      const auto step = seen.step;
      auto said = describe_bound(step, false, bound_of(settings_.bounds, step, false));
      if (const auto& proxy = word_of_proxy(seen); !proxy.empty()) {
        said = step == phase::handshake ? said + "; " + proxy : proxy + ": " + said;
      }
      transport_failure why(errc::timed_out, step, std::move(said));
      which.link->abort();
      return on_closed(which, std::move(why), false);
    }
    case member::stage::idle: {
      const bool old =
          settings_.max_lifetime.count() > 0 && now - which.opened >= settings_.max_lifetime;
      return retire(which, old ? close_reason::worn_out : close_reason::idle, now);
    }
    case member::stage::busy: {
      const auto keep = which.current;
      const auto seen = which.link->doing();
      transport_failure why(errc::timed_out, seen.step, "");
      if (now < keep->deadline) {
        why.reason = describe_bound(seen.step, seen.answer_begun,
                                    bound_of(settings_.bounds, seen.step, seen.answer_begun));
      }
      exchange_result result(std::move(why));
      result.carried = now - which.lent;
      withdraw(*keep, now);
      dispatch(now);
      return keep->complete(std::move(result));
    }
    case member::stage::draining:
    case member::stage::closing:
      which.link->abort();
      remove(which, which.closes_as);
      return dispatch(now);
  }
}

void pool::on_open(member& which, bool resumed) {
  --opening_;
  const auto now = environment_.now();
  which.opened = now;
  opening_time_.add(now - which.begun);
  health_.on_opened();
  meter_.opened.add();
  if (resumed) meter_.resumed.add();
  if (listener_ != nullptr) listener_->on_opened(resumed);
  keep_idle(which, now);
  dispatch(now);
}

void pool::on_answer(member& which, const reuse_terms& terms) {
  const auto now = environment_.now();
  const auto done = take_current(which);
  exchange_result result;
  result.carried = now - which.lent;
  if (done) {
    exchange_time_.add(result.carried);
  } else {
    meter_.drained.add();
  }
  auto& record = which.record;
  record.age = now - which.opened;
  ++record.served;
  if (!record.max_requests) record.max_requests = terms.max_requests;
  which.servers_timeout = terms.idle_timeout;
  switch (after_answer(terms.reusable, record, settings_.max_lifetime)) {
    case next_use::lend:
      keep_idle(which, now);
      break;
    case next_use::end:
      retire(which, close_reason::announced, now);
      break;
    case next_use::worn_out:
      retire(which, close_reason::worn_out, now);
      break;
  }
  dispatch(now);
  // First: a caller who waits his turn outside of the pool may have the connection at once.
  if (done) done->complete(std::move(result));
  if (which.now == member::stage::idle) which.link->watch();
}

void pool::on_closed(member& which, transport_failure why, bool answer_begun) {
  const auto now = environment_.now();
  auto broken = take_current(which);
  const bool reused = which.record.served > 0 || which.idle_for.count() > 0;
  switch (which.now) {
    case member::stage::opening:
      health_.on_failed(why, which.begun, now, environment_.random());
      to_prewarm_ = 0;
      which.closes_as = close_reason::not_opened;
      break;
    case member::stage::idle:
      which.closes_as = close_reason::server;
      break;
    case member::stage::busy:
      which.closes_as = close_reason::broken;
      // It ended before it took the request, which had been given away all the same.
      if (why.step == phase::acquire) why.step = phase::write;
      if (exchange_after_break(reused, answer_begun, broken->replayed) == after_break::replay) {
        which.closes_as = close_reason::server;
        broken->replayed = true;
        meter_.replayed.add();
        if (listener_ != nullptr) listener_->on_replayed();
        enqueue(broken, waiting_.begin(), now);
        look_by(*broken, std::min(broken->deadline, now + settings_.acquire));
        broken = nullptr;
        retire_suspects(which.idle_for, now);
      }
      break;
    case member::stage::draining:
    case member::stage::closing:
      break;
  }
  const auto gone = remove(which, which.closes_as);
  dispatch(now);
  if (broken) broken->complete(exchange_result(std::move(why)));
}

void pool::on_alarm() {
  const auto keep = shared_from_this();
  alarm_.reset();
  const auto now = environment_.now();
  while (expirable* const late = deadlines_.pop_expired(now))
    late->on_expired();
  if (!deadlines_.empty()) require_alarm(std::max(deadlines_.earliest(), now + alarm_grain));
}

void pool::prewarm(std::size_t connections) {
  to_prewarm_ = connections;
  dispatch(environment_.now());
}

void pool::wind_down() {
  if (life_ != life::open) return;
  life_ = life::winding_down;
  to_prewarm_ = 0;
  dispatch(environment_.now());
}

void pool::shutdown() {
  life_ = life::closed;
  std::vector<std::pair<std::shared_ptr<exchange>, phase>> ended;
  for (const auto& each : waiting_)
    ended.emplace_back(each, phase::acquire);
  for (const auto& each : members_) {
    if (each->current) ended.emplace_back(each->current, each->link->doing().step);
  }
  for (const auto& each : waiting_) {
    each->queued.reset();
    deadlines_.clear(*each);
  }
  waiting_.clear();
  while (!members_.empty()) {
    members_.front()->link->abort();
    take_current(*members_.front());
    remove(*members_.front(), close_reason::client);
  }
  stop_alarm_if_unneeded();
  show_gauges();
  for (const auto& [each, step] : ended)
    each->complete(exchange_result({errc::client_closed, step, ""}));
}

void pool::sever() {
  for (const auto& each : members_)
    each->link->sever();
}

void pool::abandon() {
  life_ = life::closed;
  // Destroying a handler may run its owner's destructors: the pool is consistent before that.
  const auto waited = std::exchange(waiting_, {});
  const auto carried = std::exchange(members_, {});
  idle_.clear();
  opening_ = 0;
  closing_ = 0;
  deadlines_.clear();
  show_gauges();
  for (const auto& each : carried)
    each->link->abort();
}

void pool::dispatch(time_point now) {
  while (!waiting_.empty() && !idle_.empty()) {
    member& free = *idle_.back();
    const auto found = next_for(free, now);
    if (found == waiting_.end()) break;
    idle_.pop_back();
    auto next = *found;
    waiting_.erase(found);
    next->queued.reset();
    deadlines_.clear(*next);
    lend(free, std::move(next), now);
  }
  if (life_ == life::winding_down) {
    while (!idle_.empty())
      retire(*idle_.back(), close_reason::client, now);
  }
  if (!waiting_.empty() || to_prewarm_ > 0) grow(now);
  stop_alarm_if_unneeded();
  show_gauges();
}

std::list<std::shared_ptr<pool::exchange>>::const_iterator pool::next_for(const member& free,
                                                                          time_point now) const {
  const bool fresh = free.record.served == 0 && free.idle_since == now;
  return std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& each) {
    return may_take(each->replayed, fresh, health_.refused() != nullptr);
  });
}

void pool::grow(time_point now) {
  pool_census census;
  census.waiting = waiting_.size();
  census.opening = opening_;
  census.replayed = static_cast<std::size_t>(std::distance(
      waiting_.begin(),  // where those that were replayed stand
      std::find_if(waiting_.begin(), waiting_.end(), [](const auto& e) { return !e->replayed; })));
  census.open = count_open();
  census.connections = members_.size();
  census.exchange_time = exchange_time_.value();
  census.opening_time = opening_time_.value();
  if (!waiting_.empty()) census.head_waited = now - waiting_.front()->arrived;
  auto wanted = connections_to_open(census, settings_.max_connections, settings_.max_opening);
  if (to_prewarm_ > 0) {
    wanted = std::max(
        wanted, std::min({to_prewarm_, settings_.max_connections - members_.size(),
                          settings_.max_opening - std::min(opening_, settings_.max_opening)}));
  }
  for (auto left = health_.allow(wanted, opening_, now); left > 0; --left) {
    open_one(now);
    if (to_prewarm_ > 0) --to_prewarm_;
  }
  if (waiting_.empty()) return;
  if (health_.refused() != nullptr && opening_ == 0 && census.open == 0) return fail_stranded(now);
  if (census.open > 0 && members_.size() < settings_.max_connections) {
    auto when = waiting_.front()->arrived + growth_patience(census.opening_time);
    if (health_.refused() != nullptr) when = std::max(when, health_.next_try());
    look_by(*growth_, std::max(when, now + growth_grain));
  }
}

void pool::fail_stranded(time_point now) {
  auto why = *health_.refused();
  why.retry_in = std::max(nanoseconds(0), health_.next_try() - now);
  for (const auto& each : std::exchange(waiting_, {})) {
    each->queued.reset();
    deadlines_.clear(*each);
    complete_soon(each, why);
  }
}

void pool::open_one(time_point now) {
  const auto fresh = std::make_shared<member>(weak_from_this(), now);
  fresh->link = environment_.make_connection(fresh);
  fresh->position = members_.insert(members_.end(), fresh);
  ++opening_;
  fresh->link->open();
  look_by(*fresh, now + shortest_to_open(settings_.bounds));
}

void pool::lend(member& which, std::shared_ptr<exchange> to, time_point now) {
  which.now = member::stage::busy;
  which.idle_for = now - which.idle_since;
  which.lent = now;
  to->carrier = &which;
  if (which.record.served > 0) {
    meter_.reused.add();
    if (listener_ != nullptr) listener_->on_reused();
  }
  look_by(which, std::min(to->deadline, now + shortest_to_exchange(settings_.bounds)));
  which.current = std::move(to);
  which.link->send(which.current->what, which.current->reader);
}

void pool::enqueue(const std::shared_ptr<exchange>& which,
                   std::list<std::shared_ptr<exchange>>::const_iterator where, time_point now) {
  which->arrived = now;
  which->queued = waiting_.insert(where, which);
}

void pool::keep_idle(member& which, time_point now) {
  which.now = member::stage::idle;
  which.idle_since = now;
  idle_.push_back(&which);
  look_by(which, due(which));
}

void pool::retire(member& which, close_reason why, time_point now) {
  std::erase(idle_, &which);
  which.now = member::stage::closing;
  which.closes_as = why;
  which.until = now + goodbye_bound;
  ++closing_;
  look_by(which, which.until);
  which.link->close();
}

void pool::retire_suspects(nanoseconds dead_idle, time_point now) {
  const auto idle = idle_;
  for (member* const each : idle) {
    if (suspect(now - each->idle_since, dead_idle)) retire(*each, close_reason::suspect, now);
  }
}

std::shared_ptr<pool::member> pool::remove(member& which, close_reason why) {
  if (which.now == member::stage::opening) --opening_;
  if (which.now == member::stage::closing) --closing_;
  std::erase(idle_, &which);
  deadlines_.clear(which);
  meter_.closed[static_cast<std::size_t>(why)].add();
  if (listener_ != nullptr) listener_->on_closed(why);
  auto gone = *which.position;
  members_.erase(which.position);
  if (members_.empty() && life_ == life::winding_down) environment_.on_empty();
  return gone;
}

void pool::withdraw(exchange& which, time_point now) {
  if (which.queued) {
    deadlines_.clear(which);
    waiting_.erase(*std::exchange(which.queued, {}));
    return;
  }
  member& carrier = *which.carrier;
  take_current(carrier);
  carrier.now = member::stage::draining;
  carrier.closes_as = close_reason::left;
  carrier.until = now + drain_bound;
  look_by(carrier, carrier.until);
  carrier.link->release();
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

void pool::look_by(expirable& item, time_point when) {
  deadlines_.bring_forward(item, when);
  require_alarm(when);
}

void pool::stop_alarm_if_unneeded() {
  // An alarm that is set keeps the execution context busy.
  if (waiting_.empty()) deadlines_.clear(*growth_);
  if (!deadlines_.empty() || !alarm_) return;
  alarm_.reset();
  environment_.stop_alarm();
}

void pool::require_alarm(time_point when) {
  if (alarm_ && *alarm_ <= when) return;
  alarm_ = when;
  environment_.set_alarm(when);
}

void pool::show_gauges() noexcept {
  meter_.open.set(count_open());
  meter_.idle.set(idle_.size());
  meter_.opening.set(opening_);
  meter_.waiting.set(waiting_.size());
}

std::size_t pool::count_open() const noexcept { return members_.size() - opening_ - closing_; }

const std::string& pool::word_of_proxy(const connect::progress::snapshot& seen) const {
  static const std::string nothing;
  if (seen.step != phase::handshake) return settings_.proxy;
  return seen.answer_begun ? nothing : settings_.silent_tunnel;
}

std::string pool::describe_queue() const {
  std::string text = std::to_string(count_open()) + " of " +
                     std::to_string(settings_.max_connections) + " connections are open";
  if (opening_ > 0) {
    const auto first = std::find_if(members_.begin(), members_.end(), [](const auto& each) {
      return each->now == member::stage::opening;
    });
    const auto seen = (*first)->link->doing();
    text += ", " + std::to_string(opening_) + " being opened (at the step \"" +
            std::string(to_string(seen.step)) + '"';
    if (const auto& proxy = word_of_proxy(seen); !proxy.empty()) text += "; " + proxy;
    text += ')';
  }
  text += ", " + std::to_string(waiting_.size()) + " exchanges in the queue";
  if (const auto* const refused = health_.refused()) {
    text += "; the last connection that was tried failed at the step \"" +
            std::string(to_string(refused->step)) + "\": " + refused->reason;
  }
  return text;
}

}  // namespace binarly::https
