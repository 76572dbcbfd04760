// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/concurrency_limit.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace binarly::policy {
namespace {

// Found by simulation: tests/unit/policy_concurrency_limit.cpp.

/// A round's average is to be known to a quarter of what is tolerated, but the round ends at
/// 16 times the limit in any case. Its error falls with the square root: 16 samples are the fewest
/// from which it can be told at all.
constexpr double errors_in_tolerance = 4;
constexpr double longest_round = 16;
constexpr double fewest_samples = 16;
/// A smaller limit has rounds as long as this one: their number evens out what is random.
constexpr double least_for_length = 8;

/// How far above the baseline a latency may be: as if sqrt(limit) attempts of ours were queueing,
/// as in Netflix's gradient limit. So the larger of two clients stops growing first. And no more.
constexpr double most_tolerated = 0.35;

/// Below this a queue harms nobody, in seconds; CoDel lets one of 5 ms stand (RFC 8289). So near,
/// the clients' own turns and the service's take as long as a queue would, and a service that takes
/// its requests by the handful serves more of them when more are there.
constexpr double harmless = 0.002;

/// How the baseline follows a round's average.
constexpr double baseline_down = 0.3;
constexpr double baseline_up = 0.03;

/// Part of what the service seems to hold, so that the queue drains.
constexpr double drained = 0.85;
/// What a step leaves of the limit, at the least: the estimate may be wrong.
constexpr double deepest_step = 0.6;
/// After a refusal or a timeout, which come without a measure.
constexpr double after_overload = 0.85;
/// While there is a queue, throughput does not depend on the limit, and latency falls with it.
constexpr double step_through_queue = 0.6;
constexpr double with_the_limit = 1.1;
/// After so many steps that did not end the congestion, a latency that is still this part of what
/// it was is not of our making.
constexpr int vain_steps_enough = 2;
constexpr double hardly_less = 0.6;

/// The limit is halved for a round if nothing lowered it for so many.
constexpr int rounds_between_descents = 50;
/// Growth doubles each time that so many rounds were clean.
constexpr int rounds_to_double = 3;

}  // namespace

double concurrency_limit::samples::error_of_average() const noexcept {
  const double variance = std::max(0.0, sum_of_squares / count - average() * average());
  return std::sqrt(variance / count);
}

concurrency_limit::concurrency_limit(const concurrency_settings& settings) noexcept
    : settings_(settings),
      limit_(static_cast<double>(settings.initial)),
      current_(settings.initial),
      // The first descent comes at once: the initial limit may be far too high.
      rounds_since_descent_(rounds_between_descents) {
  assert(settings.least >= 1 && settings.least <= settings.initial);
  assert(settings.initial <= settings.most && settings.most <= 1'000'000);
}

bool concurrency_limit::on_end(attempt_end how, std::chrono::nanoseconds latency,
                               std::size_t in_flight, time_point began, time_point now) noexcept {
  const std::size_t before = current_;
  in_flight_ = in_flight;
  if (how == attempt_end::overloaded && began >= lowered_at_) {
    round_.most_in_flight = std::max(round_.most_in_flight, in_flight);
    slow_start_ = false;
    clean_rounds_ = 0;
    descent_ = descent::none;
    begin_round(in_use() * after_overload, now);
  } else if (to_pass_ > 0) {
    --to_pass_;
  } else if (how == attempt_end::served) {
    const double seconds = std::chrono::duration<double>(latency).count();
    ++round_.count;
    round_.sum += seconds;
    round_.sum_of_squares += seconds * seconds;
    round_.most_in_flight = std::max(round_.most_in_flight, in_flight);
    if (complete()) end_round(now);
  }
  return current_ != before;
}

bool concurrency_limit::at_least() const noexcept { return current_ <= settings_.least; }

double concurrency_limit::tolerance() const noexcept {
  return std::min(most_tolerated, 1 / std::sqrt(limit_));
}

