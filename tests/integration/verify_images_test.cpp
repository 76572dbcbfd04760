// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/client_verify_run.hpp"
#include "support/growing_bound.hpp"
#include "support/patience.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

/// Counts down at the end of its scope.
class leaving {
 public:
  explicit leaving(std::atomic<int>& counter) : counter_(counter) {}
  ~leaving() { --counter_; }
  leaving(const leaving&) = delete;
  leaving& operator=(const leaving&) = delete;

 private:
  std::atomic<int>& counter_;
};

verify_options window_of(std::size_t window) {
  verify_options options;
  options.window = window;
  return options;
}

fake_service_options misbehaving(std::initializer_list<fault> kinds) {
  fake_service_options served;
  for (const fault kind : kinds)
    served.faults.emplace_back(kind, 0.1).duration = 1ms;
  return served;
}

}  // namespace

TEST_CASE("verify: every expectation gets its verification, and the window is never exceeded") {
  client_fixture world;
  for (const std::size_t window : {1U, 2U, 7U, 64U}) {
    CAPTURE(window);
    ledger book;
    const verify_run run(world.make_client(), book.source(world.service, 200), book.sink(),
                         window_of(window));
    run_until_done(world.context, run);
    book.check_complete(run);
    CHECK(!run.thrown());
    CHECK(run.summary().complete);
    CHECK(run.summary().count(verdict::verified) == 200);
    CHECK(book.most_out == window);
    for (const auto& [tag, done] : book.by_tag) {
      CHECK(done.expectation.ref == world.ref(tag));
      REQUIRE(done.image != nullptr);
      CHECK(done.image->id == world.ref(tag).image_id());
      CHECK(done.mismatches.empty());
      CHECK(!done.failure.code());
      CHECK(done.latency.count() > 0);
    }
  }
}

TEST_CASE("verify: faults that pass change no verdict") {
  client_fixture world(
      misbehaving({fault::reset_before, fault::reset_in_body, fault::truncate_body,
                   fault::status_503, fault::status_429, fault::close_before, fault::delay,
                   fault::chunked, fault::close_after, fault::slow_bytes}));
  world.options.retry = retry_policy().max_attempts(100).base_delay(0ms).delay_cap(0ms);
  world.options.retry_budget.capacity = 0;  // more than half of all attempts fail
  ledger book;
  const verify_run run(world.make_client(), book.source(world.service, 300), book.sink(),
                       window_of(32));
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().complete);
  CHECK(run.summary().count(verdict::verified) == 300);
  CHECK(world.service.counters().faults > 300);
}

TEST_CASE("verify: faults that stay touch nothing but their own verification") {
  client_fixture world(
      misbehaving({fault::wrong_image, fault::forbidden, fault::html_success, fault::garbage,
                   fault::redirect, fault::huge_head, fault::broken_json, fault::status_500}));
  ledger book;
  const verify_run run(world.make_client(), book.source(world.service, 300), book.sink(),
                       window_of(16));
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().complete);
  for (const auto value : {verdict::verified, verdict::forbidden, verdict::failed}) {
    CHECK(book.count(value) > 10);
  }
  CHECK(book.count(verdict::missing) == 0);
  CHECK(book.count(verdict::mismatched) == 0);
  CHECK(book.count(verdict::cancelled) == 0);
  for (const auto& [tag, done] : book.by_tag) {
    const bool answered = done.verdict == verdict::verified || done.verdict == verdict::mismatched;
    CHECK((done.image != nullptr) == answered);
    CHECK(static_cast<bool>(done.failure.code()) != answered);
    CHECK(done.mismatches.empty() == (done.verdict != verdict::mismatched));
  }
}

