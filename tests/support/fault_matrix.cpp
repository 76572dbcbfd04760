// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/fault_matrix.hpp"

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/few_descriptors.hpp"
#include "support/patience.hpp"
#include "support/sanitized.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <iomanip>
#include <iostream>
#include <list>
#include <memory>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace binarly::testing {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// The context has been idle for so long before it counts as having come to rest.
// In which nothing happens any more, on the client's threads neither.
constexpr auto short_rest = sanitized ? 20ms : 5ms;
/// Only a broken test waits for so long.

enum class threading { one, one_with_strands, four };

constexpr std::array<threading, 3> all_threadings{threading::one, threading::one_with_strands,
                                                  threading::four};

std::string_view to_string(threading how) {
  switch (how) {
    case threading::one:
      return "one thread";
    case threading::one_with_strands:
      return "one thread, with strands";
    case threading::four:
      break;
  }
  return "four threads";
}

std::string describe(const pool_counters& counters) {
  std::ostringstream text;
  text << "opened " << counters.opened;
  const auto add = [&](std::string_view name, std::uint64_t value) {
    if (value > 0) text << ", " << name << ' ' << value;
  };
  add("reused", counters.reused);
  add("replayed", counters.replayed);
  add("drained", counters.drained);
  for (std::size_t i = 0; i < close_reasons; ++i)
    add(to_string(static_cast<close_reason>(i)), counters.closed[i]);
  return text.str();
}

/// What was found, in a word.
using found_thing = result<std::string>;

std::string describe(const found_thing& outcome) {
  if (outcome) return *outcome;
  const auto& detail = outcome.error().detail();
  std::string text = outcome.error().code().message();
  if (!detail.reason.empty()) text += ": " + detail.reason;
  if (detail.http_status >= 300) text += " (HTTP " + std::to_string(detail.http_status) + ')';
  return text + " [" + std::string(to_string(detail.step)) + ']';
}

std::string describe(const fault_counts& counts) {
  pool_counters expected;
  expected.opened = counts.opened;
  expected.reused = counts.reused;
  expected.replayed = counts.replayed;
  expected.drained = counts.drained;
  for (const auto& [why, number] : counts.closed)
    expected.closed[static_cast<std::size_t>(why)] = number;
  return describe(expected);
}

void print_columns(const std::string& name, const std::string& counters, const std::string& bound,
                   const std::string& seen) {
  std::cout << std::left << std::setw(76) << name << "| " << std::setw(52) << counters << "| "
            << std::setw(27) << bound << "| " << seen << std::endl;
}

constexpr const char* good_checksum = "00112233445566778899aabbccddeeff";

std::string_view to_string(subject what) { return what == subject::image ? "image" : "report"; }

found_thing named(const result<image>& outcome) {
  if (!outcome) return outcome.error();
  const bool right = outcome->id == "image" && outcome->name == "Firmware";
  return std::string(right ? to_string(subject::image) : "another image");
}

found_thing named(const result<image_hashes>& outcome) {
  if (!outcome) return outcome.error();
  const auto* const md5 = outcome->find("MD5");
  const bool right = md5 != nullptr && *md5 == good_checksum;
  return std::string(right ? to_string(subject::report) : "another report");
}

/// A lookup whose handler runs on the test's context, wherever the client runs.
class fault_lookup {
 public:
  fault_lookup(asio::io_context& context, const client& from, subject what, call_options options) {
    const image_ref ref("product", "image");
    auto done = asio::bind_executor(context, [this](const auto& outcome) {
      ++completions_;
      outcome_ = named(outcome);
    });
    if (what == subject::image) {
      from.async_get_image(ref, std::move(options), std::move(done));
    } else {
      from.async_find_hashes(ref, hash_query(), std::move(options), std::move(done));
    }
  }
  fault_lookup(const fault_lookup&) = delete;
  fault_lookup& operator=(const fault_lookup&) = delete;

  [[nodiscard]] bool done() const noexcept { return completions_ > 0; }
  [[nodiscard]] int completions() const noexcept { return completions_; }
  /// It must be done.
  [[nodiscard]] const found_thing& outcome() const { return outcome_.value(); }

 private:
  int completions_ = 0;
  std::optional<found_thing> outcome_;
};

/// Says the one thing first, and then the other.
template <class T>
auto first_to_one(T first, T others) {
  return [first = std::move(first), others = std::move(others), is_first = true](
             const auto&...) mutable { return std::exchange(is_first, false) ? first : others; };
}

