// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/retry_decision.hpp"

#include <binarly/retry_policy.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

using binarly::errc;
using binarly::failure;
using binarly::jitter;
using binarly::retry_policy;
using std::chrono::milliseconds;
using std::chrono::seconds;
using namespace std::chrono_literals;

failure failed_with(errc code, unsigned status = 0) {
  binarly::failure_detail detail;
  detail.code = code;
  detail.http_status = status;
  return failure(detail);
}

failure asking_to_wait(seconds wish) {
  binarly::failure_detail detail;
  detail.code = errc::throttled;
  detail.http_status = 429;
  detail.retry_after = wish;
  return failure(detail);
}

const failure broken = failed_with(errc::connection_lost);

TEST_CASE("by default, what may pass is retried, and what will not is not") {
  struct row {
    errc code;
    unsigned status;
    bool retried;
  };
  const std::vector<row> table{
      {errc::invalid_argument, 0, false},
      {errc::unauthorized, 401, false},
      {errc::forbidden, 403, false},
      {errc::not_found, 404, false},
      {errc::rejected, 400, false},
      {errc::rejected, 409, false},
      {errc::rejected, 422, false},
      {errc::throttled, 429, true},
      {errc::server_error, 408, true},
      {errc::server_error, 500, true},
      {errc::server_error, 501, false},
      {errc::server_error, 502, true},
      {errc::server_error, 503, true},
      {errc::server_error, 504, true},
      {errc::server_error, 505, false},
      {errc::redirected, 302, false},
      {errc::resolve_failed, 0, true},
      {errc::connect_failed, 0, true},
      {errc::certificate_rejected, 0, false},
      {errc::handshake_failed, 0, true},
      {errc::connection_lost, 0, true},
      {errc::truncated, 200, true},
      {errc::malformed_answer, 0, false},
      {errc::too_large, 200, false},
      {errc::bad_response, 200, false},
      {errc::timed_out, 0, true},
      {errc::token_unavailable, 0, true},
      {errc::token_refused, 401, false},
      {errc::cancelled, 0, false},
      {errc::queue_full, 0, false},
      {errc::client_closed, 0, false},
  };
  for (const auto& [code, status, retried] : table) {
    CAPTURE(make_error_code(code).message());
    CAPTURE(status);
    CHECK(retry_policy().may_retry(failed_with(code, status)) == retried);
  }
}

TEST_CASE("of what a proxy says, only trouble that may pass is retried") {
  binarly::failure_detail detail;
  detail.code = errc::proxy_refused;
  for (const unsigned status : {500U, 502U, 503U, 504U}) {
    CAPTURE(status);
    detail.proxy_status = status;
    CHECK(retry_policy().may_retry(failure(detail)));
  }
  for (const unsigned status : {0U, 302U, 403U, 407U, 408U, 429U, 501U, 511U}) {
    CAPTURE(status);
    detail.proxy_status = status;
    CHECK_FALSE(retry_policy().may_retry(failure(detail)));
  }
}

