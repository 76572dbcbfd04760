// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_FLIGHT_HPP
#define BINARLY_CLIENT_FLIGHT_HPP

#include "call/call.hpp"
#include "client/completion.hpp"

#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace binarly::detail {

template <class T>
class flight;

/// The lookups in flight that others may join, by what they ask for, which each of them keeps. On
/// the strand.
template <class T>
using flight_table = std::unordered_map<std::string_view, flight<T>*>;

/// Who waits for a flight, on terms of his own.
template <class T>
class passenger final : public completion<T>,
                        public binarly::call::expirable,
                        public std::enable_shared_from_this<passenger<T>> {
 public:
  passenger(std::shared_ptr<binarly::call::engine> engine, typename completion<T>::handler done,
            std::shared_ptr<call_report> report)
      : completion<T>(std::move(engine), std::move(done)), report_(std::move(report)) {}

  /// Asks for what a flight brings: takes the one that is under way and agrees, or makes one.
  void start(std::shared_ptr<flight_table<T>> table, call::operation what, call::settings how,
             T& (*value)(call::answer_decoder&)) {
    this->on_cancel(this->shared_from_this(), [](passenger& here) { here.leave(errc::cancelled); });
    asio::dispatch(this->engine()->strand(),
                   [self = this->shared_from_this(), table = std::move(table),
                    what = std::move(what), how = std::move(how), value]() mutable {
                     self->board(std::move(table), std::move(what), std::move(how), value);
                   });
  }

  /// Alone, it takes the value out of the decoder, which others share otherwise.
  void arrive(std::shared_ptr<call::answer_decoder> found, T& (*value)(call::answer_decoder&),
              bool alone, const call_report& report) {
    give(&report, [found = std::move(found), value, alone]() -> result<T> {
      T& here = value(*found);
      if (alone) return std::move(here);
      return here;
    });
  }
  void arrive(failure why, const call_report* report = nullptr) {
    give(report, [why = std::move(why)]() -> result<T> { return why; });
  }

 private:
  friend class flight<T>;

  template <class Make>
  void give(const call_report* report, Make make) {
    if (report_) {
      *report_ = report != nullptr ? *report : call_report();
      report_->joined = joined_;
    }
    this->deliver(this->shared_from_this(), std::move(make));
  }

  void board(std::shared_ptr<flight_table<T>> table, call::operation what, call::settings how,
             T& (*value)(call::answer_decoder&)) {
    // It was cancelled before there was anything to wait for.
    if (left_ != errc{}) {
      failure_detail detail;
      detail.code = left_;
      detail.operation = what.name;
      detail.resource = what.target.substr(what.resource_begin, what.resource_size);
      return arrive(failure(std::move(detail)));
    }
    std::string key = what.target;
    if (how.more_fields) key.append("\n").append(*how.more_fields);
    const auto found = table->find(key);
    if (found != table->end() && found->second->agrees_with(how)) {
      joined_ = true;
      return found->second->join(this->shared_from_this(), how.deadline);
    }
    const auto made =
        std::make_shared<flight<T>>(this->engine(), std::move(what), how, value, std::move(table));
    // One that nobody else can join is in no table.
    if (found == made->table().end()) made->enter_table(std::move(key));
    made->join(this->shared_from_this(), how.deadline);
    made->begin();
  }

  void on_expired() override { leave(errc::timed_out); }

  void leave(errc why) {
    left_ = why;
    if (flight_ != nullptr) flight_->part_with(*this, why);
  }

  flight<T>* flight_ = nullptr;  // which owns this, as long as it is aboard
  typename std::list<std::shared_ptr<passenger>>::iterator seat_;
  std::chrono::nanoseconds deadline_{};  // from the time of joining
  call::time_point until_;
  errc left_{};
  bool joined_ = false;
  const std::shared_ptr<call_report> report_;  // null where it does not ask for it
};

/// One lookup for all who ask for the same thing at the same time. It belongs to the client, and
/// runs to the latest deadline of those who wait, each of whom keeps his own. Who leaves leaves the
/// others undisturbed; the last one to leave cancels it.
template <class T>
class flight final : public call::call {
 public:
  flight(std::shared_ptr<binarly::call::engine> engine, binarly::call::operation what,
         binarly::call::settings how, T& (*value)(binarly::call::answer_decoder&),
         std::shared_ptr<flight_table<T>> table)
      : call(*engine, std::move(what), std::move(how)),
        engine_(std::move(engine)),
        value_(value),
        table_(std::move(table)) {}
  /// Aboard there is somebody left only where the execution context has ended.
  ~flight() override {
    leave_table();
    for (const auto& each : aboard_)
      each->flight_ = nullptr;
  }

  [[nodiscard]] flight_table<T>& table() noexcept { return *table_; }
  void enter_table(std::string key) {
    key_ = std::move(key);
    table_->emplace(key_, this);
  }

  void join(std::shared_ptr<passenger<T>> who, std::chrono::nanoseconds deadline) {
    who->flight_ = this;
    who->deadline_ = deadline;
    who->until_ = engine_->now() + deadline;
    who->seat_ = aboard_.insert(aboard_.end(), who);
    if (aboard_.size() == 1) return;
    // A single one's deadline is the flight's own.
    this->extend_to(who->until_);
    // Where it depends on when the flight has its turns, it is the flight's for all.
    if (this->spares_limits()) return;
    for (const auto& each : aboard_) {
      if (!each->is_linked()) engine_->remind(*each, each->until_);
    }
  }

  void part_with(passenger<T>& who, errc why) {
    who.flight_ = nullptr;
    engine_->forget(who);
    const auto left = *who.seat_;
    aboard_.erase(who.seat_);
    if (aboard_.empty()) {
      // Whoever asks now gets an answer that was begun after he did.
      leave_table();
      this->cancel(why);
    }
    const call_report report = this->report(nullptr);
    left->arrive(this->interrupted(why, who.deadline_), &report);
  }

 private:
  void on_done(binarly::call::answered outcome) override {
    engine_->leave(*this);
    leave_table();
    const auto arrived = std::exchange(aboard_, {});
    const call_report report = this->report(&outcome);
    for (const auto& each : arrived) {
      each->flight_ = nullptr;
      engine_->forget(*each);
    }
    if (!outcome) {
      for (const auto& each : arrived)
        each->arrive(outcome.error(), &report);
      return;
    }
    const std::shared_ptr<binarly::call::answer_decoder> found = std::move(*outcome);
    for (const auto& each : arrived)
      each->arrive(found, value_, arrived.size() == 1, report);
  }

  void leave_table() {
    if (!key_.empty()) table_->erase(key_);
    key_.clear();
  }

  const std::shared_ptr<binarly::call::engine> engine_;
  T& (*const value_)(binarly::call::answer_decoder&);
  const std::shared_ptr<flight_table<T>> table_;
  std::string key_;  // empty while it is not in the table
  std::list<std::shared_ptr<passenger<T>>> aboard_;
};

}  // namespace binarly::detail

#endif
