// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_executors.hpp"
#include "support/client_fixture.hpp"
#include "support/process.hpp"

#include <binarly/certificate_store.hpp>
#include <binarly/client.hpp>
#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <list>
#include <string>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;

/// Where OpenSSL looks for the system's authorities, for as long as this lives.
class system_bundle {
 public:
  explicit system_bundle(const std::string& pem) : file_(directory_.write("system.pem", pem)) {
    if (const char* const before = std::getenv(name)) before_ = before;
    ::setenv(name, file_.c_str(), 1);
  }
  ~system_bundle() {
    if (before_.empty()) {
      ::unsetenv(name);
    } else {
      ::setenv(name, before_.c_str(), 1);
    }
  }
  system_bundle(const system_bundle&) = delete;
  system_bundle& operator=(const system_bundle&) = delete;

  /// Whoever reads it again finds nothing.
  void remove() const { std::filesystem::remove(file_); }

 private:
  static constexpr const char* name = "SSL_CERT_FILE";
  temporary_directory directory_;
  std::filesystem::path file_;
  std::string before_;
};

tls_options trust_in(const certificate_store& store) {
  tls_options trust;
  trust.authorities = store;
  return trust;
}

}  // namespace

TEST_CASE("certificate store: clients that share one do not read the authorities again") {
  client_fixture world;
  const system_bundle bundle(world.service.ca_pem());
  const auto shared = certificate_store::read(tls_options());
  CHECK(!shared.empty());
  bundle.remove();

  world.options.tls = trust_in(shared);
  const auto one = world.make_client();
  const auto other = world.make_client();
  CHECK(world.get(one, world.ref(1)).has_value());
  CHECK(world.get(other, world.ref(2)).has_value());
  CHECK(world.service.counters().handshakes == 2);

  // One that reads for itself finds that there is nothing any more.
  world.options.tls = tls_options();
  const auto alone = world.make_client();
  const auto refused = world.get(alone, world.ref(3));
  REQUIRE(refused.has_error());
  CHECK(refused.error() == errc::certificate_rejected);
}

TEST_CASE("certificate store: of a file and of text, which need not be kept") {
  client_fixture world;
  certificate_store shared;
  SUBCASE("a file") {
    const temporary_directory directory;
    tls_options from;
    from.system_authorities = false;
    from.ca_file = directory.write("ca.pem", world.service.ca_pem());
    shared = certificate_store::read(from);
  }
  SUBCASE("text") {
    tls_options from;
    from.system_authorities = false;
    from.ca_pem = world.service.ca_pem();
    shared = certificate_store::read(from);
  }
  world.options.tls = trust_in(shared);
  for (std::uint64_t each = 0; each < 3; ++each) {
    const auto own = world.make_client();
    CHECK(world.get(own, world.ref(each)).has_value());
  }
}

TEST_CASE("certificate store: each client asks for the certificate of its own host all the same") {
  const certificate_authority authority;
  certificate_request request;
  request.names = {"DNS:elsewhere.example"};
  fake_service_options served;
  served.certificate = authority.issue(request);
  client_fixture world(served);
  tls_options from;
  from.system_authorities = false;
  from.ca_pem = authority.ca_pem();
  world.options.tls = trust_in(certificate_store::read(from));
  for (std::uint64_t each = 0; each < 2; ++each) {
    const auto own = world.make_client();
    const auto refused = world.get(own, world.ref(each));
    REQUIRE(refused.has_error());
    CHECK(refused.error() == errc::certificate_rejected);
    CHECK(refused.error().detail().reason.find("elsewhere.example") != std::string::npos);
  }
}

TEST_CASE("certificate store: it trusts nobody whom it was not read from") {
  client_fixture world;
  const certificate_authority stranger;
  tls_options from;
  from.system_authorities = false;
  from.ca_pem = stranger.ca_pem();
  world.options.tls = trust_in(certificate_store::read(from));
  const auto own = world.make_client();
  const auto refused = world.get(own, world.ref(1));
  REQUIRE(refused.has_error());
  CHECK(refused.error() == errc::certificate_rejected);
}

TEST_CASE("certificate store: an intermediate that was named where it was read is trusted") {
  const certificate_authority root;
  const auto intermediate = root.make_subordinate();
  fake_service_options served;
  served.certificate = intermediate.issue(certificate_request());
  client_fixture world(served);
  tls_options from;
  from.system_authorities = false;
  from.ca_pem = intermediate.ca_pem();
  world.options.tls = trust_in(certificate_store::read(from));
  for (std::uint64_t each = 0; each < 2; ++each) {
    const auto own = world.make_client();
    CHECK(world.get(own, world.ref(each)).has_value());
  }
  from.ca_pem = root.make_subordinate().ca_pem();
  world.options.tls = trust_in(certificate_store::read(from));
  const auto other = world.make_client();
  CHECK(world.get(other, world.ref(1)).has_error());
}

TEST_CASE("certificate store: what cannot be used is named") {
  tls_options from;
  from.system_authorities = false;
  const auto problem = [](const auto& action) -> std::string {
    try {
      action();
    } catch (const failure_error& refused) {
      CHECK(refused.why() == errc::invalid_argument);
      return refused.why().detail().reason;
    }
    return "";
  };
  from.ca_pem = "nothing";
  CHECK(problem([&] { (void)certificate_store::read(from); }).starts_with("tls.ca_pem"));
  from.ca_pem.clear();
  from.ca_file = "/does/not/exist";
  CHECK(problem([&] { (void)certificate_store::read(from); }).starts_with("tls.ca_file"));

  client_fixture world;
  world.options.tls.authorities = certificate_store::read(world.options.tls);
  const auto both = problem([&] { (void)world.make_client(); });
  CHECK(both.starts_with("tls.ca_pem"));
  CHECK(both.find("tls.authorities") != std::string::npos);
}

TEST_CASE("certificate store: clients on many threads share one") {
  background_service service;
  auto options = options_for(*service);
  options.tls = trust_in(certificate_store::read(options.tls));
  threads four(4);
  constexpr std::size_t clients = 16;
  tally sum(clients);
  std::list<client> all;
  for (std::uint64_t each = 0; each < clients; ++each) {
    all.emplace_back(four.get_executor(), options);
    sum.look_up(all.back(), service->image_at(each).ref);
  }
  CHECK(sum.wait() == clients);
  all.clear();
}
