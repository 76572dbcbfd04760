// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_fixture.hpp"
#include "support/client_raw_server.hpp"
#include "support/few_descriptors.hpp"
#include "support/patience.hpp"
#include "support/process.hpp"

#include <binarly/client.hpp>
#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

const image_ref some_ref("product", "image");

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

retry_policy eager() { return retry_policy().max_attempts(3).base_delay(0ms).delay_cap(0ms); }

/// A service that shows a certificate of the given kind, and a client that trusts its authority.
struct tls_world {
  explicit tls_world(const certificate_request& request, bool trusting = true) {
    fake_service_options served;
    served.certificate = authority.issue(request);
    service.emplace(context.get_executor(), served);
    const certificate_authority stranger;
    options = options_for(service->base_url(), trusting ? authority.ca_pem() : stranger.ca_pem());
    options.retry = eager();
  }

  result<image> get(const client& from) {
    const lookup one(from, service->image_at(0).ref);
    run_until(context, [&] { return one.done(); });
    return one.outcome();
  }
  result<image> get() { return get(client(context.get_executor(), options)); }

  certificate_authority authority;
  asio::io_context context;
  std::optional<fake_service> service;
  client_options options;
};

/// A service that shows this certificate, and a client that trusts nobody yet.
struct anchored_world {
  explicit anchored_world(const certificate_and_key& shown) {
    fake_service_options served;
    served.certificate = shown;
    service.emplace(context.get_executor(), served);
    options = options_for(service->base_url(), "");
  }

  result<image> get() {
    const client from(context.get_executor(), options);
    const lookup one(from, service->image_at(0).ref);
    run_until(context, [&] { return one.done(); });
    return one.outcome();
  }

  asio::io_context context;
  std::optional<fake_service> service;
  client_options options;
};

bool refused(const result<image>& outcome) {
  return !outcome && outcome.error().code() == errc::certificate_rejected;
}

/// For its lifetime the system trusts what is in this file, and nothing else.
class system_store {
 public:
  explicit system_store(const std::filesystem::path& file) {
    ::setenv("SSL_CERT_FILE", file.c_str(), 1);
    ::setenv("SSL_CERT_DIR", "/nonexistent", 1);
  }
  ~system_store() {
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("SSL_CERT_DIR");
  }
  system_store(const system_store&) = delete;
  system_store& operator=(const system_store&) = delete;
};

void check_refused(tls_world& world, const std::string& reason) {
  const client service(world.context.get_executor(), world.options);
  // Until a second connection is tried, which comes with the end of a backoff, callers are told
  // what the first one failed of; and a refusal must not leave anything behind that lets the next
  // one through.
  const auto bound = std::chrono::steady_clock::now() + patience;
  while (world.service->counters().connections < 2) {
    REQUIRE(std::chrono::steady_clock::now() < bound);
    const auto found = world.get(service);
    REQUIRE(!found);
    const failure why = found.error();
    CAPTURE(why.message());
    CHECK(why.code() == errc::certificate_rejected);
    CHECK(why == condition::transport);
    CHECK(why.detail().step == phase::handshake);
    CHECK(why.detail().attempts == 1);
    CHECK(contains(why.message(), reason));
    CHECK(contains(why.message(), why.advice()));
  }
  CHECK(world.service->counters().requests == 0);
}

failure failure_at(asio::io_context& context, client_options options) {
  const client service(context.get_executor(), std::move(options));
  const lookup one(service, some_ref);
  run_until(context, [&] { return one.done(); });
  REQUIRE(!one.outcome());
  return one.why();
}

/// Why the client is not even made.
std::string refusal(const client_options& options) {
  asio::io_context context;
  try {
    const client made(context.get_executor(), options);
  } catch (const failure_error& refused) {
    CHECK(refused.why().code() == errc::invalid_argument);
    return refused.why().message();
  }
  return "";
}

}  // namespace

TEST_CASE("client: a certificate of an unknown authority is refused") {
  tls_world world(certificate_request(), false);
  check_refused(world, "issuer");
}

TEST_CASE("client: a certificate that signed itself is refused") {
  certificate_request request;
  request.self_signed = true;
  tls_world world(request);
  check_refused(world, "self-signed");
}

TEST_CASE("client: an expired certificate is refused") {
  certificate_request request;
  request.valid_from = -2h;
  request.valid_until = -1h;
  tls_world world(request);
  check_refused(world, "expired");
}

TEST_CASE("client: a certificate that is not valid yet is refused") {
  certificate_request request;
  request.valid_from = 1h;
  request.valid_until = 2h;
  tls_world world(request);
  check_refused(world, "not yet valid");
}