std::string good_token() {
  const std::string body = std::string(R"({"access_token":")") + client_token + R"("})";
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

credentials tokens_of(const raw_server& server, bool alternative) {
  client_credentials_options who;
  who.url = url_of_port(server.port()) + "/first";
  if (alternative) who.alternative_url = url_of_port(server.port()) + "/second";
  who.client_id = "robot";
  // So no failure may repeat it.
  who.client_secret = secret(client_token);
  who.tls.emplace().ca_pem = server.ca_pem();
  who.tls->system_authorities = false;
  return credentials::client_credentials(std::move(who));
}

class fault_world {
 public:
  fault_world(const certificate_authority& authority, const fault_row& row, threading how)
      : server_(context_, authority, row.scripts, row.welcome) {
    client_options options = options_for(url_of_port(server_.port()), authority.ca_pem());
    options.pool.max_connections = 1;
    options.single_threaded = how == threading::one;
    const auto here = context_.get_executor();
    if (row.proxy) {
      options.proxy.url = proxy_.emplace(here, first_to_one(*row.proxy, proxy_reply())).url();
    }
    if (row.socks) {
      options.proxy.url = socks_.emplace(here, first_to_one(*row.socks, socks_reply())).url();
    }
    if (row.identity) {
      identity_.emplace(here, first_to_one(row.identity->says, good_token()));
      options.auth = tokens_of(*identity_, row.identity->alternative);
    }
    if (row.bound.set) row.bound.set(options);
    if (row.options) row.options(options);
    if (how == threading::four) threads_ = std::make_unique<asio::thread_pool>(4);
    client_.emplace(threads_ ? asio::any_io_executor(threads_->get_executor())
                             : asio::any_io_executor(context_.get_executor()),
                    std::move(options));
  }
  ~fault_world() {
    client_.reset();
    if (threads_) threads_->join();
  }
  fault_world(const fault_world&) = delete;
  fault_world& operator=(const fault_world&) = delete;

  /// Runs until the condition holds. A server that rests goes on when nothing else happens.
  template <class Condition>
  void until(Condition condition) {
    const auto bound = std::chrono::steady_clock::now() + patience;
    context_.restart();
    while (!condition()) {
      if (std::chrono::steady_clock::now() > bound) throw std::runtime_error("it does not happen");
      if (context_.run_one_for(short_rest) == 0) {
        context_.restart();
        if (server_.resting()) server_.go_on();
      }
    }
  }

  std::vector<found_thing> look_up(int at_once, subject what = subject::image,
                                   const call_options& options = {}) {
    std::list<fault_lookup> all;
    for (int i = 0; i < at_once; ++i)
      all.emplace_back(context_, *client_, what, options);
    until([&] { return std::ranges::all_of(all, &fault_lookup::done); });
    std::vector<found_thing> outcomes;
    for (const auto& each : all) {
      CHECK(each.completions() == 1);
      outcomes.push_back(each.outcome());
    }
    return outcomes;
  }

  std::vector<found_thing> meet(const fault_row& row) {
    std::optional<few_descriptors> none_left;
    if (row.no_descriptors) {
      // A server that has not come to wait yet would lack a descriptor, too.
      context_.restart();
      context_.poll();
      none_left.emplace();
    }
    return look_up(row.at_once, row.asks_for);
  }

  /// A lookup that is tried until the service is reached: after a failure to connect, or to get a
  /// token, the client holds back for a moment.
  found_thing look_up_patiently() {
    call_options options;
    options.retry = retry_policy().max_attempts(100).base_delay(0ms).delay_cap(0ms).classify_with(
        [](const failure&) { return true; });
    return look_up(1, subject::image, options).front();
  }

  void release() {
    until([this] { return server_.held(); });
    server_.go_on();
  }

  void pass(meanwhile what) {
    if (what == meanwhile::nothing) return;
    release();
    if (what == meanwhile::lost) {
      until([this] { return counters().open == 0 && at_rest(counters()); });
    } else {
      until([this] { return server_.serving() > 0; });
    }
  }

  /// Runs until nothing changes any more, on both sides.
  void settle() {
    until([this] {
      const auto now = counters();
      return at_rest(now) && server_.open() == now.open;
    });
  }

  [[nodiscard]] pool_counters counters() const { return client_->counters(); }
  [[nodiscard]] fault_server& server() noexcept { return server_; }

 private:
  asio::io_context context_;
  std::unique_ptr<asio::thread_pool> threads_;
  fault_server server_;
  std::optional<scripted_proxy> proxy_;
  std::optional<scripted_socks> socks_;
  std::optional<raw_server> identity_;
  std::optional<client> client_;
};

bool fits(const found_thing& found, const fault_outcome& expected) {
  if (found || !expected.code) return found.has_value() == !expected.code;
  const failure why = found.error();
  return why.code() == *expected.code && why.detail().step == expected.step &&
         why.detail().http_status == expected.http_status &&
         why.message().find(expected.words) != std::string::npos;
}

std::string describe(const fault_outcome& expected) {
  if (!expected.code) return "a good answer";
  return make_error_code(*expected.code).message() + ": ..." + expected.words + "... (HTTP " +
         std::to_string(expected.http_status) + ") [" + std::string(to_string(expected.step)) + ']';
}

void check_outcome(const found_thing& found, subject what,
                   const std::vector<fault_outcome>& expected) {
  std::string all;
  for (const auto& each : expected)
    all += (all.empty() ? "" : ", or ") + describe(each);
  CHECK_MESSAGE(std::ranges::any_of(expected, [&](const auto& one) { return fits(found, one); }),
                "expected: ", all, "; seen: ", describe(found));
  if (found) {
    CHECK(*found == to_string(what));
    return;
  }
  const failure why = found.error();
  const std::string line = why.message();
  CAPTURE(line);
  // Requests for a token are none to the service.
  CHECK(why.detail().attempts == (why.detail().step == phase::token ? 0 : 1));
  CHECK(line.find(client_token) == line.npos);
  CHECK(line.find('\n') == line.npos);
  CHECK(line.size() < 1000);
}

bool holds(const fault_row& row) {
  return std::ranges::any_of(row.scripts, [](const server_script& script) {
    return std::ranges::find(script, server_step::kind::hold, &server_step::what) != script.end();
  });
}

void run_row(const certificate_authority& authority, const fault_row& row, threading how) {
  fault_world world(authority, row, how);
  for (int i = 0; i < row.earlier; ++i)
    check_outcome(world.look_up(1).front(), subject::image, {good});
  world.pass(row.then);
  const auto outcomes = world.meet(row);
  for (const auto& each : outcomes)
    check_outcome(each, row.asks_for, row.sees);
  world.server().serve_now();
  if (row.then == meanwhile::nothing && holds(row)) world.release();
  if (row.recovers) check_outcome(world.look_up_patiently(), subject::image, {good});
  world.settle();

  const auto counters = world.counters();
  const std::string counted = describe(counters);
  if (!row.or_counts || counted != describe(*row.or_counts)) CHECK(counted == describe(row.counts));
  if (how == all_threadings.front()) {
    print_fault_row(row.name, describe(outcomes.front()), counters, row.bound.text);
  }
}

}  // namespace

std::string good_report() {
  return R"({"bomFormat":"CycloneDX","metadata":{"component":{"hashes":[{"alg":"MD5",)"
         R"("content":")" +
         std::string(good_checksum) + R"("}]}}})";
}

