// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/metrics.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace binarly;
using namespace std::chrono_literals;

attempt_finished attempt(error_code code, std::chrono::nanoseconds took) {
  attempt_finished it;
  it.code = code;
  it.duration = took;
  return it;
}

call_finished call(error_code code, std::chrono::nanoseconds took) {
  call_finished it;
  it.code = code;
  it.elapsed = took;
  return it;
}

metrics after_some_events() {
  metrics seen;
  const auto hears = seen.listener();
  hears(attempt_started());
  hears(attempt(errc::throttled, 1ms));
  retry_scheduled retry;
  retry.why = errc::throttled;
  hears(retry);
  hears(attempt({}, 3ms));
  hears(call({}, 100ms));
  hears(call(errc::not_found, 2s));
  hears(hedge_sent());
  hears(breaker_changed{breaker_state::open, 5s});
  hears(breaker_changed{breaker_state::half_open, {}});
  hears(limit_changed{operation_kind::find_hashes, 17});
  hears(token_renewed());
  hears(token_failed());
  hears(connection_opened{peer::service, true});
  hears(connection_opened{peer::identity_server, false});
  hears(connection_reused{peer::service});
  hears(connection_replayed{peer::service});
  hears(connection_closed{peer::service, close_reason::server});
  hears(events_lost{3});
  return seen;
}

TEST_CASE("metrics count every kind of event") {
  const auto seen = after_some_events().snapshot();
  CHECK(seen.attempts.at(errc::throttled) == 1);
  CHECK(seen.attempts.at(errc{}) == 1);
  CHECK(seen.retries.at(errc::throttled) == 1);
  CHECK(seen.calls.at(errc{}) == 1);
  CHECK(seen.calls.at(errc::not_found) == 1);
  CHECK(seen.hedges == 1);
  CHECK(seen.breaker_opened == 1);
  CHECK(seen.breaker == breaker_state::half_open);
  CHECK(seen.limits == std::array<std::size_t, 3>{0, 17, 0});
  CHECK(seen.tokens_renewed == 1);
  CHECK(seen.tokens_failed == 1);
  CHECK(seen.connections_opened[0] == 1);
  CHECK(seen.connections_opened[1] == 1);
  CHECK(seen.connections_resumed[0] == 1);
  CHECK(seen.connections_resumed[1] == 0);
  CHECK(seen.connections_reused[0] == 1);
  CHECK(seen.connections_replayed[0] == 1);
  CHECK(seen.connections_closed[0][static_cast<std::size_t>(close_reason::server)] == 1);
  CHECK(seen.events_lost == 3);
  CHECK(seen.call_latency.count() == 2);
  CHECK(seen.call_latency.longest() == 2s);
  CHECK(seen.attempt_latency.within(0.5) >= 1ms);
}

TEST_CASE("the text format has each metric once, with its help, its type and its lines") {
  const std::string text = prometheus_text(after_some_events().snapshot());
  const auto has = [&](const std::string& line) {
    CAPTURE(line);
    CHECK(('\n' + text).find('\n' + line + '\n') != std::string::npos);
  };
  has("# HELP binarly_images_calls_total Calls that ended, by result.");
  has("# TYPE binarly_images_calls_total counter");
  has(R"(binarly_images_calls_total{result="ok"} 1)");
  has(R"(binarly_images_calls_total{result="not_found"} 1)");
  has(R"(binarly_images_retries_total{reason="throttled"} 1)");
  has("# TYPE binarly_images_call_duration_seconds histogram");
  has(R"(binarly_images_call_duration_seconds_bucket{le="0.000524288"} 0)");
  has(R"(binarly_images_call_duration_seconds_bucket{le="0.134217728"} 1)");
  has(R"(binarly_images_call_duration_seconds_bucket{le="68.719476736"} 2)");
  has(R"(binarly_images_call_duration_seconds_bucket{le="+Inf"} 2)");
  has("binarly_images_call_duration_seconds_sum 2.100000000");
  has("binarly_images_call_duration_seconds_count 2");
  has(R"(binarly_images_connections_closed_total{peer="service",reason="server"} 1)");
  has("binarly_images_concurrency_limit{operation=\"get image\"} 0");
  has("binarly_images_concurrency_limit{operation=\"find hashes\"} 17");
  has("binarly_images_breaker_state 2");
  has(R"(binarly_images_tokens_total{result="failed"} 1)");
  has("binarly_images_events_lost_total 3");
}

TEST_CASE("metrics are counted and read by several threads") {
  metrics seen;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([hears = seen.listener()] {
      for (int j = 0; j < 1000; ++j)
        hears(call({}, 1ms));
    });
  }
  for (int i = 0; i < 20; ++i)
    CHECK(seen.snapshot().call_latency.count() <= 4000);
  for (auto& each : threads)
    each.join();
  CHECK(seen.snapshot().calls.at(errc{}) == 4000);
}

}  // namespace