TEST_CASE("verify: each field that differs is named") {
  asio::io_context context;
  const std::string body =
      R"({"id":"image","name":"n","version":"v","createTime":"2024-01-20T10:00:00Z","author":"a",)"
      R"("parent":"products/product"})";
  const raw_server server(context.get_executor(), [&](const std::string&) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  });
  const client service(context.get_executor(),
                       options_for(url_of_port(server.port()), server.ca_pem()));
  std::vector<expectation> expected(2, expectation(image_ref("product", "image")));
  expected[0].parent = "products/elsewhere";
  expected[0].name = "N";
  expected[0].version = "";
  expected[1].version = "v";
  std::vector<verification> done;
  const verify_run run(
      service, expected, [&](verification one) { done.push_back(std::move(one)); }, window_of(1));
  run_until_done(context, run);
  REQUIRE(done.size() == 2);
  CHECK(done[0].verdict == verdict::mismatched);
  const std::vector<std::vector<std::string>> wanted{
      {"parent", "products/elsewhere", "products/product"},
      {"name", "N", "n"},
      {"version", "", "v"}};
  REQUIRE(done[0].mismatches.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& [field, expected_text, found] = done[0].mismatches[i];
    CHECK(std::vector<std::string>{field, expected_text, found} == wanted[i]);
  }
  CHECK(done[1].verdict == verdict::verified);
}

TEST_CASE("verify: missing and forbidden images have verdicts of their own") {
  client_fixture world;
  const auto service = world.make_client();
  world.service.script(world.ref(1), {misbehaviour(fault::forbidden)});
  const std::vector<image_ref> refs{world.ref(0), world.ref(1),
                                    image_ref(world.ref(0).product_id(), "unknown")};
  std::vector<verification> done;
  const verify_run run(
      service, refs, [&](verification one) { done.push_back(std::move(one)); }, window_of(1));
  run_until_done(world.context, run);
  REQUIRE(done.size() == 3);
  CHECK(done[0].verdict == verdict::verified);
  CHECK(done[1].verdict == verdict::forbidden);
  CHECK(done[1].failure == condition::forbidden);
  CHECK(done[2].verdict == verdict::missing);
  CHECK(done[2].failure == condition::not_found);
  CHECK(run.summary().count(verdict::missing) == 1);
}

TEST_CASE("verify: a token that is not accepted says nothing of the uploads") {
  fake_service_options served;
  served.token = "another";
  client_fixture world(served);
  ledger book;
  const verify_run run(world.make_client(), book.source(world.service, 20), book.sink());
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().count(verdict::failed) == 20);
}

TEST_CASE("verify: a run that would fail every upload gives up, and says why") {
  for (const auto kind : {fault::not_found_html, fault::unauthorized}) {
    fake_service_options served;
    served.faults = {misbehaviour(kind, 1)};
    client_fixture world(served);
    ledger book;
    auto options = window_of(4);
    options.give_up_after = 6;
    const verify_run run(world.make_client(), book.source(world.service, 1000), book.sink(),
                         options);
    run_until_done(world.context, run);
    book.check_complete(run);
    CHECK_FALSE(run.summary().complete);
    CHECK(book.taken >= 6);
    CHECK(book.taken <= 6 + 4);
    CHECK(run.summary().count(verdict::failed) == book.taken);
    REQUIRE(run.summary().given_up);
    CHECK(*run.summary().given_up ==
          (kind == fault::unauthorized ? errc::unauthorized : errc::bad_response));
  }
}

TEST_CASE("verify: a run never gives up where it is told so") {
  fake_service_options served;
  served.faults = {misbehaviour(fault::unauthorized, 1)};
  client_fixture world(served);
  ledger book;
  verify_options options;
  options.give_up_after = 0;
  const verify_run run(world.make_client(), book.source(world.service, 100), book.sink(), options);
  run_until_done(world.context, run);
  CHECK(run.summary().complete);
  CHECK(run.summary().count(verdict::failed) == 100);
  CHECK_FALSE(run.summary().given_up);
}

TEST_CASE("verify: an empty reference fails alone") {
  client_fixture world;
  const verify_run run(world.make_client(), std::vector<image_ref>{image_ref(), world.ref(1)},
                       [&](const verification& done) {
                         CHECK((done.verdict == verdict::failed) == done.expectation.ref.empty());
                       });
  run_until_done(world.context, run);
  CHECK(run.summary().count(verdict::verified) == 1);
  CHECK(run.summary().count(verdict::failed) == 1);
}

