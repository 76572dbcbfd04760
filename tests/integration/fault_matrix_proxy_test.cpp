// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The fault matrix, fourth part: what goes wrong on the way through a proxy.

#include "support/connect_proxy.hpp"
#include "support/fault_matrix.hpp"
#include "support/fault_server.hpp"
#include "support/process.hpp"

#include <binarly/testing/certificate_authority.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

using ending = proxy_reply::ending;

/// One tunnel is not opened, the next one serves.
const fault_counts unmade{.opened = 1, .closed = {{close_reason::not_opened, 1}}};
const fault_counts kept{.opened = 1, .reused = 1};

proxy_reply relaying(const std::string& bytes, std::size_t piece = 0) {
  proxy_reply reply(bytes, ending::relay);
  reply.piece = piece;
  return reply;
}

std::vector<fault_outcome> refused(const std::string& words) {
  return {failed(errc::proxy_refused, phase::proxy, words)};
}

std::vector<fault_outcome> unreached(const std::string& words) {
  return {failed(errc::connect_failed, phase::proxy, words)};
}

/// The proxy says no more than this, and closes.
socks_reply only_greeting(std::string bytes) {
  socks_reply reply;
  reply.to_greeting = std::move(bytes);
  reply.to_password.clear();
  reply.to_request.clear();
  reply.then = ending::close;
  return reply;
}

socks_reply asking_for_password(std::string verdict) {
  socks_reply reply;
  reply.to_greeting = "\5\2";
  reply.to_password = std::move(verdict);
  return reply;
}

socks_reply silent(socks_reply reply) {
  reply.then = ending::hold;
  return reply;
}

void with_password(client_options& options) {
  options.proxy.user = "agent";
  options.proxy.password = secret("pa55-word");
}

void through_nobody(client_options& options) {
  static const deaf_port nobody;
  options.proxy.url = "http://127.0.0.1:" + std::to_string(nobody.number());
}

}  // namespace

TEST_CASE("fault matrix: through a proxy") {
  const certificate_authority authority;
  const std::string opened = "HTTP/1.1 200 Connection established\r\n";
  run_fault_rows(
      authority,
      {
          {.name = "a proxy that relays (no fault)", .counts = kept, .proxy = proxy_reply()},
          {.name = "a proxy's answer byte by byte (no fault)",
           .counts = kept,
           .proxy = relaying(opened + "\r\n", 1)},
          {.name = "a proxy's answer states a length, which a tunnel has not (no fault)",
           .counts = kept,
           .proxy = relaying(opened + "Content-Length: 7\r\n\r\n")},
          {.name = "a proxy's answer without a reason, nor a blank (no fault)",
           .counts = kept,
           .proxy = relaying("HTTP/1.1 200\r\n\r\n")},
          {.name = "the proxy refuses connections",
           .sees = {failed(errc::connect_failed, phase::connect, "the proxy 127.0.0.1:")},
           .counts = {.closed = {{close_reason::not_opened, 1}}},
           .options = through_nobody,
           .recovers = false},
          {.name = "the proxy wants credentials (407)",
           .sees = refused("wants a user name and a password"),
           .counts = unmade,
           .proxy = proxy_reply("HTTP/1.1 407 Proxy Authentication Required\r\n"
                                "Proxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")},
          {.name = "the proxy wants other credentials than basic ones (407)",
           .sees = refused("it asks to sign in by Negotiate, NTLM, and only Basic is spoken"),
           .counts = unmade,
           .proxy = proxy_reply("HTTP/1.1 407 Proxy Authentication Required\r\n"
                                "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n"
                                "Content-Length: 0\r\n\r\n")},
          {.name = "the proxy wants credentials (401)",
           .sees = refused("wants a user name and a password"),
           .counts = unmade,
           .proxy = proxy_reply("HTTP/1.0 401 Unauthorized\r\n"
                                "WWW-Authenticate: Basic realm=\"tinyproxy\"\r\n\r\n")},
          {.name = "the proxy lets nobody through (403)",
           .sees = refused("does not let anybody through"),
           .counts = unmade,
           .proxy = proxy_reply("HTTP/1.1 403 Forbidden\r\n\r\n")},
          {.name = "the proxy does not reach the service (502)",
           .sees = refused("could not reach localhost"),
           .counts = unmade,
           .proxy = proxy_reply("HTTP/1.1 502 Bad Gateway\r\n\r\n<html></html>")},
          {.name = "the proxy does not reach the service in time (504)",
           .sees = refused("could not reach localhost"),
           .counts = unmade,
           .proxy = proxy_reply("HTTP/1.1 504 Gateway Timeout\r\n\r\n")},
          {.name = "the proxy sends us elsewhere (302)",
           .sees = refused("302"),
           .counts = unmade,
           .proxy = proxy_reply("HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n")},
          {.name = "the proxy closes instead of an answer",
           .sees = {failed(errc::connection_lost, phase::proxy, "the proxy 127.0.0.1:")},
           .counts = unmade,
           .proxy = proxy_reply("")},
          {.name = "the proxy closes in the middle of its answer",
           .sees = {failed(errc::connection_lost, phase::proxy, "the proxy 127.0.0.1:")},
           .counts = unmade,
           .proxy = proxy_reply(opened)},
          {.name = "the proxy says nothing",
           .sees = {failed(errc::timed_out, phase::proxy, soon_in_words)},
           .counts = unmade,
           .bound = within("proxy", &timeout_options::proxy, soon),
           .proxy = proxy_reply("", ending::hold)},
          {.name = "the proxy is no HTTP server",
           .sees = refused("does not answer as an HTTP proxy"),
           .counts = unmade,
           .proxy = proxy_reply("220 mail.example ESMTP\r\n\r\n", ending::hold)},
          {.name = "the proxy's head has no end",
           .sees = refused("does not answer as an HTTP proxy"),
           .counts = unmade,
           .bound = always("16384 bytes"),
           .proxy = proxy_reply(opened + "X: " + std::string(1'000'000, 'x'), ending::hold)},
          {.name = "the proxy sends bytes before the service does",
           .sees = refused("does not answer as an HTTP proxy"),
           .counts = unmade,
           .proxy = relaying(opened + "\r\nx")},
          {.name = "the tunnel is closed before the handshake",
           .sees = {failed(errc::connection_lost, phase::proxy,
                           "opened a tunnel, which ended before the first byte from behind it; it "
                           "may not have reached the service")},
           .counts = unmade,
           .proxy = proxy_reply(opened + "\r\n")},
          {.name = "the tunnel is silent",
           .sees = {failed(errc::timed_out, phase::handshake,
                           "this step may take " + soon_in_words + "; the proxy 127.0.0.1:")},
           .counts = unmade,
           .bound = within("handshake", &timeout_options::handshake, soon),
           .proxy = proxy_reply(opened + "\r\n", ending::hold)},
      });
}

