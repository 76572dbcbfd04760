// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/commands.hpp"
#include "tools/demo_manifest.hpp"
#include "tools/journal/entry_of.hpp"
#include "tools/run.hpp"
#include "tools/serve_settings.hpp"
#include "tools/standard_streams.hpp"
#include "tools/summary.hpp"
#include "tools/text.hpp"

#include <binarly/event.hpp>
#include <binarly/testing/fake_service.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <optional>
#include <thread>
#include <unistd.h>
#include <utility>
#include <variant>

namespace binarly::tools {

namespace {

namespace asio = boost::asio;
using testing::fake_service;
using testing::fault;
using testing::misbehaviour;

constexpr const char* client_id = "demo";
constexpr const char* client_secret = "demo's secret";

/// The service on a thread of its own, as it would be on a machine of its own.
class service_thread {
 public:
  explicit service_thread(const testing::fake_service_options& options)
      : service_(loop_.get_executor(), options), thread_([this] { loop_.run(); }) {}
  ~service_thread() {
    loop_.stop();
    thread_.join();
  }
  service_thread(const service_thread&) = delete;
  service_thread& operator=(const service_thread&) = delete;

  [[nodiscard]] fake_service& service() noexcept { return service_; }

 private:
  asio::io_context loop_{1};
  fake_service service_;
  std::thread thread_;
};

/// What goes wrong on the way, all of it worth another attempt.
std::vector<misbehaviour> usual_faults() {
  std::vector<misbehaviour> faults{
      misbehaviour(fault::delay, 0.05),         misbehaviour(fault::reset_before, 0.02),
      misbehaviour(fault::reset_in_body, 0.02), misbehaviour(fault::truncate_body, 0.02),
      misbehaviour(fault::close_after, 0.02),   misbehaviour(fault::status_500, 0.02),
      misbehaviour(fault::status_429, 0.01),    misbehaviour(fault::status_429, 0.01)};
  faults[6].retry_after = "0";
  faults[7].retry_after = "1";
  return faults;
}

/// How the first requests for a token go.
std::vector<misbehaviour> token_faults() {
  return {misbehaviour(fault::status_503), misbehaviour(fault::reset_before)};
}

std::string describe(const std::vector<misbehaviour>& faults) {
  std::map<std::string_view, double> likely;
  for (const auto& one : faults)
    likely[to_string(one.kind)] += one.probability;
  std::string out;
  for (const auto& [name, probability] : likely) {
    if (!out.empty()) out += ", ";
    out += std::string(name) + ' ' + std::to_string(std::lround(probability * 100)) + " %";
  }
  return out;
}

client_options client_options_for(const fake_service& service) {
  client_options options;
  options.base_url = service.base_url();
  client_credentials_options who;
  who.url = service.token_url();
  who.client_id = client_id;
  who.client_secret = secret(client_secret);
  options.auth = credentials::client_credentials(std::move(who));
  options.tls.system_authorities = false;
  options.tls.ca_pem = service.ca_pem();
  // With so many faults four attempts would lose an upload now and then.
  options.retry.max_attempts(10).base_delay(std::chrono::milliseconds(20));
  return options;
}

/// As for an impatient user: what is waited for is looked at often, and not for long.
verify_options demo_options() {
  verify_options options;
  // Which thing is the image is what this format may leave open.
  options.report = sbom_format::spdx;
  options.look_again.base_delay(std::chrono::milliseconds(20))
      .delay_cap(std::chrono::milliseconds(200));
  options.scan_grace = std::chrono::milliseconds(300);
  return options;
}

}  // namespace

int demo(const demo_arguments& arguments, const environment& variables) {
  require_standard_output("the summary");
  testing::fake_service_options options;
  options.images = arguments.uploads;
  options.identity.client_id = client_id;
  options.identity.client_secret = client_secret;
  options.faults = arguments.faults.empty() ? usual_faults() : read_faults(arguments.faults);
  service_thread remote(options);
  remote.service().script_token_requests(token_faults());
  demo_manifest manifest(remote.service(), arguments.uploads);
  std::cerr << "A service on " << remote.service().base_url() << " has "
            << grouped(arguments.uploads) << " images and misbehaves on purpose:\n  "
            << describe(options.faults) << ".\n"
            << "Verifying " << grouped(arguments.uploads) << " uploads over HTTPS; "
            << manifest.wrong() << " of them are truly wrong, and "
            << manifest.planted() - manifest.wrong() << " only look so.\nThe first "
            << token_faults().size() << " requests for a token fail.\n\n";

  asio::io_context loop(1);
  tally seen;
  std::uint64_t surprises = 0;
  std::uint64_t tokens = 0;
  client_options wanted = client_options_for(remote.service());
  wanted.on_event = [&tokens](const event& what) {
    if (std::holds_alternative<token_renewed>(what)) ++tokens;
  };
  run_display display;
  display.terminal = is_terminal(STDERR_FILENO, variables);
  display.figures = [&] {
    progress_figures figures;
    figures.expected = arguments.uploads;
    figures.done = static_cast<double>(seen.total()) / static_cast<double>(arguments.uploads);
    figures.in_flight = static_cast<std::size_t>(manifest.yielded() - seen.total());
    return figures;
  };
  const run_end end = run_verification(
      loop, client(loop.get_executor(), wanted), [&manifest] { return manifest.next(); },
      [&](verification outcome) {
        // First, since the entry takes the details along.
        if (!manifest.is_as_planned(outcome)) ++surprises;
        seen.add(entry_of(outcome));
      },
      demo_options(), seen, display);
  if (end.error) std::rethrow_exception(end.error);

  const bool colour = wants_colour(is_terminal(STDOUT_FILENO, variables), variables);
  const auto counters = remote.service().counters();
  const auto lost_tokens = counters.token_requests - tokens;
  std::cout << summary(seen, end.duration, colour) << "\nThe service misbehaved "
            << grouped(counters.faults) << " times in " << grouped(counters.requests)
            << " requests over " << grouped(counters.connections) << " connections; " << lost_tokens
            << " of " << counters.token_requests << " requests for a token failed.\n";
  if (end.signal != 0) return 128 + end.signal;
  if (lost_tokens < token_faults().size()) {
    std::cout << "The requests for a token did not fail as they should have.\n";
    return static_cast<int>(exit_code::unavailable);
  }
  if (surprises == 0 && seen.total() == arguments.uploads) {
    std::cout << "Every planted problem was found, and no other upload suffered.\n";
    return static_cast<int>(exit_code::good);
  }
  std::cout << grouped(surprises) << " uploads did not get the verdict that they should have.\n";
  return static_cast<int>(exit_code::unavailable);
}

}  // namespace binarly::tools
