// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/check_options.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace binarly::call {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_timeout = std::chrono::hours(24);

void require(bool good, const char* option, const char* bounds) {
  if (!good) {
    throw failure_error(
        failure(errc::invalid_argument, std::string(option) + " must be " + bounds));
  }
}

void require_timeout(milliseconds value, const char* option) {
  require(value > milliseconds(0) && value <= longest_timeout, option,
          "positive, and at most 24 hours");
}

void require_span(milliseconds value, const char* option) {
  require(value >= milliseconds(1) && value <= std::chrono::hours(1), option,
          "from 1 ms to 1 hour");
}

void check_load(const client_options& options) {
  constexpr std::size_t million = 1'000'000;
  const auto& concurrency = options.concurrency;
  require(concurrency.most <= million, "concurrency.most", "at most 1000000");
  const auto most = concurrency.most > 0 ? concurrency.most : 2 * options.pool.max_connections;
  require(concurrency.least >= 1 && concurrency.least <= most, "concurrency.least",
          "from 1 to concurrency.most");
  require(concurrency.initial >= 1 && concurrency.initial <= million, "concurrency.initial",
          "from 1 to 1000000");
  const double rate = options.rate.per_second;
  require(rate == 0 || (rate >= 0.001 && rate <= 1e6), "rate.per_second",
          "0, or from 0.001 to 1000000");
  require(options.rate.burst >= 1 && options.rate.burst <= million, "rate.burst",
          "from 1 to 1000000");
  const auto& breaker = options.breaker;
  require(breaker.failure_ratio > 0 && breaker.failure_ratio <= 1, "breaker.failure_ratio",
          "above 0, and at most 1");
  require(breaker.min_attempts >= 1 && breaker.min_attempts <= million, "breaker.min_attempts",
          "from 1 to 1000000");
  require_span(breaker.window, "breaker.window");
  require_span(breaker.open_for, "breaker.open_for");
  require(breaker.probes >= 1 && breaker.probes <= 1000, "breaker.probes", "from 1 to 1000");
  const auto& hedge = options.hedge;
  if (hedge.delay) require_span(*hedge.delay, "hedge.delay");
  require(hedge.percentile >= 0.5 && hedge.percentile <= 1, "hedge.percentile", "from 0.5 to 1");
  require(hedge.ratio >= 0 && hedge.ratio <= 1, "hedge.ratio", "from 0 to 1");
}

}  // namespace

void check_options(const client_options& options) {
  constexpr std::size_t most_connections = 10'000;
  constexpr const char* some_connections = "from 1 to 10000";
  const auto& pool = options.pool;
  require(pool.max_connections >= 1 && pool.max_connections <= most_connections,
          "pool.max_connections", some_connections);
  require(pool.max_opening >= 1 && pool.max_opening <= most_connections, "pool.max_opening",
          some_connections);
  require(pool.max_waiting >= 1, "pool.max_waiting", "at least 1");
  require(pool.prewarm <= pool.max_connections, "pool.prewarm", "at most pool.max_connections");
  require(pool.idle_timeout >= milliseconds(0) && pool.idle_timeout <= std::chrono::hours(1),
          "pool.idle_timeout", "from 0 to 1 hour");
  require(pool.max_lifetime >= milliseconds(0) && pool.max_lifetime <= longest_timeout,
          "pool.max_lifetime", "from 0 to 24 hours");
  require(pool.address_lifetime >= milliseconds(0) && pool.address_lifetime <= longest_timeout,
          "pool.address_lifetime", "from 0 to 24 hours");
  require_timeout(options.timeouts.deadline, "timeouts.deadline");
  require_timeout(options.timeouts.attempt, "timeouts.attempt");
  require_timeout(options.timeouts.acquire, "timeouts.acquire");
  require_timeout(options.timeouts.token, "timeouts.token");
  require_timeout(options.timeouts.resolve, "timeouts.resolve");
  require_timeout(options.timeouts.connect, "timeouts.connect");
  require_timeout(options.timeouts.proxy, "timeouts.proxy");
  require_timeout(options.timeouts.handshake, "timeouts.handshake");
  require_timeout(options.timeouts.write, "timeouts.write");
  require_timeout(options.timeouts.first_byte, "timeouts.first_byte");
  require_timeout(options.timeouts.between_bytes, "timeouts.between_bytes");
  require(options.limits.head >= 1024 && options.limits.head <= 1024 * 1024, "limits.head",
          "from 1 KiB to 1 MiB");
  require(options.limits.body >= 1024 && options.limits.body <= 1024 * 1024 * 1024, "limits.body",
          "from 1 KiB to 1 GiB");
  require(options.limits.report >= 1024 &&
              options.limits.report <= std::uint64_t{16} * 1024 * 1024 * 1024,
          "limits.report", "from 1 KiB to 16 GiB");
  const auto& budget = options.retry_budget;
  require(budget.capacity >= 0 && budget.capacity <= 1'000'000, "retry_budget.capacity",
          "from 0 to 1000000");
  if (budget.capacity > 0) {
    constexpr const char* some_tokens = "from 1 to retry_budget.capacity";
    require(budget.retry_cost >= 1 && budget.retry_cost <= budget.capacity,
            "retry_budget.retry_cost", some_tokens);
    require(budget.timeout_cost >= 1 && budget.timeout_cost <= budget.capacity,
            "retry_budget.timeout_cost", some_tokens);
    require(budget.refund >= 0 && budget.refund <= budget.capacity, "retry_budget.refund",
            "from 0 to retry_budget.capacity");
  }
  check_load(options);
  const auto& agent = options.user_agent;
  require(agent.size() <= 256 &&
              std::all_of(agent.begin(), agent.end(), [](char c) { return c >= ' ' && c <= '~'; }),
          "user_agent", "at most 256 printable ASCII characters");
}

}  // namespace binarly::call