TEST_CASE("fault matrix: through a SOCKS 5 proxy") {
  const certificate_authority authority;
  const std::string no_credentials("\5\0", 2);
  socks_reply closing_tunnel;
  closing_tunnel.then = ending::close;
  run_fault_rows(
      authority,
      {
          {.name = "a SOCKS proxy that relays (no fault)", .counts = kept, .socks = socks_reply()},
          {.name = "a SOCKS proxy that takes the password (no fault)",
           .counts = kept,
           .options = with_password,
           .socks = asking_for_password({1, 0})},
          {.name = "the SOCKS proxy does not take the password",
           .sees = refused("does not accept the user name and the password"),
           .counts = unmade,
           .options = with_password,
           .socks = asking_for_password({1, 1})},
          {.name = "the SOCKS proxy wants a password, and there is none",
           .sees = refused("wants a user name and a password"),
           .counts = unmade,
           .socks = only_greeting("\5\xff")},
          {.name = "the SOCKS proxy is none",
           .sees = refused("does not answer as a SOCKS 5 proxy"),
           .counts = unmade,
           .socks = only_greeting("HTTP/1.1 400 Bad Request\r\n\r\n")},
          {.name = "the SOCKS proxy failed (1)",
           .sees = unreached("it says no more than that it failed"),
           .counts = unmade,
           .socks = socks_refusal(1)},
          {.name = "the SOCKS proxy lets nobody through (2)",
           .sees = refused("does not let anybody through to localhost"),
           .counts = unmade,
           .socks = socks_refusal(2)},
          {.name = "the SOCKS proxy does not reach the network (3)",
           .sees = unreached("its network is out of reach"),
           .counts = unmade,
           .socks = socks_refusal(3)},
          {.name = "the SOCKS proxy does not reach the host (4)",
           .sees = unreached("the host is out of reach"),
           .counts = unmade,
           .socks = socks_refusal(4)},
          {.name = "the SOCKS proxy is refused by the service (5)",
           .sees = unreached("the host refuses connections"),
           .counts = unmade,
           .socks = socks_refusal(5)},
          {.name = "the SOCKS proxy opens no connections (7)",
           .sees = refused("command not supported"),
           .counts = unmade,
           .socks = socks_refusal(7)},
          {.name = "the SOCKS proxy closes instead of an answer",
           .sees = {failed(errc::connection_lost, phase::proxy, "the proxy 127.0.0.1:")},
           .counts = unmade,
           .socks = only_greeting("")},
          {.name = "the SOCKS proxy closes after the greeting",
           .sees = {failed(errc::connection_lost, phase::proxy, "the proxy 127.0.0.1:")},
           .counts = unmade,
           .socks = only_greeting(no_credentials)},
          {.name = "the SOCKS proxy says nothing",
           .sees = {failed(errc::timed_out, phase::proxy, soon_in_words)},
           .counts = unmade,
           .bound = within("proxy", &timeout_options::proxy, soon),
           .socks = silent(only_greeting(""))},
          {.name = "the SOCKS proxy says nothing after the greeting",
           .sees = {failed(errc::timed_out, phase::proxy, soon_in_words)},
           .counts = unmade,
           .bound = within("proxy", &timeout_options::proxy, soon),
           .socks = silent(only_greeting(no_credentials))},
          {.name = "the SOCKS tunnel is closed before the handshake",
           .sees = {failed(errc::connection_lost, phase::proxy,
                           "opened a tunnel, which ended before the first byte from behind it")},
           .counts = unmade,
           .socks = closing_tunnel},
          {.name = "the SOCKS tunnel is silent",
           .sees = {failed(errc::timed_out, phase::handshake,
                           "this step may take " + soon_in_words + "; the proxy 127.0.0.1:")},
           .counts = unmade,
           .bound = within("handshake", &timeout_options::handshake, soon),
           .socks = silent(socks_reply())},
      });
}