fault_bound within(const std::string& option, std::chrono::milliseconds timeout_options::*which,
                   std::chrono::milliseconds value) {
  return {option + ' ' + std::to_string(value.count()) + " ms",
          [which, value](client_options& options) { options.timeouts.*which = value; }};
}

fault_bound below(const std::string& option, std::size_t answer_limits::*which, std::size_t value) {
  return {option + ' ' + std::to_string(value) + " bytes",
          [which, value](client_options& options) { options.limits.*which = value; }};
}

fault_bound always(std::string text) { return {std::move(text), {}}; }

bool at_rest(const pool_counters& counters) {
  const auto closed =
      std::accumulate(counters.closed.begin(), counters.closed.end(), std::uint64_t{0}) -
      counters.closed_as(close_reason::not_opened);
  return counters.waiting == 0 && counters.opening == 0 && counters.open == counters.idle &&
         counters.opened == counters.open + closed;
}

void print_fault_row(const std::string& name, const std::string& seen,
                     const pool_counters& counters, const std::string& bound) {
  print_columns(name, describe(counters), bound, seen);
}

void run_fault_rows(const certificate_authority& authority, const std::vector<fault_row>& rows) {
  print_columns("FAULT", "THE POOL'S COUNTERS, RECOVERY INCLUDED", "BOUND", "WHAT THE CALLER SAW");
  for (const fault_row& row : rows) {
    for (const threading how : all_threadings) {
      CAPTURE(row.name);
      CAPTURE(to_string(how));
      run_row(authority, row, how);
    }
  }
}

}  // namespace binarly::testing