TEST_CASE("client: a certificate for another host is refused") {
  certificate_request request;
  request.common_name = "localhost";
  request.names = {"DNS:elsewhere.example", "DNS:*.localhost", "IP:127.0.0.2"};
  tls_world world(request);
  check_refused(world, "is for another host");
  world.options.base_url = url_of_port(world.service->port(), "127.0.0.1");
  CHECK(world.get().error().code() == errc::certificate_rejected);
}

TEST_CASE("client: a name is checked as a name, and an address as an address") {
  certificate_request request;
  request.names = {"DNS:localhost"};
  tls_world named(request);
  CHECK(named.get().has_value());
  named.options.base_url = url_of_port(named.service->port(), "127.0.0.1");
  CHECK(named.get().error().code() == errc::certificate_rejected);
  named.options.base_url = url_of_port(named.service->port(), "LocalHost");
  CHECK(named.get().has_value());

  // A common name is no host name (RFC 9525, section 2).
  request.common_name = "localhost";
  request.names = {"IP:127.0.0.1"};
  tls_world numbered(request);
  CHECK(numbered.get().error().code() == errc::certificate_rejected);
  numbered.options.base_url = url_of_port(numbered.service->port(), "127.0.0.1");
  CHECK(numbered.get().has_value());
}

TEST_CASE("client: authorities come from a file as well") {
  tls_world world{certificate_request()};
  const temporary_directory directory;
  world.options.tls.ca_pem.clear();
  CHECK(world.get().error().code() == errc::certificate_rejected);
  world.options.tls.ca_file = directory.write("ca.pem", world.authority.ca_pem()).string();
  CHECK(world.get().has_value());
  world.options.tls.ca_file = (directory.path() / "missing.pem").string();
  CHECK(contains(refusal(world.options), "tls.ca_file"));
}

TEST_CASE("client: an intermediate, or the server's own certificate, is trusted when it is named") {
  const certificate_authority root;
  const auto intermediate = root.make_subordinate();
  const auto sibling = root.make_subordinate();
  auto shown = intermediate.issue(certificate_request());
  const std::string leaf = shown.certificate;
  for (const bool whole_chain : {false, true}) {
    CAPTURE(whole_chain);
    if (whole_chain) shown.certificate += intermediate.ca_pem();
    anchored_world world(shown);
    const auto outcome_with = [&world](const std::string& trusted) {
      world.options.tls.ca_pem = trusted;
      return world.get();
    };
    CHECK(outcome_with(intermediate.ca_pem()).has_value());
    CHECK(outcome_with(leaf).has_value());
    CHECK(outcome_with(sibling.ca_pem() + leaf).has_value());
    CHECK(outcome_with(root.ca_pem()).has_value() == whole_chain);

    CHECK(refused(outcome_with(sibling.ca_pem())));
    CHECK(refused(outcome_with(intermediate.issue(certificate_request()).certificate)));
    CHECK(refused(outcome_with(certificate_authority().ca_pem())));

    const temporary_directory directory;
    world.options.tls.ca_pem.clear();
    world.options.tls.ca_file = directory.write("leaf.pem", leaf).string();
    CHECK(world.get().has_value());
    world.options.tls.ca_file = directory.write("ca.pem", intermediate.ca_pem()).string();
    CHECK(world.get().has_value());
  }
}

TEST_CASE("client: a certificate that is trusted by itself is checked all the same") {
  const certificate_authority authority;
  const auto outcome_of = [&authority](const certificate_request& request) {
    const auto shown = authority.issue(request);
    anchored_world world(shown);
    world.options.tls.ca_pem = shown.certificate;
    return world.get();
  };
  CHECK(outcome_of(certificate_request()).has_value());
  certificate_request request;
  request.names = {"DNS:elsewhere.example"};
  CHECK(refused(outcome_of(request)));
  request = certificate_request();
  request.valid_from = -2h;
  request.valid_until = -1h;
  CHECK(refused(outcome_of(request)));
  request = certificate_request();
  request.purpose = certificate_purpose::client;
  CHECK(refused(outcome_of(request)));
}

TEST_CASE("client: what the system trusts is not widened by what is named beside it") {
  const certificate_authority root;
  const auto intermediate = root.make_subordinate();
  auto shown = intermediate.issue(certificate_request());
  const std::string leaf = shown.certificate;
  shown.certificate += intermediate.ca_pem() + root.ca_pem();
  const std::string another = certificate_authority().issue(certificate_request()).certificate;
  const temporary_directory directory;
  anchored_world world(shown);
  world.options.tls.system_authorities = true;
  for (const std::string& named : {std::string(), another}) {
    CAPTURE(named);
    world.options.tls.ca_pem = named;
    for (const std::string& of_system : {intermediate.ca_pem(), leaf}) {
      const system_store store(directory.write("system.pem", of_system));
      CHECK(refused(world.get()));
    }
    const system_store store(directory.write("system.pem", root.ca_pem()));
    CHECK(world.get().has_value());
  }
  const system_store store(directory.write("system.pem", another));
  world.options.tls.ca_pem = intermediate.ca_pem();
  CHECK(world.get().has_value());
}

