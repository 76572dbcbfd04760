// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The fault matrix, third part: what happens to connections that have served, while they are idle
// and at the moment that they are lent again.

#include "support/client_fixture.hpp"
#include "support/fault_matrix.hpp"
#include "support/fault_server.hpp"
#include "support/nginx.hpp"

#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace binarly::testing::server_steps;
using namespace std::chrono_literals;

/// The connection that served is seen to be gone, and nobody asks it again.
const fault_counts replaced{.opened = 2, .reused = 1, .closed = {{close_reason::server, 1}}};
/// The connection that served turns out to be gone when it is asked again.
const fault_counts replayed{
    .opened = 2, .reused = 2, .replayed = 1, .closed = {{close_reason::server, 1}}};
/// The connection that served is not asked again.
const fault_counts ended{.opened = 2, .reused = 1, .closed = {{close_reason::announced, 1}}};
/// The connection serves on.
const fault_counts kept{.opened = 1, .reused = 2};

server_script joined(server_script first, const server_script& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Serves once and lets the connection lie idle before the next steps.
server_script idle_then(const server_script& steps, const server_step& handshake = secure()) {
  return joined({handshake, request(), say(good_answer()), hold()}, steps);
}

/// Serves once, and meets the next request with these steps.
server_script again_then(const server_script& steps) {
  return joined({secure(), request(), say(good_answer())}, steps);
}

/// What the server sends in one go with its answer.
server_script together_with(const server_script& steps) { return again_then(steps); }

server_step say_408() {
  return say("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

std::string other_image() {
  std::string bytes = good_answer();
  return bytes.replace(bytes.find("image"), 5, "other");
}

}  // namespace

TEST_CASE("fault matrix: idle connections that end") {
  const certificate_authority authority;
  const server_step older = secure(
      {.identity = authority.issue(certificate_request()), .newest_version = TLS1_2_VERSION});
  run_fault_rows(
      authority,
      {
          {.name = "idle, and closed with close_notify",
           .scripts = {idle_then({goodbye(), fin()})},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = replaced},
          {.name = "idle, and close_notify without a close",
           .scripts = {idle_then({goodbye()})},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = replaced},
          {.name = "idle, and closed without close_notify",
           .scripts = {idle_then({fin()})},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = replaced},
          {.name = "idle, and reset",
           .scripts = {idle_then({reset()})},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = replaced},
          {.name = "idle, and bytes that nobody asked for",
           .scripts = {idle_then({say("x")})},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = replaced},
          {.name = "idle, and an answer that nobody asked for",
           .scripts = {idle_then({say(other_image())})},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = replaced},
          {.name = "idle, and 408 before the close",
           .scripts = {idle_then({say_408(), goodbye(), fin()})},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = replaced},
          {.name = "idle, and a TLS record that is none",
           .scripts = {idle_then({say_raw("\x16\x03\x03\xff\xff!")})},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = replaced},
          {.name = "idle for as long as the server allows",
           .scripts = {{secure(), request(), say(good_answer("Keep-Alive: timeout=1\r\n")), hold(),
                        serve()}},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = {.opened = 2, .reused = 1, .closed = {{close_reason::idle, 1}}},
           .bound = always("Keep-Alive: timeout=1")},
          {.name = "idle for as long as the client wants",
           .scripts = {idle_then({serve()})},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = {.opened = 2, .reused = 1, .closed = {{close_reason::idle, 1}}},
           .bound = always("pool.idle_timeout 1000 ms"),
           .options = [](client_options& options) { options.pool.idle_timeout = 1s; }},
          {.name = "the number of requests that the server allows",
           .scripts = {again_then({request(), say(good_answer("Keep-Alive: max=2\r\n"))}),
                       {secure(), request(), say(good_answer("Keep-Alive: max=1\r\n"))}},
           .earlier = 2,
           .counts = {.opened = 3, .reused = 1, .closed = {{close_reason::worn_out, 2}}},
           .bound = always("Keep-Alive: max=2")},
          {.name = "idle, and the server asks for a new handshake",
           .scripts = {idle_then({renegotiate(), request()}, older)},
           .earlier = 1,
           .then = meanwhile::lost,
           .counts = replaced},
          {.name = "the server asks for a new handshake as the next request comes",
           .scripts = {{older, request(), say(good_answer()), first_byte(), renegotiate(),
                        serve()}},
           .earlier = 1,
           .counts = replayed,
           .or_counts = replaced},
      });
}

TEST_CASE("fault matrix: idle connections that only seem to end") {
  const certificate_authority authority;
  const certificate_and_key identity = authority.issue(certificate_request());
  const server_step quiet = secure({.identity = identity, .tickets = false});
  run_fault_rows(
      authority,
      {
          {.name = "idle, and tickets arrive late (no fault)",
           .scripts = {idle_then({tickets(2), serve()}, quiet)},
           .earlier = 1,
           .then = meanwhile::served,
           .counts = kept},
          {.name = "tickets in one go with the answer (no fault)",
           .scripts = {{quiet, request(), say(good_answer()), tickets(2), hold(), serve()}},
           .earlier = 1,
           .then = meanwhile::served,
           .counts = kept},
          {.name = "tickets in the middle of an answer (no fault)",
           .scripts = {{quiet, request(), say(good_answer().substr(0, 30)), tickets(1), rest(),
                        say(good_answer().substr(30)), serve()}},
           .earlier = 1,
           .counts = kept},
          {.name = "idle, and the server changes its key (no fault)",
           .scripts = {idle_then({update_key(), serve()})},
           .earlier = 1,
           .then = meanwhile::served,
           .counts = kept},
          {.name = "the server changes its key in the middle of an answer (no fault)",
           .scripts = {{secure(), request(), say(good_answer().substr(0, 30)), update_key(), rest(),
                        say(good_answer().substr(30)), serve()}},
           .earlier = 1,
           .counts = kept},
      });
}

TEST_CASE("fault matrix: connections that end as they are lent again") {
  const certificate_authority authority;
  const fault_counts lost_twice{.opened = 3,
                                .reused = 1,
                                .replayed = 1,
                                .closed = {{close_reason::server, 1}, {close_reason::broken, 1}}};
  const fault_counts cut{.opened = 2, .reused = 1, .closed = {{close_reason::broken, 1}}};
  run_fault_rows(
      authority,
      {
          {.name = "reset at the next request's first byte",
           .scripts = {again_then({first_byte(), reset()})},
           .earlier = 1,
           .counts = replayed},
          {.name = "closed at the next request's first byte",
           .scripts = {again_then({first_byte(), goodbye(), fin()})},
           .earlier = 1,
           .counts = replayed},
          {.name = "closed without close_notify at the next request's first byte",
           .scripts = {again_then({first_byte(), fin()})},
           .earlier = 1,
           .counts = replayed},
          {.name = "reset after the next request",
           .scripts = {again_then({request(), reset()})},
           .earlier = 1,
           .counts = replayed},
          {.name = "closed after the next request",
           .scripts = {again_then({request(), goodbye(), fin()})},
           .earlier = 1,
           .counts = replayed},
          {.name = "closed without close_notify after the next request",
           .scripts = {again_then({request(), fin()})},
           .earlier = 1,
           .counts = replayed},
          {.name = "closed in one go with the answer, while another waits",
           .scripts = {together_with({goodbye(), fin()})},
           .at_once = 2,
           .counts = ended},
          // What TLS does not see is found out by the one that waits, unless it is read before the
          // news that the request was sent.
          {.name = "closed without close_notify in one go with the answer, while another waits",
           .scripts = {together_with({fin()})},
           .at_once = 2,
           .counts = replayed,
           .or_counts = ended},
          {.name = "closed in one go with the answer",
           .scripts = {together_with({goodbye(), fin()})},
           .counts = {.opened = 2, .closed = {{close_reason::announced, 1}}}},
          {.name = "bytes that nobody asked for, in the answer's own record",
           .scripts = {{secure(), request(), say(good_answer() + "x")}},
           .at_once = 2,
           .counts = ended},
          {.name = "an answer that nobody asked for, in one go with the one before",
           .scripts = {together_with({say(other_image())})},
           .at_once = 2,
           .counts = ended},
          {.name = "408 in one go with the answer",
           .scripts = {together_with({say_408(), goodbye(), fin()})},
           .at_once = 2,
           .counts = ended},
          {.name = "the replay meets a reset, too",
           .scripts = {again_then({request(), reset()}), {secure(), request(), reset()}},
           .earlier = 1,
           .sees = {failed(errc::connection_lost, phase::head, "reset"),
                    failed(errc::connection_lost, phase::write, "reset")},
           .counts = lost_twice},
          {.name = "the replay meets a refused handshake",
           .scripts = {again_then({request(), reset()}), {read_raw(1), fin()}},
           .earlier = 1,
           .sees = {failed(errc::handshake_failed, phase::handshake, "closed the connection")},
           .counts = {.opened = 2,
                      .reused = 1,
                      .replayed = 1,
                      .closed = {{close_reason::server, 1}, {close_reason::not_opened, 1}}}},
          {.name = "one byte of an answer, and a reset: no replay",
           .scripts = {again_then({request(), say("H"), rest(), reset()})},
           .earlier = 1,
           .sees = {failed(errc::truncated, phase::head, "reset")},
           .counts = cut},
          {.name = "an interim answer, and a close: no replay",
           .scripts = {again_then(
               {request(), say("HTTP/1.1 103 Early Hints\r\n\r\n"), goodbye(), fin()})},
           .earlier = 1,
           .sees = {failed(errc::truncated, phase::head, "closed the connection")},
           .counts = cut},
      });
}

TEST_CASE("fault matrix: nginx ends its connections") {
  // So many lookups, one after the other.
  struct row {
    std::string name;
    std::string directive;
    int lookups = 0;
    std::uint64_t opened = 0;
    close_reason why{};
  };
  const std::vector<row> rows{
      {"nginx, after each answer", "keepalive_timeout 0;", 5, 5, close_reason::announced},
      {"nginx, after ten answers", "keepalive_requests 10;", 30, 3, close_reason::announced},
      {"nginx, after a second of idleness", "keepalive_timeout 1;", 1, 1, close_reason::server},
      {"nginx, after a time that it has announced", "keepalive_timeout 30 1;", 1, 1,
       close_reason::idle},
  };
  for (const auto& [name, directive, lookups, opened, why] : rows) {
    CAPTURE(name);
    nginx_options served;
    served.directives = directive;
    const nginx_server server(served);
    boost::asio::io_context context;
    auto options = options_for(server.base_url(), server.ca_pem());
    options.pool.max_connections = 1;
    const client service(context.get_executor(), options);
    for (int i = 0; i < lookups; ++i) {
      const auto expected = server.image_at(static_cast<std::uint64_t>(i) % 10);
      const lookup one(service, expected.ref);
      run_until(context, [&] { return one.done(); });
      REQUIRE_MESSAGE(one.outcome().has_value(), one.why().message());
      CHECK(one.outcome()->name == expected.name);
    }
    // Its goodbye is the last that happens.
    run_until(context, [&] { return service.counters().closed_as(why) == opened; });
    const auto counters = service.counters();
    CHECK(at_rest(counters));
    CHECK(counters.open == 0);
    CHECK(counters.opened == opened);
    CHECK(counters.reused == static_cast<std::uint64_t>(lookups) - opened);
    CHECK(counters.replayed == 0);
    print_fault_row(name, "image", counters, directive);
  }
}