/// A limit that nobody reaches is lowered from what is reached.
double concurrency_limit::in_use() const noexcept {
  return std::min(limit_, static_cast<double>(round_.most_in_flight));
}

bool concurrency_limit::complete() const noexcept {
  const auto limit = static_cast<double>(current_);
  if (round_.count < std::max(fewest_samples, limit)) return false;
  return round_.count >= longest_round * std::max(least_for_length, limit) ||
         round_.error_of_average() * errors_in_tolerance <= round_.average() * tolerance();
}

void concurrency_limit::end_round(time_point now) noexcept {
  const double latency = round_.average();
  learn(latency);
  ++rounds_since_descent_;
  if (descent_ != descent::none && !at_least() && last_step_.latency > harmless) {
    const double followed = last_step_.latency * limit_ / last_step_.limit;
    if (latency < followed * with_the_limit) {
      slow_start_ = false;
      clean_rounds_ = 0;
      return descend(descent::queue, limit_ * step_through_queue, latency, now);
    }
  }
  if (descent_ == descent::probe) {
    descent_ = descent::none;
    return begin_round(top_.limit, now);
  }
  if (latency > baseline_ * (1 + tolerance()) && latency > baseline_ + harmless) {
    if (!at_least()) return relieve(latency, now);
    // So few are not what makes it slow.
    baseline_ = latency;
  }
  descent_ = descent::none;
  grow(latency, now);
}

/// Down quickly and up slowly, so that the baseline is near the least of what is seen, is not led
/// astray by chance as a minimum would be, and in time accepts what lasts.
void concurrency_limit::learn(double latency) noexcept {
  if (baseline_ == 0) baseline_ = latency;
  baseline_ += (latency - baseline_) * (latency < baseline_ ? baseline_down : baseline_up);
}

void concurrency_limit::descend(descent why, double to, double latency, time_point now) noexcept {
  last_step_ = {limit_, latency};
  if (descent_ == descent::none || descent_ != why) {
    top_ = last_step_;
    vain_steps_ = 0;
  }
  descent_ = why;
  begin_round(to, now);
}

/// The latency is too high, so the limit goes to below where the queue would be empty. Throughput
/// is limit / latency (Little's law), and that times the baseline is what the service holds.
void concurrency_limit::relieve(double latency, time_point now) noexcept {
  slow_start_ = false;
  clean_rounds_ = 0;
  rounds_since_descent_ = 0;
  if (descent_ == descent::congestion && ++vain_steps_ >= vain_steps_enough &&
      latency > top_.latency * hardly_less) {
    baseline_ = latency;
    descent_ = descent::none;
    return begin_round(top_.limit, now);
  }
  const double holds = baseline_ / latency * drained;
  descend(descent::congestion, in_use() * std::max(deepest_step, holds), latency, now);
}

void concurrency_limit::grow(double latency, time_point now) noexcept {
  // While the limit is not reached, latency does not say whether more would be served.
  if (round_.most_in_flight < current_) return begin_round(limit_, now);
  ++clean_rounds_;
  if (rounds_since_descent_ >= rounds_between_descents && limit_ >= 2) {
    rounds_since_descent_ = 0;
    return descend(descent::probe, limit_ / 2, latency, now);
  }
  const double more = std::exp2(std::min(clean_rounds_ / rounds_to_double, 20));
  begin_round(limit_ + (slow_start_ ? limit_ : std::min(limit_, more)), now);
}

void concurrency_limit::begin_round(double limit, time_point now) noexcept {
  const std::size_t before = current_;
  limit_ =
      std::clamp(limit, static_cast<double>(settings_.least), static_cast<double>(settings_.most));
  current_ = static_cast<std::size_t>(limit_);
  if (current_ != before) to_pass_ = in_flight_ > 0 ? in_flight_ - 1 : 0;
  if (current_ < before) lowered_at_ = now;
  round_ = {};
}

}  // namespace binarly::policy