TEST_CASE("client: plain HTTP is refused, unless it is allowed for loopback") {
  fake_service_options served;
  served.plain_http = true;
  client_fixture world(served);
  CHECK(contains(refusal(world.options), "never sent in the clear"));
  world.options.base_url = "http://192.0.2.1";
  world.options.plain_http_on_loopback = true;
  CHECK(contains(refusal(world.options), "never sent in the clear"));
  world.options.base_url = world.service.base_url();
  CHECK(world.get(world.make_client(), world.ref(1)).has_value());
}

TEST_CASE("client: a port that does not speak TLS") {
  fake_service_options served;
  served.plain_http = true;
  client_fixture world(served);
  world.options.base_url = url_of_port(world.service.port());
  world.options.retry = eager();
  const failure why = world.get(world.make_client(), world.ref(1)).error();
  CHECK(why.code() == errc::handshake_failed);
  CHECK(why.detail().step == phase::handshake);
  CHECK(why.detail().attempts == 3);
  CHECK(contains(why.message(), "does not speak TLS"));
  CHECK(world.service.counters().requests == 0);
}

TEST_CASE("client: a connection that is refused") {
  asio::io_context context;
  const deaf_port nobody;
  auto options = options_for(url_of_port(nobody.number(), "127.0.0.1"), "");
  options.tls.ca_pem.clear();
  options.retry = eager();
  const failure why = failure_at(context, options);
  CHECK(why.code() == errc::connect_failed);
  CHECK(why.detail().step == phase::connect);
  CHECK(why.detail().attempts == 3);
  CHECK(why.detail().cause == boost::system::errc::connection_refused);
  CHECK(contains(why.message(), "127.0.0.1:"));
}

TEST_CASE("client: no descriptor left is told as this machine's trouble") {
  client_fixture world;
  std::string over = "the service";
  SUBCASE("by address") { world.options.base_url = url_of_port(world.service.port(), "127.0.0.1"); }
  SUBCASE("by name") {}
  SUBCASE("through a proxy") {
    over = "the proxy 127.0.0.1:";
    world.options.proxy.url = "http://127.0.0.1:1";
  }
  const client service = world.make_client();
  std::optional<lookup> one;
  {
    const few_descriptors none_left;
    one.emplace(service, world.ref(1));
    run_until(world.context, [&] { return one->done(); });
  }
  REQUIRE(!one->outcome());
  const failure why = one->why();
  CAPTURE(why.message());
  CHECK(why == condition::transport);
  CHECK(why.detail().cause == boost::system::errc::too_many_files_open);
  CHECK(contains(why.message(), "this process has no file descriptor left"));
  CHECK(contains(why.advice(), "ulimit -n"));
  CHECK(!contains(why.message(), "base URL"));
  if (over == "the service") {
    // The pool may wait a moment before it knocks again.
    call_options patient;
    patient.retry = retry_policy().max_attempts(10);
    CHECK(world.get(service, world.ref(1), patient).has_value());
  } else {
    CHECK(contains(why.message(), over));
  }
}

TEST_CASE("client: a server that accepts and never answers the handshake") {
  asio::io_context context;
  const silent_listener silent(context);
  auto options = options_for(url_of_port(silent.port(), "127.0.0.1"), "");
  options.timeouts.handshake = 50ms;
  const failure why = failure_at(context, options);
  CHECK(why == condition::timed_out);
  CHECK(why.detail().step == phase::handshake);
  CHECK(why.detail().attempts == 1);
  CHECK(contains(why.message(), "this step may take 0.05 s"));
}

TEST_CASE("client: a server that never accepts") {
  asio::io_context context;
  const full_listener full(context);
  auto options = options_for(url_of_port(full.port(), "127.0.0.1"), "");
  options.timeouts.connect = 50ms;
  const failure why = failure_at(context, options);
  CHECK(why == condition::timed_out);
  CHECK(why.detail().step == phase::connect);
}

TEST_CASE("client: a host that cannot be resolved") {
  asio::io_context context;
  // A label longer than the 63 octets of RFC 1035: no resolver asks anybody about it.
  const std::string host = std::string(64, 'a') + ".invalid";
  const failure why = failure_at(context, options_for("https://" + host, ""));
  CHECK(why.code() == errc::resolve_failed);
  CHECK(why.detail().step == phase::resolve);
  CHECK(contains(why.message(), host));
}