TEST_CASE("verify: a source with nothing to yield") {
  client_fixture world;
  ledger book;
  const verify_run run(world.make_client(), std::vector<expectation>{}, book.sink());
  CHECK(!run.done());
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(!run.thrown());
  CHECK(run.summary().complete);
  CHECK(run.summary().total() == 0);
  CHECK(world.service.counters().connections == 0);
}

TEST_CASE("verify: a window that cannot be is refused, and nothing is taken") {
  client_fixture world;
  for (const std::size_t window : {std::size_t{0}, std::size_t{1'000'001}}) {
    ledger book;
    const verify_run run(world.make_client(), book.source(world.service, 5), book.sink(),
                         window_of(window));
    CHECK(!run.done());
    run_until_done(world.context, run);
    CHECK(run.completions() == 1);
    CHECK(run.problem().find("window") != std::string::npos);
    CHECK_THROWS_AS(std::rethrow_exception(run.thrown()), failure_error);
    CHECK(book.taken == 0);
  }
}

TEST_CASE("verify: a run goes on without the client that it was given") {
  client_fixture world;
  ledger book;
  std::optional<client> service(world.make_client());
  const verify_run run(*service, book.source(world.service, 50), book.sink(), window_of(4));
  run_until(world.context, [&] { return book.delivered > 0; });
  service.reset();
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().count(verdict::verified) == 50);
}

TEST_CASE("verify: on many threads, source and sink are still called one at a time") {
  background_service service;
  std::promise<verify_summary> ended;
  ledger book;
  std::atomic<int> inside = 0;
  std::atomic<bool> overlapped = false;
  const auto alone = [&](auto function) {
    return [&, function](auto... given) mutable {
      if (inside.fetch_add(1) != 0) overlapped = true;
      const leaving last(inside);
      return function(std::move(given)...);
    };
  };
  asio::thread_pool pool(4);
  const client own(pool.get_executor(), options_for(*service));
  async_verify_images(own, verification_source(alone(book.source(*service, 500))),
                      verification_sink([enter = alone(book.sink())](verification done) mutable {
                        enter(std::move(done));
                      }),
                      window_of(64),
                      [&](const std::exception_ptr& thrown, const verify_summary& summary) {
                        CHECK(!thrown);
                        ended.set_value(summary);
                      });
  auto summary = ended.get_future();
  REQUIRE(summary.wait_for(patience) == std::future_status::ready);
  CHECK(summary.get().count(verdict::verified) == 500);
  CHECK(book.by_tag.size() == 500);
  CHECK(book.most_out <= 64);
  CHECK(!overlapped);
}

TEST_CASE("verify: in order, verifications come as their expectations went") {
  fake_service_options served = misbehaving({fault::delay});
  served.faults[0].probability = 0.5;
  client_fixture world(served);
  ledger book;
  std::vector<std::uint64_t> delivered;
  auto options = window_of(16);
  options.in_order = true;
  const verify_run run(
      world.make_client(), book.source(world.service, 200),
      [&](verification done) {
        delivered.push_back(done.expectation.tag);
        book.accept(std::move(done));
      },
      options);
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(book.most_out == 16);
  CHECK(std::is_sorted(delivered.begin(), delivered.end()));
}

