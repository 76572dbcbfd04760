// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The fault matrix, first part: what goes wrong before a connection is there.

#include "support/fault_matrix.hpp"
#include "support/fault_server.hpp"

#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace binarly::testing::server_steps;
using namespace std::chrono_literals;

/// One connection is not made, the next one serves.
const fault_counts unmade{.opened = 1, .closed = {{close_reason::not_opened, 1}}};
const fault_counts kept{.opened = 1, .reused = 1};

std::string raw(std::string_view bytes) { return std::string(bytes); }

/// The first server that the client meets has a certificate of this kind.
server_script showing(const certificate_and_key& identity) {
  return {secure({.identity = identity})};
}

void by_address(client_options& options) {
  const std::string name = "localhost";
  options.base_url.replace(options.base_url.find(name), name.size(), "127.0.0.1");
}

/// And nobody else.
std::function<void(client_options&)> trusting(const std::string& certificate) {
  return [certificate](client_options& options) { options.tls.ca_pem = certificate; };
}

void by_impossible_name(client_options& options) {
  // A label longer than the 63 octets of RFC 1035: no resolver asks anybody about it.
  options.base_url = "https://" + std::string(64, 'a') + ".invalid";
}

const auto dead_address = asio::ip::make_address("127.0.0.2");
const auto good_address = asio::ip::make_address("127.0.0.1");

using addresses = std::vector<asio::ip::address>;
using resolved = asio::any_completion_handler<void(error_code, addresses)>;

void by_two_addresses(client_options& options) {
  options.resolver = [](const std::string&, resolved done) {
    std::move(done)(error_code(), addresses{dead_address, good_address});
  };
}

/// Finds nothing the first time.
void by_late_name(client_options& options) {
  options.resolver = [first = std::make_shared<std::atomic<bool>>(true)](const std::string&,
                                                                         resolved done) {
    if (first->exchange(false)) {
      return std::move(done)(asio::error::host_not_found, addresses());
    }
    std::move(done)(error_code(), addresses{good_address});
  };
}

/// Says nothing the first time.
void by_silent_resolver(client_options& options) {
  options.resolver = [first = std::make_shared<std::atomic<bool>>(true)](const std::string&,
                                                                         resolved done) {
    if (!first->exchange(false)) std::move(done)(error_code(), addresses{good_address});
  };
}

std::vector<fault_outcome> no_handshake(const std::string& words) {
  return {failed(errc::handshake_failed, phase::handshake, words)};
}

/// How far the request has got when the connection ends is a matter of who is faster.
std::vector<fault_outcome> lost_at_once(const std::string& words) {
  return {failed(errc::connection_lost, phase::head, words),
          failed(errc::connection_lost, phase::write, words),
          // What is written after a reset.
          failed(errc::connection_lost, phase::write, "Broken pipe")};
}

std::vector<fault_outcome> no_trust(const std::string& words) {
  return {failed(errc::certificate_rejected, phase::handshake, words)};
}

}  // namespace

TEST_CASE("fault matrix: reaching the server") {
  const certificate_authority authority;
  run_fault_rows(
      authority,
      {
          {.name = "a name that cannot be resolved",
           .sees = {failed(errc::resolve_failed, phase::resolve, ".invalid")},
           .counts = {.closed = {{close_reason::not_opened, 1}}},
           .options = by_impossible_name,
           .recovers = false},
          {.name = "a name that is not resolved at first",
           .sees = {failed(errc::resolve_failed, phase::resolve, "not found")},
           .counts = unmade,
           .options = by_late_name},
          {.name = "a resolver that never answers",
           .sees = {failed(errc::timed_out, phase::resolve, soon_in_words)},
           .counts = unmade,
           .bound = within("resolve", &timeout_options::resolve, soon),
           .options = by_silent_resolver},
          {.name = "connection refused",
           .sees = {failed(errc::connect_failed, phase::connect, "refused")},
           .counts = unmade,
           .welcome = fault_server::welcome::refuses},
          {.name = "connection never accepted",
           .sees = {failed(errc::timed_out, phase::connect, soon_in_words)},
           .counts = unmade,
           .bound = within("connect", &timeout_options::connect, soon),
           .welcome = fault_server::welcome::overflows},
          // Whoever looks at the socket first decides whether it was connected for a moment.
          {.name = "reset as soon as it is accepted",
           .scripts = {{reset()}},
           .sees = {failed(errc::handshake_failed, phase::handshake, "reset"),
                    failed(errc::connect_failed, phase::connect, "reset")},
           .counts = unmade},
          {.name = "closed as soon as it is accepted",
           .scripts = {{fin()}},
           .sees = no_handshake("the server closed the connection"),
           .counts = unmade},
          {.name = "no file descriptor is left",
           .sees = {failed(errc::connect_failed, phase::connect,
                           "this process has no file descriptor left")},
           .counts = unmade,
           .options = by_address,
           .no_descriptors = true},
          {.name = "the first of two addresses refuses",
           .counts = kept,
           .options = by_two_addresses},
          {.name = "the first of two addresses never accepts",
           .counts = kept,
           .bound = always("head start 250 ms"),
           .options = by_two_addresses,
           .welcome = fault_server::welcome::half_overflows},
      });
}

