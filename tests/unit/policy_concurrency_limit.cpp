// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "policy/concurrency_limit.hpp"
#include "unit/limit_simulation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace {

using namespace limit_simulation;
using namespace std::chrono_literals;

constexpr time_point start{1000s};

concurrency_settings settings(std::size_t least, std::size_t initial, std::size_t most) {
  concurrency_settings made;
  made.least = least;
  made.initial = initial;
  made.most = most;
  return made;
}

/// So many answers of the same latency, with the limit's number in flight. Stops at a change.
bool serve(concurrency_limit& limit, int count, nanoseconds latency, time_point& now) {
  for (int i = 0; i < count; ++i) {
    now += 1ms;
    if (limit.on_end(attempt_end::served, latency, limit.current(), now - latency, now))
      return true;
  }
  return false;
}

TEST_CASE("the first round is followed by a look at half the limit, then the limit doubles") {
  concurrency_limit limit{concurrency_settings()};
  time_point now = start;
  std::vector<std::size_t> seen{limit.current()};
  while (seen.size() < 6 && serve(limit, 1000, 10ms, now))
    seen.push_back(limit.current());
  CHECK(seen == std::vector<std::size_t>{16, 8, 16, 32, 64, 128});
}

TEST_CASE("a latency that follows the limit down is a queue, and the limit goes on down") {
  concurrency_limit limit(settings(1, 100, 200));
  time_point now = start;
  std::vector<std::size_t> seen;
  for (int i = 0; i < 5; ++i) {
    // Of a service that holds 20.
    const auto latency = 1ms * std::max<std::size_t>(limit.current(), 20);
    REQUIRE(serve(limit, 1000, latency, now));
    seen.push_back(limit.current());
  }
  CHECK(seen == std::vector<std::size_t>{50, 30, 18, 19, 20});
}