TEST_CASE("verify: the summary adds up to what the service saw") {
  client_fixture world(misbehaving({fault::status_503, fault::status_500}));
  world.options.retry = retry_policy().max_attempts(100).base_delay(0ms).delay_cap(0ms);
  world.options.retry_budget.capacity = 0;
  ledger book;
  const auto begun = std::chrono::steady_clock::now();
  const verify_run run(world.make_client(), book.source(world.service, 200), book.sink());
  run_until_done(world.context, run);
  const auto span = std::chrono::steady_clock::now() - begun;
  book.check_complete(run);
  const auto& summary = run.summary();
  const auto seen = world.service.counters();
  CHECK(summary.attempts == seen.requests);
  CHECK(summary.attempts > 200);
  REQUIRE(summary.retries.size() == 1);
  CHECK(summary.retries.at(errc::server_error) == seen.faults);
  CHECK(summary.latencies.count() == 200);
  CHECK(summary.bytes > 200 * 100);
  CHECK(summary.limited.count() > 0);
  CHECK(summary.elapsed <= span);
  CHECK(summary.throughput() >= 200 / std::chrono::duration<double>(span).count());
  int attempts = 0;
  std::size_t retried = 0;
  for (const auto& [tag, done] : book.by_tag) {
    attempts += done.attempts;
    retried += done.retried.size();
    CHECK(done.limit > 0);
    CHECK(done.attempts == static_cast<int>(done.retried.size()) + 1);
  }
  CHECK(attempts == static_cast<int>(seen.requests));
  CHECK(retried == seen.faults);
}

TEST_CASE("verify: equal references in flight are one lookup, which counts once") {
  fake_service_options served;
  served.latency = 20ms;
  client_fixture world(served);
  ledger book;
  std::uint64_t taken = 0;
  const verify_run run(
      world.make_client(),
      [&]() -> std::optional<expectation> {
        if (taken == 20) return std::nullopt;
        expectation next(world.ref(0));
        next.tag = taken++;
        if (next.tag == 7) next.version = "another";
        return next;
      },
      [&](verification done) {
        ++book.taken;
        book.accept(std::move(done));
      });
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(world.service.counters().requests == 1);
  CHECK(run.summary().attempts == 1);
  CHECK(run.summary().count(verdict::verified) == 19);
  CHECK(book.by_tag.at(7).verdict == verdict::mismatched);
  int attempts = 0;
  for (const auto& [tag, done] : book.by_tag)
    attempts += done.attempts;
  CHECK(attempts == 1);
}

