// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_UNIT_LIMIT_SIMULATION_HPP
#define BINARLY_TESTS_UNIT_LIMIT_SIMULATION_HPP

#include "policy/concurrency_limit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <random>
#include <utility>
#include <vector>

namespace limit_simulation {

using binarly::policy::attempt_end;
using binarly::policy::concurrency_limit;
using binarly::policy::concurrency_settings;
using binarly::policy::time_point;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

enum class service_times { fixed, lognormal, exponential };
enum class when_busy { queue, refuse };

/// A service of so many workers behind a network, and how it changes over time.
struct server_plan {
  std::size_t workers = 10;
  service_times times = service_times::fixed;
  when_busy busy = when_busy::queue;
  nanoseconds service = milliseconds(20);    ///< on average
  nanoseconds round_trip = milliseconds(5);  ///< of the network alone
  struct change {
    nanoseconds at{};
    std::size_t workers = 0;
    double slower = 1;  ///< times the service time
  };
  std::vector<change> changes;

  /// Attempts in flight that keep all workers busy without a queue (Little's law): one at each
  /// worker, and those that are on their way meanwhile.
  [[nodiscard]] double capacity() const {
    // Without a queue, whoever arrives while all workers are busy is refused.
    if (busy == when_busy::refuse) return static_cast<double>(workers);
    return static_cast<double>(workers) * static_cast<double>((service + round_trip).count()) /
           static_cast<double>(service.count());
  }
  /// Answers in a second.
  [[nodiscard]] double throughput() const {
    return capacity() / std::chrono::duration<double>(service + round_trip).count();
  }
};

/// A client that always has work, up to `demand` at a time.
struct client_plan {
  concurrency_settings settings;
  nanoseconds arrives{};
  std::size_t demand = 1'000'000;
};

/// What one client saw, in slices of 100 ms.
struct client_record {
  std::vector<double> limit;          ///< on average over the slice
  std::vector<std::uint64_t> served;  ///< answers
  std::uint64_t overloaded = 0;       ///< in all
};

class simulation {
 public:
  static constexpr nanoseconds slice = milliseconds(100);

  simulation(server_plan server, const std::vector<client_plan>& clients, std::uint32_t seed)
      : server_(std::move(server)),
        generator_(seed),
        free_(static_cast<std::ptrdiff_t>(server_.workers)),
        workers_(free_) {
    for (const client_plan& plan : clients) {
      clients_.push_back(
          {plan, concurrency_limit(plan.settings), 0, plan.arrives, client_record()});
    }
  }

  /// Records for each client.
  std::vector<client_record> run(nanoseconds time) {
    for (const auto& each : server_.changes)
      at(each.at, [this, each] { change(each); });
    for (std::size_t i = 0; i < clients_.size(); ++i)
      at(clients_[i].plan.arrives, [this, i] { start(i); });
    while (!events_.empty() && events_.top().when <= time) {
      // The action may add events, so the event leaves the queue first.
      const event next = events_.top();
      events_.pop();
      give_up_before(next.when);
      now_ = next.when;
      next.action();
    }
    give_up_before(time);
    now_ = time;
    std::vector<client_record> records;
    for (client& each : clients_) {
      note_limit(each);
      records.push_back(std::move(each.record));
    }
    return records;
  }

 private:
  static constexpr nanoseconds patience = std::chrono::seconds(1);

  struct event {
    nanoseconds when{};
    std::uint64_t order = 0;
    std::function<void()> action;
    bool operator<(const event& other) const {
      return when != other.when ? when > other.when : order > other.order;
    }
  };
  struct client {
    client_plan plan;
    concurrency_limit limit;
    std::size_t in_flight = 0;
    nanoseconds noted{};  ///< until then the limit is in the record
    client_record record;
  };
  struct job {
    std::size_t client = 0;
    nanoseconds began{};
    bool over = false;
  };

  void at(nanoseconds when, std::function<void()> action) {
    events_.push({when, order_++, std::move(action)});
  }

  void start(std::size_t which) {
    client& self = clients_[which];
    while (self.in_flight < std::min(self.limit.current(), self.plan.demand)) {
      ++self.in_flight;
      const std::size_t id = jobs_.size();
      jobs_.push_back({which, now_, false});
      at(now_ + server_.round_trip / 2, [this, id] { arrive(id); });
    }
  }

  /// All wait for the same time, so those who began first give up first: the jobs themselves are a
  /// queue of these deadlines, in order.
  void give_up_before(nanoseconds when) {
    while (oldest_ < jobs_.size() && jobs_[oldest_].began + patience < when) {
      const std::size_t id = oldest_++;
      if (jobs_[id].over) continue;
      now_ = jobs_[id].began + patience;
      end(id, attempt_end::overloaded);
    }
  }