TEST_CASE("backoff without jitter doubles up to the cap") {
  const auto policy = retry_policy().base_delay(100ms).delay_cap(1s).jitter_kind(jitter::none);
  const std::vector<milliseconds> expected{100ms, 200ms, 400ms, 800ms, 1s, 1s};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(policy.delay(static_cast<int>(i) + 1, 0ms, broken, 0.5) == expected[i]);
  }
  CHECK(policy.delay(10'000, 0ms, broken, 0.5) == 1s);
  CHECK(policy.delay(std::numeric_limits<int>::max(), 0ms, broken, 0.5) == 1s);
}

TEST_CASE("full jitter spreads over the whole of the exponential delay") {
  const auto policy = retry_policy().base_delay(100ms).delay_cap(1s);
  struct row {
    int attempt;
    double random;
    milliseconds expected;
  };
  const std::vector<row> table{
      {1, 0.0, 0ms}, {1, 0.5, 50ms}, {1, 0.999, 100ms}, {3, 0.25, 100ms}, {9, 0.5, 500ms},
  };
  for (const auto& [attempt, random, expected] : table) {
    CAPTURE(attempt);
    CAPTURE(random);
    CHECK(policy.delay(attempt, 0ms, broken, random) == expected);
  }
}

TEST_CASE("decorrelated jitter grows from the previous delay") {
  const auto policy =
      retry_policy().base_delay(100ms).delay_cap(1s).jitter_kind(jitter::decorrelated);
  struct row {
    milliseconds previous;
    double random;
    milliseconds expected;
  };
  const std::vector<row> table{
      {0ms, 0.0, 100ms},   {0ms, 0.5, 200ms},   {100ms, 0.5, 200ms},
      {200ms, 0.5, 350ms}, {800ms, 0.5, 550ms}, {800ms, 0.999, 999ms},
  };
  for (const auto& [previous, random, expected] : table) {
    CAPTURE(previous.count());
    CAPTURE(random);
    CHECK(policy.delay(2, previous, broken, random) == expected);
  }
}

TEST_CASE("no seed leads a delay out of its bounds") {
  for (const jitter kind : {jitter::none, jitter::full, jitter::decorrelated}) {
    const auto policy = retry_policy().base_delay(70ms).delay_cap(3s).jitter_kind(kind);
    milliseconds least = 1h;
    milliseconds most{0};
    for (std::uint32_t seed = 0; seed < 100'000; ++seed) {
      std::mt19937_64 generator(seed);
      milliseconds previous{0};
      for (int attempt = 1; attempt <= 4; ++attempt) {
        const double random = std::ldexp(static_cast<double>(generator() >> 11), -53);
        previous = policy.delay(attempt, previous, broken, random);
        least = std::min(least, previous);
        most = std::max(most, previous);
      }
    }
    CHECK(least >= (kind == jitter::full ? 0ms : 70ms));
    CHECK(most <= 3s);
  }
}

TEST_CASE("Retry-After is waited for, and backoff spreads those who were told the same") {
  const auto policy = retry_policy().base_delay(100ms);
  CHECK(policy.may_retry(asking_to_wait(2s)));
  CHECK(policy.delay(1, 0ms, asking_to_wait(2s), 0.0) == 2s);
  CHECK(policy.delay(1, 0ms, asking_to_wait(2s), 0.5) == 2050ms);
  CHECK(policy.delay(1, 0ms, asking_to_wait(0s), 0.5) == 50ms);
}

TEST_CASE("a Retry-After beyond the bound is not waited for") {
  auto policy = retry_policy().max_retry_after(5s);
  CHECK(policy.may_retry(asking_to_wait(5s)));
  CHECK_FALSE(policy.may_retry(asking_to_wait(6s)));
  CHECK_FALSE(policy.may_retry(asking_to_wait(seconds::max())));
  policy.classify_with([](const failure&) { return true; });
  CHECK_FALSE(policy.may_retry(asking_to_wait(6s)));
}

TEST_CASE("the caller's own functions take the place of either answer") {
  auto policy = retry_policy()
                    .classify_with([](const failure& why) { return why.code() == errc::not_found; })
                    .delay_with([](int attempt, milliseconds previous, const failure&, double) {
                      return previous + attempt * 1ms;
                    });
  CHECK(policy.may_retry(failed_with(errc::not_found, 404)));
  CHECK_FALSE(policy.may_retry(broken));
  CHECK(policy.delay(3, 7ms, broken, 0.9) == 10ms);
  policy.delay_with([](int, milliseconds, const failure&, double) { return -5ms; });
  CHECK(policy.delay(1, 0ms, broken, 0.9) == 0ms);
  policy.classify_with({}).delay_with({});
  CHECK(policy.may_retry(broken));
}

TEST_CASE("values out of bounds are refused by name") {
  retry_policy policy;
  const auto message_of = [](auto&& action) -> std::string {
    try {
      action();
    } catch (const binarly::failure_error& refused) {
      CHECK(refused.why().code() == errc::invalid_argument);
      return refused.what();
    }
    return "accepted";
  };
  CHECK(message_of([&] { policy.max_attempts(0); }).find("retry.max_attempts") !=
        std::string::npos);
  CHECK(message_of([&] { policy.max_attempts(101); }) != "accepted");
  CHECK(message_of([&] { policy.base_delay(-1ms); }) != "accepted");
  CHECK(message_of([&] { policy.base_delay(1h + 1ms); }) != "accepted");
  CHECK(message_of([&] { policy.delay_cap(99ms); }) != "accepted");
  CHECK(message_of([&] { policy.max_elapsed(-1ms); }) != "accepted");
  CHECK(message_of([&] { policy.max_retry_after(25h); }) != "accepted");
  CHECK(policy.base_delay(30s).delay_cap() == 30s);
}

TEST_CASE("a call gives up when attempts, elapsed time or the deadline forbid another wait") {
  using binarly::retry_stop;
  using binarly::policy::decide_retry;
  using binarly::policy::retry_budget;
  const auto policy =
      retry_policy().max_attempts(3).base_delay(100ms).jitter_kind(jitter::none).max_elapsed(1s);
  struct row {
    std::string what;
    int attempts;
    milliseconds elapsed;
    milliseconds remaining;
    failure why;
    retry_stop expected;
  };
  const std::vector<row> table{
      {"the first of three", 1, 0ms, 10s, broken, retry_stop::none},
      {"the last of three", 3, 0ms, 10s, broken, retry_stop::attempts},
      {"not worth it", 1, 0ms, 10s, failed_with(errc::not_found, 404), retry_stop::final},
      {"not worth it, and the last", 3, 0ms, 10s, failed_with(errc::not_found, 404),
       retry_stop::final},
      {"the wait ends in time", 1, 0ms, 101ms, broken, retry_stop::none},
      {"the wait ends at the deadline", 1, 0ms, 100ms, broken, retry_stop::deadline},
      {"the deadline has passed", 1, 0ms, -1ms, broken, retry_stop::deadline},
      {"within the elapsed bound", 1, 900ms, 10s, broken, retry_stop::none},
      {"beyond the elapsed bound", 1, 901ms, 10s, broken, retry_stop::elapsed},
      {"the server's wish in bounds", 1, 0ms, 100s, asking_to_wait(1s), retry_stop::elapsed},
      {"the server's wish beyond them", 1, 0ms, 100s, asking_to_wait(61s), retry_stop::retry_after},
  };
  for (const auto& row : table) {
    CAPTURE(row.what);
    binarly::policy::retry_progress progress;
    progress.attempts = row.attempts;
    progress.elapsed = row.elapsed;
    progress.remaining = row.remaining;
    retry_budget budget{binarly::retry_budget_options()};
    const auto decision = decide_retry(policy, progress, row.why, 0.5, budget);
    CHECK(decision.stop == row.expected);
    if (decision.retry()) CHECK(decision.wait == 100ms);
    // What is not retried costs nothing.
    CHECK(budget.tokens() == (decision.retry() ? 495 : 500));
  }
}

TEST_CASE("a wait that is known to be no use is never cut short") {
  const auto policy = retry_policy().base_delay(0ms).delay_cap(0ms);
  binarly::policy::retry_progress progress;
  progress.attempts = 1;
  progress.remaining = 1s;
  progress.least_wait = 300us;
  binarly::policy::retry_budget budget{binarly::retry_budget_options()};
  CHECK(binarly::policy::decide_retry(policy, progress, broken, 0.5, budget).wait == 1ms);
}

}  // namespace