TEST_CASE("verify: sources of every kind") {
  client_fixture world;
  std::vector<image_ref> refs;
  for (std::uint64_t index = 0; index < 5; ++index)
    refs.push_back(world.ref(index));
  std::optional<verification_source> source;
  SUBCASE("a range") { source.emplace(refs); }
  SUBCASE("a view") {
    source.emplace(std::views::iota(std::size_t{0}, std::size_t{5}) |
                   std::views::transform([&](std::size_t index) { return refs[index]; }));
  }
  SUBCASE("iterators") { source.emplace(refs.begin(), refs.end()); }
  SUBCASE("an input iterator that is moved") {
    source.emplace(std::make_move_iterator(refs.begin()), std::make_move_iterator(refs.end()));
  }
  SUBCASE("a callable that cannot be copied") {
    source.emplace(
        [left = std::make_unique<std::vector<image_ref>>(refs)]() -> std::optional<expectation> {
          if (left->empty()) return std::nullopt;
          std::optional<expectation> next(std::in_place, left->back());
          left->pop_back();
          return next;
        });
  }
  std::vector<std::string> seen;
  const verify_run run(world.make_client(), std::move(*source),
                       [&seen, alone = std::make_unique<int>()](const verification& done) {
                         seen.push_back(done.expectation.ref.image_id());
                       });
  run_until_done(world.context, run);
  CHECK(run.summary().count(verdict::verified) == 5);
  std::sort(seen.begin(), seen.end());
  CHECK(std::unique(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("verify: the last attempt of a lookup that failed was not made again") {
  client_fixture world;
  world.options.retry = retry_policy().max_attempts(3).base_delay(0ms).delay_cap(0ms);
  for (std::uint64_t index = 0; index < 5; ++index)
    world.service.script(world.ref(index), std::vector(3, misbehaviour(fault::status_500)));
  ledger book;
  const verify_run run(world.make_client(), book.source(world.service, 5), book.sink());
  run_until_done(world.context, run);
  book.check_complete(run);
  CHECK(run.summary().count(verdict::failed) == 5);
  CHECK(run.summary().attempts == 15);
  CHECK(run.summary().retries.at(errc::server_error) == 10);
  for (const auto& [tag, done] : book.by_tag)
    CHECK(done.retried.size() == 2);
}

TEST_CASE("verify: a mix of every fault, each at a tenth of the uploads") {
  // First those that pass, so that each upload meets all of its own; the last one settles it.
  const std::vector<fault> pass{
      fault::delay,         fault::hang,         fault::reset_before,  fault::reset_in_head,
      fault::reset_in_body, fault::close_before, fault::truncate_body, fault::unannounced_end,
      fault::status_408,    fault::status_429,   fault::status_500,    fault::status_502,
      fault::status_503,    fault::status_504,   fault::html_error};
  const std::vector<std::pair<fault, verdict>> stay{
      {fault::reset_after, verdict::verified},    {fault::close_after, verdict::verified},
      {fault::slow_bytes, verdict::verified},     {fault::continue_first, verdict::verified},
      {fault::chunked, verdict::verified},        {fault::html_success, verdict::failed},
      {fault::wrong_json, verdict::failed},       {fault::broken_json, verdict::failed},
      {fault::wrong_image, verdict::failed},      {fault::deep_json, verdict::failed},
      {fault::huge_body, verdict::failed},        {fault::huge_head, verdict::failed},
      {fault::garbage, verdict::failed},          {fault::redirect, verdict::failed},
      {fault::forbidden, verdict::forbidden},     {fault::not_found, verdict::missing},
      {fault::unauthorized, verdict::failed},     {fault::not_found_text, verdict::failed},
      {fault::not_found_html, verdict::failed},   {fault::not_found_json, verdict::failed},
      {fault::forbidden_text, verdict::failed},   {fault::forbidden_html, verdict::failed},
      {fault::forbidden_json, verdict::failed},   {fault::wrong_parent, verdict::failed},
      {fault::zero_time, verdict::verified},      {fault::archived, verdict::verified},
      {fault::no_checksums, verdict::verified},   {fault::gzip, verdict::verified},
      {fault::byte_order_mark, verdict::verified}};
  // All but those whose verdict depends on what they bring, or on what is expected.
  static_assert(static_cast<int>(fault::byte_order_mark) == 46, "a new fault belongs here, too");
  CHECK(pass.size() + stay.size() == 44);

  with_growing_bound(100ms, [&](std::chrono::milliseconds first_byte) {
    client_fixture world;
    world.options.retry = retry_policy().max_attempts(100).base_delay(0ms).delay_cap(0ms);
    world.options.retry_budget.capacity = 0;
    world.options.timeouts.first_byte = first_byte;
    constexpr std::uint64_t uploads = 290;
    std::map<std::uint64_t, verdict> truth;
    std::map<std::uint64_t, std::ptrdiff_t> hangs;
    for (std::uint64_t index = 0; index < uploads; ++index) {
      std::vector<misbehaviour> next;
      for (std::size_t kind = 0; kind < pass.size(); ++kind) {
        if ((index + kind) % 10 != 0) continue;
        next.emplace_back(pass[kind]).duration = 1ms;
        if (pass[kind] == fault::hang) hangs[index] = 1;
      }
      const auto& [last, result] = stay[index % stay.size()];
      next.emplace_back(last).duration = 1ms;
      // A late answer is an answer.
      const bool late = next.front().kind == fault::delay;
      truth[index] = late ? verdict::verified : result;
      if (late) hangs[index] = 0;
      world.service.script(world.ref(index), next);
    }
    ledger book;
    const verify_run run(world.make_client(), book.source(world.service, uploads), book.sink(),
                         window_of(32));
    run_until_done(world.context, run);
    book.check_complete(run);
    CHECK(run.summary().complete);
    for (const auto& [tag, done] : book.by_tag) {
      CAPTURE(tag);
      // Another answer that came too late took a fault along that was meant for the next attempt.
      const auto late = std::ranges::count(done.retried, errc::timed_out, &attempt_record::code);
      if (late > hangs[tag]) return false;
      CHECK(done.verdict == truth.at(tag));
    }
    return true;
  });
}