TEST_CASE("fault matrix: agreeing on TLS") {
  const certificate_authority authority;
  run_fault_rows(
      authority,
      {
          {.name = "reset after ClientHello",
           .scripts = {{read_raw(1), reset()}},
           .sees = no_handshake("reset"),
           .counts = unmade},
          {.name = "closed after ClientHello",
           .scripts = {{read_raw(1), fin()}},
           .sees = no_handshake("the server closed the connection"),
           .counts = unmade},
          {.name = "silence instead of a handshake",
           .scripts = {{}},
           .sees = {failed(errc::timed_out, phase::handshake, soon_in_words)},
           .counts = unmade,
           .bound = within("handshake", &timeout_options::handshake, soon)},
          {.name = "silence in the middle of a handshake",
           .scripts = {{read_raw(1), say_raw(raw({"\x16\x03\x03\x00\x7a\x02\x00\x00\x76", 9}))}},
           .sees = {failed(errc::timed_out, phase::handshake, soon_in_words)},
           .counts = unmade,
           .bound = within("handshake", &timeout_options::handshake, soon)},
          {.name = "garbage instead of a handshake",
           .scripts = {{read_raw(1), say_raw("\x05\x01\xff\xfe no TLS at all \x01\x02")}},
           .sees = no_handshake("does not speak TLS"),
           .counts = unmade},
          {.name = "plain HTTP instead of a handshake",
           .scripts = {{read_raw(1), say_raw("HTTP/1.1 400 Bad Request\r\n\r\n"), fin()}},
           .sees = no_handshake("does not speak TLS"),
           .counts = unmade},
          {.name = "the greeting of another protocol",
           .scripts = {{say_raw("220 mail.example ESMTP\r\n")}},
           .sees = no_handshake("does not speak TLS"),
           .counts = unmade},
          {.name = "TLS alert: handshake_failure",
           .scripts = {{read_raw(1), say_raw(raw({"\x15\x03\x03\x00\x02\x02\x28", 7})), fin()}},
           .sees = no_handshake("alert handshake failure"),
           .counts = unmade},
          {.name = "TLS alert: internal_error",
           .scripts = {{read_raw(1), say_raw(raw({"\x15\x03\x03\x00\x02\x02\x50", 7})), fin()}},
           .sees = no_handshake("alert internal error"),
           .counts = unmade},
          {.name = "a ServerHello of 16 MB",
           .scripts = {{read_raw(1),
                        say_raw(raw({"\x16\x03\x03\x00\x05\x02\xff\xff\xff\x03", 10}))}},
           .sees = no_handshake("excessive message size"),
           .counts = unmade,
           .bound = always("OpenSSL's own")},
          {.name = "TLS 1.1 and nothing newer",
           .scripts = {{secure({.identity = authority.issue(certificate_request()),
                                .newest_version = TLS1_1_VERSION})}},
           .sees = no_handshake("protocol version"),
           .counts = unmade},
          {.name = "a client's certificate is demanded, and there is none",
           .scripts = {{secure(
               {.identity = authority.issue(certificate_request()), .demands_certificate = true})}},
           // TLS 1.3 lets the client send its request before it learns of this.
           .sees = {failed(errc::client_certificate_rejected, phase::handshake,
                           "demands a certificate")},
           .counts = {.opened = 2, .closed = {{close_reason::broken, 1}}}},
          {.name = "a client's certificate is demanded in TLS 1.2, and there is none",
           .scripts = {{secure({.identity = authority.issue(certificate_request()),
                                .newest_version = TLS1_2_VERSION,
                                .demands_certificate = true})}},
           .sees = {failed(errc::client_certificate_rejected, phase::handshake,
                           "demands a certificate of the client's")},
           .counts = unmade},
          {.name = "reset after the handshake",
           .scripts = {{secure(), reset()}},
           .sees = lost_at_once("reset"),
           .counts = {.opened = 2, .closed = {{close_reason::broken, 1}}}},
          {.name = "close_notify after the handshake",
           .scripts = {{secure(), goodbye(), fin()}},
           .sees = lost_at_once("the server closed"),
           .counts = {.opened = 2, .closed = {{close_reason::broken, 1}}}},
          {.name = "closed without close_notify after the handshake",
           .scripts = {{secure(), fin()}},
           .sees = lost_at_once("without TLS's goodbye"),
           .counts = {.opened = 2, .closed = {{close_reason::broken, 1}}}},
      });
}