TEST_CASE("at its least, the limit does not wait for a latency that cannot fall any more") {
  concurrency_limit limit(settings(2, 3, 3));
  time_point now = start;
  REQUIRE(serve(limit, 1000, 3ms, now));
  REQUIRE(limit.current() == 2);
  REQUIRE(serve(limit, 10'000, 2ms, now));
  CHECK(limit.current() == 3);
}

TEST_CASE("after fifty rounds, the limit is halved for one") {
  concurrency_limit limit(settings(1, 16, 16));
  time_point now = start;
  REQUIRE(serve(limit, 1000, 10ms, now));
  REQUIRE(serve(limit, 1000, 10ms, now));
  REQUIRE(limit.current() == 16);
  const time_point whole = now;
  REQUIRE(serve(limit, 10'000, 10ms, now));
  CHECK(limit.current() == 8);
  // A round is 16 answers, as the limit is; 7 are passed over, and a millisecond is between them.
  CHECK(now - whole == 7ms + 49 * 16ms);
  REQUIRE(serve(limit, 1000, 10ms, now));
  CHECK(limit.current() == 16);
}

TEST_CASE("ends that say nothing are no samples") {
  concurrency_limit limit{concurrency_settings()};
  for (int i = 0; i < 1000; ++i)
    CHECK_FALSE(limit.on_end(attempt_end::other, 10ms, 16, start, start + 1s));
}

TEST_CASE("however small the limit, no more than a third above the baseline is taken for normal") {
  concurrency_limit limit(settings(1, 4, 4));
  time_point now = start;
  REQUIRE(serve(limit, 1000, 10ms, now));
  REQUIRE(serve(limit, 1000, 10ms, now));
  REQUIRE(limit.current() == 4);
  CHECK_FALSE(serve(limit, 16, 13ms, now));
  REQUIRE(serve(limit, 32, 15ms, now));
  CHECK(limit.current() == 2);
}

TEST_CASE(
    "a latency that stays high is accepted if lowering the limit was in vain, and only then") {
  struct row {
    std::vector<nanoseconds> latencies;
    std::vector<std::size_t> limits;
  };
  for (const row& each :
       {row{{100ms, 100ms, 100ms}, {60, 36, 100}}, row{{100ms, 80ms, 65ms}, {60, 36, 100}},
        row{{100ms, 75ms, 55ms}, {60, 36, 21}}}) {
    concurrency_limit limit(settings(1, 100, 100));
    time_point now = start;
    REQUIRE(serve(limit, 1000, 10ms, now));
    REQUIRE(serve(limit, 1000, 10ms, now));
    REQUIRE(limit.current() == 100);
    // What began before is passed over.
    CHECK_FALSE(serve(limit, 49, 10ms, now));
    std::vector<std::size_t> seen;
    for (const nanoseconds latency : each.latencies) {
      REQUIRE(serve(limit, 1000, latency, now));
      seen.push_back(limit.current());
    }
    CHECK(seen == each.limits);
  }
}

TEST_CASE("signs of overload lower the limit once a round trip") {
  for (const auto how : {attempt_end::overloaded, attempt_end::other}) {
    concurrency_limit limit(settings(1, 100, 200));
    const bool lowers = how == attempt_end::overloaded;
    CHECK(limit.on_end(how, 1ms, 100, start, start + 1s) == lowers);
    CHECK(limit.current() == (lowers ? 85 : 100));
    // These began before it was lowered, and say nothing new.
    for (int i = 0; i < 50; ++i)
      CHECK_FALSE(limit.on_end(how, 1ms, 100, start + 999ms, start + 1s));
    CHECK(limit.on_end(how, 1ms, 85, start + 1s, start + 2s) == lowers);
    CHECK(limit.current() == (lowers ? 72 : 100));
  }
}

TEST_CASE("a limit that is not reached is lowered from what was reached") {
  concurrency_limit limit(settings(1, 100, 200));
  CHECK(limit.on_end(attempt_end::overloaded, 1ms, 20, start, start + 1s));
  CHECK(limit.current() == 17);
}

TEST_CASE("latency above the baseline lowers the limit to less than the service holds") {
  struct row {
    nanoseconds latency;
    std::size_t expected;  // of 16, after a baseline of 10 ms
  };
  for (const row& each :
       {row{12ms, 19}, row{13ms, 11}, row{20ms, 10}, row{10s, 10}, row{5ms, 19}}) {
    CAPTURE(each.latency.count());
    concurrency_limit limit(settings(1, 16, 200));
    time_point now = start;
    REQUIRE(serve(limit, 1000, 10ms, now));  // a look at half of it
    REQUIRE(serve(limit, 1000, 10ms, now));
    REQUIRE(limit.current() == 16);
    // Ends slow start without a change of the baseline.
    limit.on_end(attempt_end::overloaded, 1ms, 16, now, now);
    while (limit.current() < 17)
      REQUIRE(serve(limit, 1000, 10ms, now));
    REQUIRE(limit.current() == 17);
    REQUIRE(serve(limit, 1000, each.latency, now));
    CHECK(limit.current() == each.expected);
  }
}

TEST_CASE("whatever happens, the limit is within its bounds, and changes are told") {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    std::mt19937 generator(seed);
    const std::size_t least = 1 + generator() % 8;
    const std::size_t most = least + generator() % 100;
    concurrency_limit limit(settings(least, least + generator() % (most - least + 1), most));
    time_point now = start;
    for (int i = 0; i < 5000; ++i) {
      now += std::chrono::microseconds(generator() % 5000);
      const std::size_t before = limit.current();
      const nanoseconds latency = std::chrono::microseconds(generator() % 50'000);
      const auto dice = generator() % 100;
      const auto how = dice < 90   ? attempt_end::served
                       : dice < 91 ? attempt_end::overloaded
                                   : attempt_end::other;
      const bool changed = limit.on_end(how, generator() % 50 == 0 ? 0ns : latency,
                                        1 + generator() % before, now - latency, now);
      REQUIRE(changed == (limit.current() != before));
      REQUIRE(limit.current() >= least);
      REQUIRE(limit.current() <= most);
    }
  }
}

constexpr service_times all_times[] = {service_times::fixed, service_times::lognormal,
                                       service_times::exponential};

TEST_CASE("from below and from above, the limit comes to what the service holds") {
  for (const auto times : all_times) {
    for (const auto busy : {when_busy::queue, when_busy::refuse}) {
      for (const auto round_trip : {5ms, 20ms}) {
        // Where the way is as long as the service, one that refuses could hold more than its
        // workers: those on their way. It cannot be seen from here how many.
        if (busy == when_busy::refuse && round_trip == 20ms) continue;
        for (const std::size_t workers : std::initializer_list<std::size_t>{4, 10, 32, 100}) {
          for (const bool from_above : {false, true}) {
            for (std::uint32_t seed = 1; seed <= (workers > 10 ? 1 : 2); ++seed) {
              CAPTURE(static_cast<int>(times));
              CAPTURE(static_cast<int>(busy));
              CAPTURE(round_trip.count());
              CAPTURE(workers);
              CAPTURE(from_above);
              CAPTURE(seed);
              server_plan server;
              server.workers = workers;
              server.times = times;
              server.busy = busy;
              server.round_trip = round_trip;
              client_plan client;
              const auto thrice = static_cast<std::size_t>(3 * server.capacity());
              client.settings = settings(1, from_above ? thrice : 1, 1000);
              // A few workers serve too few for a shorter average.
              const nanoseconds time = workers > 10 ? 25s : 90s;
              const auto records = simulation(server, {client}, seed).run(time);
              const double limit = mean(records[0].limit, 15s, time) / server.capacity();
              CHECK(limit > 0.8);
              CHECK(limit < 1.2);
              const double served = throughput(records[0], 15s, time) / server.throughput();
              CHECK(served > (times == service_times::exponential ? 0.65 : 0.8));
            }
          }
        }
      }
    }
  }
}

TEST_CASE("clients that come one after the other share alike") {
  for (const auto times : all_times) {
    for (const std::size_t count : std::initializer_list<std::size_t>{2, 5, 10}) {
      for (std::uint32_t seed = 1; seed <= 3; ++seed) {
        CAPTURE(static_cast<int>(times));
        CAPTURE(count);
        CAPTURE(seed);
        server_plan server;
        server.workers = 32;
        server.times = times;
        std::vector<client_plan> clients(count);
        for (std::size_t i = 0; i < count; ++i)
          clients[i].arrives = 2s * i;
        const auto records = simulation(server, clients, seed).run(60s);
        std::vector<double> shares;
        double served = 0;
        for (const auto& each : records) {
          shares.push_back(throughput(each, 30s, 60s));
          served += shares.back();
        }
        CHECK(fairness(shares) >= 0.9);
        CHECK(served > 0.85 * server.throughput());
      }
    }
  }
}

/// How long it takes from a moment on, until two seconds serve 90 % of what was served before 20 s.
nanoseconds recovered(const client_record& record, nanoseconds from, nanoseconds to) {
  const double enough = 0.9 * throughput(record, 10s, 20s);
  nanoseconds when = from;
  while (when + 2s < to && throughput(record, when, when + 2s) < enough)
    when += simulation::slice;
  return when - from;
}

TEST_CASE("after ten seconds of a brown-out or an outage, throughput comes back") {
  for (const auto times : all_times) {
    for (const auto busy : {when_busy::queue, when_busy::refuse}) {
      for (const std::size_t workers : std::initializer_list<std::size_t>{4, 10, 32, 100}) {
        for (const bool outage : {false, true}) {
          CAPTURE(static_cast<int>(times));
          CAPTURE(static_cast<int>(busy));
          CAPTURE(workers);
          CAPTURE(outage);
          server_plan server;
          server.workers = workers;
          server.times = times;
          server.busy = busy;
          const std::size_t left = outage ? 0 : std::max<std::size_t>(1, workers / 10);
          server.changes = {{20s, left, 1}, {30s, workers, 1}};
          const auto records = simulation(server, {client_plan()}, 1).run(42s);
          CHECK(mean(records[0].limit, 28s, 30s) < 0.4 * server.capacity());
          CHECK(recovered(records[0], 30s, 42s) <=
                (times == service_times::exponential ? 10s : 3s));
        }
      }
    }
  }
}

TEST_CASE("a latency that is longer from now on is accepted") {
  for (const auto times : all_times) {
    for (const std::size_t workers : std::initializer_list<std::size_t>{4, 10, 32, 100}) {
      CAPTURE(static_cast<int>(times));
      CAPTURE(workers);
      server_plan server;
      server.workers = workers;
      server.times = times;
      server.changes = {{20s, workers, 3}};
      const auto records = simulation(server, {client_plan()}, 1).run(60s);
      const double served = 3 * throughput(records[0], 40s, 60s) / server.throughput();
      CHECK(served > (times == service_times::exponential ? 0.55 : 0.75));
    }
  }
}

TEST_CASE("a client with little to do does not let its limit grow beyond it") {
  for (const auto times : all_times) {
    for (const std::size_t demand : std::initializer_list<std::size_t>{1, 3, 10, 20}) {
      CAPTURE(static_cast<int>(times));
      CAPTURE(demand);
      server_plan server;
      server.workers = 100;
      server.times = times;
      client_plan client;
      client.settings = settings(1, 4, 128);
      client.demand = demand;
      const auto records = simulation(server, {client}, 1).run(30s);
      const double most = *std::max_element(records[0].limit.begin(), records[0].limit.end());
      // It doubles while it is reached.
      CHECK(most <= std::max(4.0, 2 * static_cast<double>(demand)) + 1e-6);
      CHECK(throughput(records[0], 10s, 30s) > 0.9 * 40 * static_cast<double>(demand));
    }
  }
}

}  // namespace
