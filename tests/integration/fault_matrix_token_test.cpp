// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The fault matrix, fifth part: what goes wrong while a token is got. The pool is the service's: it
// opens nothing for who has no token.

#include "support/client_raw_server.hpp"
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
using namespace binarly::testing::server_steps;
using namespace std::chrono_literals;

const fault_counts untouched{};
/// The lookup that shows the recovery is the first to reach the service. It begins with the wait
/// that spares the identity server, so few rows show it.
const fault_counts first_served{.opened = 1};

std::string answer(const std::string& status, const std::string& body,
                   const std::string& headers = {}) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::vector<fault_outcome> refused(const std::string& words, unsigned status = 0) {
  return {failed(errc::token_refused, phase::token, words, status)};
}
std::vector<fault_outcome> unavailable(const std::string& words, unsigned status = 0) {
  return {failed(errc::token_unavailable, phase::token, words, status)};
}

credentials tokens_of(const std::string& url, const std::string& ca_pem) {
  client_credentials_options who;
  who.url = url;
  who.client_id = "robot";
  who.client_secret = secret("word");
  who.tls.emplace().ca_pem = ca_pem;
  who.tls->system_authorities = false;
  return credentials::client_credentials(std::move(who));
}

void with_tokens_of_nobody(client_options& options) {
  static const deaf_port nobody;
  options.auth = tokens_of(url_of_port(nobody.number()), options.tls.ca_pem);
}

/// The service's own address, whose certificate another authority has signed.
void with_tokens_of_a_stranger(client_options& options) {
  options.auth = tokens_of(options.base_url, certificate_authority().ca_pem());
}

}  // namespace

TEST_CASE("fault matrix: getting a token") {
  const certificate_authority authority;
  const std::string nothing = answer("404 Not Found", "<html>404</html>");
  const std::string new_token = answer("200 OK", R"({"access_token":"another"})");
  const std::string refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
  run_fault_rows(
      authority,
      {
          {.name = "the identity server refuses connections",
           .sees = unavailable("from localhost:"),
           .counts = untouched,
           .options = with_tokens_of_nobody,
           .recovers = false},
          {.name = "the identity server's certificate is not trusted",
           .scripts = {{secure()}},
           .sees = refused("the server's certificate is not trusted"),
           .counts = untouched,
           .options = with_tokens_of_a_stranger,
           .recovers = false},
          // After this bound the only connection reads on for a while, in which nobody asks there.
          {.name = "the identity server says nothing",
           .sees = unavailable(soon_in_words),
           .counts = untouched,
           .bound = within("token", &timeout_options::token, soon),
           .identity = identity_fault{""},
           .recovers = false},
          {.name = "the identity server's answer stops",
           // On a busy machine the time may be up before the head is read.
           .sees = {unavailable(soon_in_words, 200).front(), unavailable(soon_in_words).front()},
           .counts = untouched,
           .bound = within("token", &timeout_options::token, soon),
           .identity = identity_fault{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"},
           .recovers = false},
          {.name = "a wrong path: the identity server's 404",
           .sees = refused("its host, its path", 404),
           .counts = untouched,
           .identity = identity_fault{nothing},
           .recovers = false},
          {.name = "the identity server's 404, and a token from its other address (no fault)",
           .counts = {.opened = 1, .reused = 1},
           .identity = identity_fault{nothing, true}},
          {.name = "a wrong secret: the identity server's 401",
           .sees = refused("invalid_client", 401),
           .counts = first_served,
           .identity = identity_fault{answer("401 Unauthorized", R"({"error":"invalid_client"})")}},
          {.name = "the identity server's 503",
           .sees = unavailable("is in trouble", 503),
           .counts = first_served,
           .identity = identity_fault{answer("503 Service Unavailable", "<html></html>")}},
          {.name = "an error object in a 200 of the identity server's",
           .sees = refused("unauthorized_client", 200),
           .counts = untouched,
           .identity = identity_fault{answer("200 OK", R"({"error":"unauthorized_client"})")},
           .recovers = false},
          {.name = "a redirect of the identity server's",
           .sees = refused("redirects are not followed", 302),
           .counts = untouched,
           .identity = identity_fault{answer("302 Found", "", "Location: https://x.invalid/\r\n")},
           .recovers = false},
          {.name = "the identity server does not speak HTTP",
           .sees = refused("the identity server's token endpoint"),
           .counts = untouched,
           .identity = identity_fault{"SSH-2.0-OpenSSH_9.2\r\n\r\n"},
           .recovers = false},
          {.name = "a token that the service refuses, and another one (no fault)",
           .scripts = {{secure(), request(), say(refusal), serve()}},
           .counts = {.opened = 1, .reused = 2},
           .identity = identity_fault{new_token}},
      });
}