TEST_CASE("fault matrix: certificates") {
  const certificate_authority authority;
  const certificate_authority stranger;
  const certificate_authority subordinate = authority.make_subordinate();

  certificate_request expired;
  expired.valid_from = -2h;
  expired.valid_until = -1h;
  certificate_request early;
  early.valid_from = 1h;
  early.valid_until = 2h;
  certificate_request self_signed;
  self_signed.self_signed = true;
  certificate_request elsewhere;
  elsewhere.names = {"DNS:elsewhere.example", "IP:127.0.0.1"};
  certificate_request common_name_only;
  common_name_only.names = {"DNS:elsewhere.example"};
  common_name_only.common_name = "localhost";
  certificate_request other_address;
  other_address.names = {"IP:127.0.0.2", "DNS:127.0.0.1"};
  certificate_request for_clients;
  for_clients.purpose = certificate_purpose::client;
  const certificate_and_key alone = subordinate.issue(certificate_request());
  certificate_and_key chained = alone;
  chained.certificate += subordinate.ca_pem();

  run_fault_rows(authority, {
                                {.name = "certificate expired",
                                 .scripts = {showing(authority.issue(expired))},
                                 .sees = no_trust("expired"),
                                 .counts = unmade},
                                {.name = "certificate not yet valid",
                                 .scripts = {showing(authority.issue(early))},
                                 .sees = no_trust("not yet valid"),
                                 .counts = unmade},
                                {.name = "certificate signed by itself",
                                 .scripts = {showing(authority.issue(self_signed))},
                                 .sees = no_trust("self-signed"),
                                 .counts = unmade},
                                {.name = "certificate of an unknown issuer",
                                 .scripts = {showing(stranger.issue(certificate_request()))},
                                 .sees = no_trust("issuer"),
                                 .counts = unmade},
                                {.name = "certificate without its intermediate",
                                 .scripts = {showing(alone)},
                                 .sees = no_trust("issuer"),
                                 .counts = unmade},
                                {.name = "certificate with its intermediate (no fault)",
                                 .scripts = {{secure({.identity = chained}), serve()}},
                                 .counts = kept},
                                {.name = "the intermediate is the trust anchor (no fault)",
                                 .scripts = {{secure({.identity = alone}), serve()}},
                                 .counts = kept,
                                 .options = trusting(subordinate.ca_pem())},
                                {.name = "the certificate is its own trust anchor (no fault)",
                                 .scripts = {{secure({.identity = alone}), serve()}},
                                 .counts = kept,
                                 .options = trusting(alone.certificate)},
                                {.name = "another intermediate is the trust anchor",
                                 .scripts = {showing(chained)},
                                 .sees = no_trust("issuer"),
                                 .counts = {.closed = {{close_reason::not_opened, 1}}},
                                 .options = trusting(authority.make_subordinate().ca_pem()),
                                 .recovers = false},
                                {.name = "certificate for another name",
                                 .scripts = {showing(authority.issue(elsewhere))},
                                 .sees = no_trust("another host"),
                                 .counts = unmade},
                                {.name = "certificate with the name as common name only",
                                 .scripts = {showing(authority.issue(common_name_only))},
                                 .sees = no_trust("another host"),
                                 .counts = unmade},
                                {.name = "certificate for another address",
                                 .scripts = {showing(authority.issue(other_address))},
                                 .sees = no_trust("another host"),
                                 .counts = unmade,
                                 .options = by_address},
                                {.name = "certificate for clients only",
                                 .scripts = {showing(authority.issue(for_clients))},
                                 .sees = no_trust("not meant for servers"),
                                 .counts = unmade},
                            });
}
