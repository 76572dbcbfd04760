// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What a client loses, and what it keeps, over very many exchanges.

#include "support/client_fixture.hpp"
#include "support/patience.hpp"
#include "support/sanitized.hpp"

#include <binarly/client.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;

constexpr std::uint64_t exchanges = sanitized ? 10'000 : 100'000;
constexpr std::size_t connections = 16;
/// Lookups at a time: enough to keep every connection busy, with some that wait.
constexpr std::uint64_t window = 4 * connections;

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Keeps a number of lookups in flight until all are made.
class many_lookups {
 public:
  many_lookups(asio::io_context& context, const client& from, const fake_service& service)
      : context_(context), from_(from), service_(service) {}

  void make(std::uint64_t count) {
    end_ += count;
    for (std::uint64_t i = 0; i < window; ++i)
      start_next();
    // Only a broken client needs this one.
    const auto bound = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    context_.restart();
    while (finished_ < end_ && context_.run_one_until(bound) != 0) {
    }
    REQUIRE(finished_ == end_);
  }

  [[nodiscard]] std::uint64_t right() const noexcept { return right_; }
  /// What went wrong first.
  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

 private:
  void start_next() {
    if (started_ == end_) return;
    const image_ref ref = service_.image_at(started_++ % 1000).ref;
    from_.async_get_image(ref, [this, id = ref.image_id()](const result<image>& found) {
      ++finished_;
      if (found && found->id == id) ++right_;
      if (!found && trouble_.empty()) trouble_ = found.error().message();
      start_next();
    });
  }

  asio::io_context& context_;
  const client& from_;
  const fake_service& service_;
  std::uint64_t started_ = 0;
  std::uint64_t finished_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t right_ = 0;
  std::string trouble_;
};

/// Until the service, on its own thread, has let go of every connection.
void wait_until_closed(const fake_service& service) {
  const auto bound = std::chrono::steady_clock::now() + patience;
  while (service.counters().open_connections > 0 && std::chrono::steady_clock::now() < bound)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  REQUIRE(service.counters().open_connections == 0);
}

}  // namespace

TEST_CASE("client: a hundred thousand exchanges with a server that closes at random") {
  fake_service_options served;
  // The answer is whole, and promises that the connection stays. A reset in place of the close
  // might overtake the answer, which would be lost in truth.
  served.faults = {misbehaviour(fault::close_after, 0.04)};
  background_service service(served);
  asio::io_context context;
  auto options = options_for(*service);
  options.pool.max_connections = connections;
  options.single_threaded = true;
  const client own(context.get_executor(), options);
  many_lookups all(context, own, *service);

  constexpr std::uint64_t rounds = 10;
  std::size_t descriptors = 0;
  std::size_t memory = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    all.make(exchanges / rounds);
    // Resets come here, where no answer is on its way, and no connection is in the making: one that
    // cannot be made is no secret. They take away all connections, so that what
    // the process holds can be compared between rounds.
    run_until(context, [&] { return own.counters().opening == 0; });
    service->reset_connections();
    run_until(context, [&] { return own.counters().open == 0; });
    wait_until_closed(*service);
    if (round == rounds / 5 - 1) {
      descriptors = open_descriptors();
      memory = resident_bytes();
    }
  }

  CAPTURE(all.trouble());
  CHECK(all.right() == exchanges);
  CHECK(open_descriptors() == descriptors);
  // The sanitizers keep what is freed.
  if (!sanitized) CHECK(resident_bytes() < memory + 4 * 1024 * 1024);

  const auto counters = own.counters();
  const auto seen = service->counters();
  CHECK(seen.faults > exchanges / 50);
  CHECK(counters.replayed > 0);
  // What was replayed had reached nobody.
  CHECK(seen.requests == exchanges);
  CHECK(counters.reused + counters.opened >= exchanges + counters.replayed);
  CHECK(counters.opened == seen.connections);
  CHECK(counters.opened ==
        counters.closed_as(close_reason::server) + counters.closed_as(close_reason::announced));
  CHECK(counters.waiting == 0);
  CHECK(counters.opening == 0);
}
