// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/check_options.hpp"

#include <binarly/credentials.hpp>
#include <binarly/failure.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

/// What was said against it; empty when it was accepted.
std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const binarly::failure_error& refused) {
    CHECK(refused.why().code() == binarly::errc::invalid_argument);
    return refused.what();
  }
  return "";
}

TEST_CASE("the defaults are good") {
  CHECK(refusal([] { binarly::call::check_options(binarly::client_options()); }).empty());
}

TEST_CASE("an option out of its bounds is refused by name") {
  struct row {
    std::string name;
    std::function<void(binarly::client_options&)> spoil;
  };
  const std::vector<row> table{
      {"pool.max_connections", [](auto& o) { o.pool.max_connections = 0; }},
      {"pool.max_connections", [](auto& o) { o.pool.max_connections = 10'001; }},
      {"pool.max_opening", [](auto& o) { o.pool.max_opening = 0; }},
      {"pool.max_waiting", [](auto& o) { o.pool.max_waiting = 0; }},
      {"pool.idle_timeout", [](auto& o) { o.pool.idle_timeout = -1ms; }},
      {"pool.idle_timeout", [](auto& o) { o.pool.idle_timeout = 1h + 1ms; }},
      {"pool.max_lifetime", [](auto& o) { o.pool.max_lifetime = -1ms; }},
      {"timeouts.deadline", [](auto& o) { o.timeouts.deadline = 0ms; }},
      {"timeouts.deadline", [](auto& o) { o.timeouts.deadline = 25h; }},
      {"timeouts.attempt", [](auto& o) { o.timeouts.attempt = -1ms; }},
      {"timeouts.connect", [](auto& o) { o.timeouts.connect = 0ms; }},
      {"timeouts.token", [](auto& o) { o.timeouts.token = 0ms; }},
      {"retry_budget.capacity", [](auto& o) { o.retry_budget.capacity = -1; }},
      {"retry_budget.capacity", [](auto& o) { o.retry_budget.capacity = 1'000'001; }},
      {"retry_budget.retry_cost", [](auto& o) { o.retry_budget.retry_cost = 0; }},
      {"retry_budget.retry_cost", [](auto& o) { o.retry_budget.retry_cost = 501; }},
      {"retry_budget.timeout_cost", [](auto& o) { o.retry_budget.timeout_cost = 0; }},
      {"retry_budget.refund", [](auto& o) { o.retry_budget.refund = -1; }},
      {"concurrency.least", [](auto& o) { o.concurrency.least = 0; }},
      {"concurrency.least", [](auto& o) { o.concurrency.least = 129; }},
      {"concurrency.most", [](auto& o) { o.concurrency.most = 1'000'001; }},
      {"concurrency.initial", [](auto& o) { o.concurrency.initial = 0; }},
      {"rate.per_second", [](auto& o) { o.rate.per_second = -1; }},
      {"rate.per_second", [](auto& o) { o.rate.per_second = 1e6 + 1; }},
      {"rate.per_second", [](auto& o) { o.rate.per_second = std::nan(""); }},
      {"rate.burst", [](auto& o) { o.rate.burst = 0; }},
      {"breaker.failure_ratio", [](auto& o) { o.breaker.failure_ratio = 0; }},
      {"breaker.min_attempts", [](auto& o) { o.breaker.min_attempts = 0; }},
      {"breaker.window", [](auto& o) { o.breaker.window = 0ms; }},
      {"breaker.open_for", [](auto& o) { o.breaker.open_for = 2h; }},
      {"breaker.probes", [](auto& o) { o.breaker.probes = 0; }},
      {"hedge.delay", [](auto& o) { o.hedge.delay = 0ms; }},
      {"hedge.percentile", [](auto& o) { o.hedge.percentile = 0.4; }},
      {"hedge.ratio", [](auto& o) { o.hedge.ratio = 1.1; }},
      {"limits.head", [](auto& o) { o.limits.head = 1023; }},
      {"limits.body", [](auto& o) { o.limits.body = 0; }},
      {"limits.report", [](auto& o) { o.limits.report = 1023; }},
      {"limits.report", [](auto& o) { o.limits.report = (std::size_t{16} << 30U) + 1; }},
      {"user_agent", [](auto& o) { o.user_agent = "a\r\nX-Evil: b"; }},
      {"user_agent", [](auto& o) { o.user_agent = std::string(257, 'a'); }},
  };
  for (const auto& [name, spoil] : table) {
    CAPTURE(name);
    binarly::client_options options;
    spoil(options);
    CHECK(refusal([&] { binarly::call::check_options(options); }).find(name) != std::string::npos);
  }
}

TEST_CASE("a token is trimmed, checked, and never repeated") {
  CHECK(refusal([] { (void)binarly::credentials::bearer(" abc.DEF-123_~+/==\r\n"); }).empty());
  CHECK(binarly::credentials().origin() == nullptr);
  for (const std::string bad :
       {"", " \n", "hush\r\nX: y", "hush hush", "hush\x01", "h\xc3\xbcsh", "hush\""}) {
    CAPTURE(bad);
    const std::string said = refusal([&] { (void)binarly::credentials::bearer(bad); });
    CHECK_FALSE(said.empty());
    CHECK(said.find("hush") == std::string::npos);
  }
  CHECK_FALSE(
      refusal([] { (void)binarly::credentials::bearer(std::string(16 * 1024 + 1, 'a')); }).empty());
}

}  // namespace