  void arrive(std::size_t id) {
    if (free_ > 0) {
      serve(id);
    } else if (server_.busy == when_busy::refuse) {
      at(now_ + server_.round_trip / 2, [this, id] { end(id, attempt_end::overloaded); });
    } else {
      queue_.push_back(id);
    }
  }

  void serve(std::size_t id) {
    --free_;
    at(now_ + service_time(), [this, id] {
      ++free_;
      at(now_ + server_.round_trip / 2, [this, id] { end(id, attempt_end::served); });
      serve_queued();
    });
  }

  void serve_queued() {
    // A worker does not know that nobody waits for the answer any more.
    while (free_ > 0 && !queue_.empty()) {
      const std::size_t id = queue_.front();
      queue_.pop_front();
      serve(id);
    }
  }

  void change(const server_plan::change& to) {
    const auto workers = static_cast<std::ptrdiff_t>(to.workers);
    free_ += workers - workers_;
    workers_ = workers;
    slower_ = to.slower;
    serve_queued();
  }

  void end(std::size_t id, attempt_end how) {
    job& ended = jobs_[id];
    if (ended.over) return;
    ended.over = true;
    client& self = clients_[ended.client];
    note_limit(self);
    self.limit.on_end(how, now_ - ended.began, self.in_flight, time_point(ended.began),
                      time_point(now_));
    --self.in_flight;
    if (how == attempt_end::served) {
      count(self.record.served, 1);
    } else {
      ++self.record.overloaded;
    }
    start(ended.client);
  }

  nanoseconds service_time() {
    const double mean = slower_ * static_cast<double>(server_.service.count());
    double time = mean;
    if (server_.times == service_times::exponential) {
      time = -mean * std::log(1 - uniform());
    } else if (server_.times == service_times::lognormal) {
      // Box and Muller: the standard's distributions differ between libraries.
      constexpr double sigma = 0.3;
      constexpr double two_pi = 6.283185307179586;
      const double normal = std::sqrt(-2 * std::log(1 - uniform())) * std::cos(two_pi * uniform());
      time = mean * std::exp(sigma * normal - sigma * sigma / 2);
    }
    return nanoseconds(std::llround(time));
  }
  double uniform() { return std::ldexp(static_cast<double>(generator_() >> 11U), -53); }

  template <class Counts>
  void count(Counts& counts, typename Counts::value_type by) {
    const auto index = static_cast<std::size_t>(now_ / slice);
    if (counts.size() <= index) counts.resize(index + 1);
    counts[index] += by;
  }

  void note_limit(client& self) {
    while (self.noted < now_) {
      const auto index = static_cast<std::size_t>(self.noted / slice);
      const nanoseconds until = std::min(now_, (self.noted / slice + 1) * slice);
      if (self.record.limit.size() <= index) self.record.limit.resize(index + 1);
      self.record.limit[index] += static_cast<double>(self.limit.current()) *
                                  static_cast<double>((until - self.noted).count()) /
                                  static_cast<double>(slice.count());
      self.noted = until;
    }
  }

  server_plan server_;
  std::mt19937_64 generator_;
  std::ptrdiff_t free_ = 0;
  std::ptrdiff_t workers_ = 0;
  double slower_ = 1;
  std::vector<client> clients_;
  std::deque<job> jobs_;
  std::size_t oldest_ = 0;  ///< the first job that may still be waited for
  std::deque<std::size_t> queue_;
  std::priority_queue<event> events_;
  std::uint64_t order_ = 0;
  nanoseconds now_{};
};

/// The mean of the slices from one moment to another.
template <class Slices>
double mean(const Slices& slices, nanoseconds from, nanoseconds to) {
  const auto first = static_cast<std::size_t>(from / simulation::slice);
  const auto last = static_cast<std::size_t>(to / simulation::slice);
  double sum = 0;
  for (std::size_t i = first; i < std::min(last, slices.size()); ++i)
    sum += static_cast<double>(slices[i]);
  return sum / static_cast<double>(last - first);
}

/// Answers in a second, from one moment to another.
inline double throughput(const client_record& record, nanoseconds from, nanoseconds to) {
  return 10 * mean(record.served, from, to);
}

/// Jain's index: 1 when all have the same, 1/n when one has everything.
inline double fairness(const std::vector<double>& shares) {
  double sum = 0;
  double squares = 0;
  for (const double each : shares) {
    sum += each;
    squares += each * each;
  }
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

}  // namespace limit_simulation

#endif
