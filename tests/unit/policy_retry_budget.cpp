// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/retry_budget.hpp"
#include "policy/retry_decision.hpp"

#include <binarly/retry_policy.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <random>

namespace {

using binarly::errc;
using binarly::retry_budget_options;
using binarly::retry_policy;
using binarly::policy::retry_budget;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

TEST_CASE("a timeout costs more than a refusal, and a success at once pays back little") {
  retry_budget budget{retry_budget_options()};
  CHECK(budget.cost_of(errc::connect_failed) == 5);
  CHECK(budget.cost_of(errc::throttled) == 5);
  CHECK(budget.cost_of(errc::timed_out) == 10);
  // It is the service that is spared, and a token comes from elsewhere.
  CHECK(budget.cost_of(errc::token_unavailable) == 0);
  CHECK(budget.withdraw(10));
  CHECK(budget.tokens() == 490);
  budget.on_success(0);
  CHECK(budget.tokens() == 491);
  budget.on_success(5);
  CHECK(budget.tokens() == 496);
  budget.on_success(5);
  CHECK(budget.tokens() == 500);  // and never more
}

TEST_CASE("no budget denies nothing") {
  retry_budget_options none;
  none.capacity = 0;
  retry_budget budget(none);
  for (int i = 0; i < 10'000; ++i)
    CHECK(budget.withdraw(10));
  budget.on_success(10);
  CHECK(budget.tokens() == 0);
}

TEST_CASE("whatever happens, the budget is neither negative nor above its capacity") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 generator(seed);
    const auto up_to = [&generator](int most) {
      return static_cast<int>(generator() % static_cast<unsigned>(most));
    };
    retry_budget_options options;
    options.capacity = 1 + up_to(50);
    options.retry_cost = 1 + up_to(options.capacity);
    options.timeout_cost = 1 + up_to(options.capacity);
    options.refund = up_to(options.capacity + 1);
    retry_budget budget(options);
    for (int i = 0; i < 500; ++i) {
      const int cost = budget.cost_of(generator() % 2 == 0 ? errc::timed_out : errc::server_error);
      const int before = budget.tokens();
      if (generator() % 3 == 0) {
        budget.on_success(generator() % 2 == 0 ? cost : 0);
      } else {
        CHECK(budget.withdraw(cost) == (cost <= before));
      }
      REQUIRE(budget.tokens() >= 0);
      REQUIRE(budget.tokens() <= options.capacity);
    }
  }
}

/// What a service is asked in an hour, of which it is down for the middle third.
struct storm {
  double calls = 0;           ///< begun while it is down
  double attempts = 0;        ///< made while it is down
  std::uint64_t failed = 0;   ///< of the calls that began while it was up
  std::uint64_t retried = 0;  ///< attempts while it was up, beyond the first of each call
};

storm simulate(retry_budget_options options, double flakiness, std::uint32_t seed) {
  constexpr milliseconds hour = 1h;
  constexpr milliseconds down_from = hour / 3;
  constexpr milliseconds down_until = 2 * hour / 3;
  const auto policy = retry_policy();
  retry_budget budget(options);
  std::mt19937_64 generator(seed);
  const auto random = [&generator] {
    return std::ldexp(static_cast<double>(generator() >> 11U), -53);
  };
  struct caller {
    milliseconds began{};
    binarly::policy::retry_progress progress;
    int last_cost = 0;
  };
  storm seen;
  std::multimap<milliseconds, caller> due;
  // Ten calls a second.
  for (milliseconds when{0}; when < hour; when += 100ms) {
    caller next;
    next.began = when;
    due.emplace(when, next);
  }
  binarly::failure_detail detail;
  detail.code = errc::server_error;
  detail.http_status = 503;
  const binarly::failure why(detail);
  while (!due.empty()) {
    const milliseconds now = due.begin()->first;
    caller which = due.begin()->second;
    due.erase(due.begin());
    const bool down = now >= down_from && now < down_until;
    const bool began_in_it = which.began >= down_from && which.began < down_until;
    if (down && which.progress.attempts == 0) ++seen.calls;
    if (down) ++seen.attempts;
    if (!down && which.progress.attempts > 0) ++seen.retried;
    ++which.progress.attempts;
    if (!down && random() >= flakiness) {
      budget.on_success(which.last_cost);
      continue;
    }
    which.progress.remaining = 120s - (now - which.began);
    const auto decision =
        binarly::policy::decide_retry(policy, which.progress, why, random(), budget);
    if (decision.retry()) {
      which.progress.previous_wait = decision.wait;
      which.last_cost = decision.cost;
      due.emplace(now + decision.wait, which);
    } else if (!began_in_it) {
      ++seen.failed;
    }
  }
  return seen;
}

TEST_CASE("while a service is down, a client with a budget adds next to nothing to its load") {
  retry_budget_options none;
  none.capacity = 0;
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    const storm bounded = simulate(retry_budget_options(), 0.02, seed);
    CHECK(bounded.calls > 11'000);
    CHECK(bounded.attempts < 1.2 * bounded.calls);
    const storm boundless = simulate(none, 0.02, seed);
    CHECK(boundless.attempts > 3.9 * boundless.calls);
  }
}

TEST_CASE("while a service is only flaky, the budget is not noticed") {
  for (const double flakiness : {0.02, 0.1, 0.25}) {
    CAPTURE(flakiness);
    const storm seen = simulate(retry_budget_options(), flakiness, 1);
    // Of 24,000 calls; four attempts in a row fail by chance, and some meet the outage.
    const double by_chance = 24'000 * std::pow(flakiness, 4);
    CHECK(static_cast<double>(seen.failed) < 1.3 * by_chance + 60);
    CHECK(static_cast<double>(seen.retried) > 24'000 * flakiness * 0.9);
  }
}

}  // namespace
