// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/patience.hpp"
#include "support/run_task.hpp"
#include "support/service_fixture.hpp"
#include "support/wire_client.hpp"
#include "testing/fake_connections.hpp"

#include <binarly/failure.hpp>
#include <binarly/testing/certificate_authority.hpp>
#include <binarly/testing/fake_service.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;
using asio::awaitable;

/// What the constructor finds fault with; empty when there is nothing.
std::string refusal(const fake_service_options& options) {
  asio::io_context context;
  try {
    const fake_service service(context.get_executor(), options);
    return {};
  } catch (const failure_error& error) {
    return error.why().detail().reason;
  }
}

/// Why the handshake fails; success when it does not.
boost::system::error_code handshake_error(const certificate_and_key& identity,
                                          const std::string& ca_pem, const std::string& host) {
  asio::io_context context;
  fake_service_options options;
  options.certificate = identity;
  const fake_service service(context.get_executor(), options);
  wire_client client(context.get_executor(), ca_pem);
  try {
    run_task(context, client.connect(service.port(), host));
    return {};
  } catch (const boost::system::system_error& error) {
    return error.code();
  }
}

awaitable<void> connect_all(std::vector<std::unique_ptr<wire_client>>& clients,
                            std::uint16_t port) {
  for (const auto& client : clients)
    co_await client->connect(port);
}

awaitable<void> expect_reset(wire_client& client) {
  const wire_end end = co_await client.read_to_end();
  CHECK(end.error == asio::error::connection_reset);
}

awaitable<void> expect_answer(wire_client& client, std::string request) {
  const wire_answer answer = co_await client.ask(std::move(request));
  CHECK(answer.status == 200);
}

misbehaviour lasting(fault kind, std::chrono::milliseconds duration) {
  misbehaviour made(kind);
  made.duration = duration;
  return made;
}

/// Clients in all the states that a session may be found in.
awaitable<void> occupy(fake_service& service,
                       std::array<std::unique_ptr<wire_client>, 6>& clients) {
  const auto ref = [&service](std::uint64_t index) { return service.image_at(index).ref; };
  service.script(ref(1), {misbehaviour(fault::hang)});
  service.script(ref(2), {lasting(fault::delay, 1h)});
  service.script(ref(3), {lasting(fault::slow_bytes, 1h)});
  service.script(ref(4), {misbehaviour(fault::huge_body)});
  co_await clients[0]->connect_only(service.port());
  for (std::uint64_t index = 1; index < 5; ++index) {
    co_await clients[index]->connect(service.port());
    co_await clients[index]->send(get_request(ref(index)));
  }
  co_await clients[4]->read_to_end(1000);
  co_await clients[3]->read_to_end(1);
  co_await clients[5]->connect(service.port());
  const wire_answer answer = co_await clients[5]->ask(get_request(ref(5)));
  CHECK(answer.status == 200);
}

struct recorded final : fake_connection {
  void abort(abort_how how) noexcept override {
    ++aborts;
    last = how;
  }
  int aborts = 0;
  abort_how last = abort_how::reset;
};

}  // namespace

TEST_CASE("fake service: unusable options are named") {
  const auto with = [](auto change) {
    fake_service_options options = plain_options();
    change(options);
    return refusal(options);
  };
  CHECK(with([](auto&) {}).empty());
  CHECK(with([](auto& o) { o.images = 0; }).starts_with("images: "));
  CHECK(with([](auto& o) { o.images = (1ULL << 40U) + 1; }).starts_with("images: "));
  CHECK(with([](auto& o) { o.products = 0; }).starts_with("products: "));
  CHECK(with([](auto& o) { o.address = "0.0.0.0"; }).starts_with("address: "));
  CHECK(with([](auto& o) { o.address = "192.0.2.1"; }).starts_with("address: "));
  CHECK(with([](auto& o) { o.address = "localhost"; }).starts_with("address: "));
  CHECK(with([](auto& o) { o.address = "::"; }).starts_with("address: "));
  CHECK(with([](auto& o) { o.latency = -1ms; }).starts_with("latency: "));
  for (const char* prefix : {"x", "/x/", "/", "/a b", "/a\r\nb", "/a?b"}) {
    CHECK(with([prefix](auto& o) { o.path_prefix = prefix; }).starts_with("path_prefix: "));
  }
  const auto with_fault = [&with](double probability, std::chrono::milliseconds duration,
                                  const std::string& retry_after) {
    return with([&](auto& o) {
      o.faults = {misbehaviour(fault::delay, probability), misbehaviour(fault::hang, 0.5)};
      o.faults[0].duration = duration;
      o.faults[0].retry_after = retry_after;
    });
  };
  CHECK(with_fault(0.5, 1ms, "1").empty());
  CHECK(with_fault(0.6, 1ms, "1").starts_with("faults: "));
  CHECK(with_fault(-0.1, 1ms, "1").starts_with("faults: "));
  CHECK(with_fault(0.5, -1ms, "1").starts_with("faults: "));
  CHECK(with_fault(0.5, 1ms, "1\r\nx: y").starts_with("faults: "));
  const auto tls = [](auto change) {
    fake_service_options options;
    const certificate_authority authority;
    options.certificate = authority.issue(certificate_request());
    change(options);
    return refusal(options);
  };
  CHECK(tls([](auto&) {}).empty());
  CHECK(tls([](auto& o) { o.certificate.key.clear(); }).starts_with("certificate: "));
  CHECK(tls([](auto& o) { o.certificate.certificate = "x"; }).starts_with("certificate: "));
  CHECK(tls([](auto& o) {
          o.certificate.key = certificate_authority().issue(certificate_request()).key;
        }).starts_with("certificate: "));
}

TEST_CASE("fake service: a script that cannot be carried out is refused") {
  asio::io_context context;
  fake_service service(context.get_executor(), plain_options());
  const image_ref ref = service.image_at(0).ref;
  CHECK_THROWS_AS(service.script(ref, {lasting(fault::delay, -1ms)}), failure_error);
  // Nothing says that a script's probabilities mean anything.
  const misbehaviour sure(fault::status_500, 1);
  CHECK_NOTHROW(service.script(ref, {sure, sure}));
}

TEST_CASE("fake service: a taken port is named, and free again afterwards") {
  asio::io_context context;
  fake_service_options options = plain_options();
  auto first = std::make_unique<fake_service>(context.get_executor(), options);
  options.port = first->port();
  CHECK(refusal(options).starts_with("port: "));
  first.reset();
  context.run_for(patience);
  REQUIRE(context.stopped());
  CHECK(refusal(options).empty());
}

TEST_CASE("fake service: other loopback addresses") {
  fake_service_options options = plain_options();
  options.address = "127.0.0.2";
  asio::io_context context;
  const fake_service service(context.get_executor(), options);
  CHECK(service.base_url() == "http://127.0.0.2:" + std::to_string(service.port()));
}

TEST_CASE("certificates: strict verification accepts the good ones only") {
  const certificate_authority authority;
  const certificate_authority stranger;
  const certificate_and_key good = authority.issue(certificate_request());
  CHECK(handshake_error({}, authority.ca_pem(), "localhost"));
  CHECK_FALSE(handshake_error(good, authority.ca_pem(), "localhost"));
  CHECK_FALSE(handshake_error(good, authority.ca_pem(), "127.0.0.1"));
  CHECK_FALSE(handshake_error(good, authority.ca_pem(), "::1"));
  CHECK(handshake_error(good, authority.ca_pem(), "example.com"));
  CHECK(handshake_error(good, stranger.ca_pem(), "localhost"));

  certificate_request expired;
  expired.valid_until = -60s;
  CHECK(handshake_error(authority.issue(expired), authority.ca_pem(), "localhost"));
  certificate_request early;
  early.valid_from = 3600s;
  CHECK(handshake_error(authority.issue(early), authority.ca_pem(), "localhost"));
  certificate_request elsewhere;
  elsewhere.common_name = "elsewhere.example";
  elsewhere.names = {"DNS:elsewhere.example"};
  CHECK(handshake_error(authority.issue(elsewhere), authority.ca_pem(), "localhost"));
  CHECK_FALSE(handshake_error(authority.issue(elsewhere), authority.ca_pem(), "elsewhere.example"));
  certificate_request own;
  own.self_signed = true;
  const certificate_and_key self_signed = authority.issue(own);
  CHECK(handshake_error(self_signed, authority.ca_pem(), "localhost"));

  certificate_request for_clients;
  for_clients.purpose = certificate_purpose::client;
  CHECK(handshake_error(authority.issue(for_clients), authority.ca_pem(), "localhost"));
  const certificate_authority subordinate = authority.make_subordinate();
  certificate_and_key chained = subordinate.issue(certificate_request());
  CHECK(handshake_error(chained, authority.ca_pem(), "localhost"));
  chained.certificate += subordinate.ca_pem();
  CHECK_FALSE(handshake_error(chained, authority.ca_pem(), "localhost"));
  CHECK(handshake_error(chained, stranger.ca_pem(), "localhost"));

  certificate_request smuggled;
  smuggled.names = {"DNS:a,DNS:b"};
  CHECK_THROWS_AS(static_cast<void>(authority.issue(smuggled)), failure_error);
  smuggled.names = {"email:copy"};
  CHECK_THROWS_AS(static_cast<void>(authority.issue(smuggled)), failure_error);
  certificate_request long_name;
  long_name.common_name = std::string(65, 'x');
  CHECK_THROWS_AS(static_cast<void>(authority.issue(long_name)), failure_error);
}

TEST_CASE("fake service: connections are counted and can all be reset") {
  service_fixture setup{fake_service_options()};
  std::vector<std::unique_ptr<wire_client>> clients;
  for (int count = 0; count < 3; ++count) {
    clients.push_back(
        std::make_unique<wire_client>(setup.context.get_executor(), setup.service.ca_pem()));
  }
  run_task(setup.context, connect_all(clients, setup.service.port()));
  const std::string request = get_request(setup.service.image_at(0).ref);
  for (const auto& client : clients)
    run_task(setup.context, expect_answer(*client, request));
  fake_service_counters seen = setup.service.counters();
  CHECK(seen.connections == 3);
  CHECK(seen.handshakes == 3);
  CHECK(seen.open_connections == 3);
  CHECK(seen.requests == 3);
  CHECK(seen.faults == 0);
  CHECK(seen.unauthorized == 0);

  setup.service.reset_connections();
  for (const auto& client : clients)
    run_task(setup.context, expect_reset(*client));
  CHECK(setup.ask(request).status == 200);
  seen = setup.service.counters();
  CHECK(seen.connections == 4);
  CHECK(seen.open_connections == 1);
  CHECK(seen.most_open_connections == 3);
}

TEST_CASE("fake service: a hang ends when the peer goes") {
  service_fixture setup{fake_service_options()};
  const image_ref ref = setup.service.image_at(0).ref;
  setup.service.script(ref, {misbehaviour(fault::hang)});
  run_task(setup.context, setup.client.connect(setup.service.port()));
  run_task(setup.context, setup.client.send(get_request(ref) + get_request(ref)));
  const auto bound = std::chrono::steady_clock::now() + patience;
  while (setup.service.counters().faults == 0)
    REQUIRE(setup.context.run_one_until(bound) == 1);
  CHECK(setup.service.counters().open_connections == 1);
  run_task(setup.context, setup.client.close());
  while (setup.service.counters().open_connections != 0)
    REQUIRE(setup.context.run_one_until(bound) == 1);
  CHECK(setup.service.counters().requests == 1);
}

TEST_CASE("fake service: destroyed with sessions in every state, it leaves nothing behind") {
  const auto clients_of = [](asio::io_context& context, const fake_service& service) {
    std::array<std::unique_ptr<wire_client>, 6> clients;
    for (auto& client : clients) {
      client = std::make_unique<wire_client>(context.get_executor(), service.ca_pem());
    }
    return clients;
  };
  SUBCASE("and the context runs on") {
    asio::io_context context;
    auto service = std::make_unique<fake_service>(context.get_executor(), fake_service_options());
    auto clients = clients_of(context, *service);
    run_task(context, occupy(*service, clients));
    CHECK(service->counters().open_connections == 6);
    service.reset();
    context.restart();
    // Without waiting: a timer that is still armed would show.
    while (context.poll() != 0) {
    }
    CHECK(context.stopped());
  }
  SUBCASE("and the context is destroyed at once") {
    asio::io_context context;
    auto service = std::make_unique<fake_service>(context.get_executor(), fake_service_options());
    auto clients = clients_of(context, *service);
    run_task(context, occupy(*service, clients));
  }
  SUBCASE("and the context never ran") {
    asio::io_context context;
    const fake_service service(context.get_executor(), fake_service_options());
  }
  SUBCASE("from another thread than the one that runs the context") {
    asio::io_context context;
    auto service = std::make_unique<fake_service>(context.get_executor(), fake_service_options());
    auto clients = clients_of(context, *service);
    run_task(context, occupy(*service, clients));
    context.restart();
    std::thread runner([&context] { context.run_for(patience); });
    service->script(service->image_at(0).ref, {misbehaviour(fault::delay)});
    CHECK(service->counters().connections == 6);
    service.reset();
    runner.join();
    CHECK(context.stopped());
  }
}

TEST_CASE("fake service: several threads run its executor, and others use it") {
  asio::thread_pool threads(3);
  auto service = std::make_unique<fake_service>(threads.get_executor(), fake_service_options());
  asio::io_context context;
  std::vector<std::unique_ptr<wire_client>> clients;
  for (int count = 0; count < 4; ++count) {
    clients.push_back(std::make_unique<wire_client>(context.get_executor(), service->ca_pem()));
  }
  run_task(context, connect_all(clients, service->port()));
  const image_ref ref = service->image_at(0).ref;
  for (int round = 0; round < 20; ++round) {
    service->script(ref, {lasting(fault::delay, 0ms)});
    for (const auto& client : clients)
      run_task(context, expect_answer(*client, get_request(ref)));
  }
  CHECK(service->counters().requests == 80);
  CHECK(service->counters().faults == 20);
  service->reset_connections();
  for (const auto& client : clients)
    run_task(context, expect_reset(*client));

  auto last = std::make_unique<wire_client>(context.get_executor(), service->ca_pem());
  service->script(ref, {lasting(fault::delay, 1h)});
  run_task(context, last->connect(service->port()));
  run_task(context, last->send(get_request(ref)));
  service.reset();
  threads.join();
}

TEST_CASE("fake service: silent connections are ended") {
  fake_connections connections;
  recorded silent;
  recorded busy;
  recorded waiting;
  waiting.silent_ticks = -5;
  for (recorded* one : {&silent, &busy, &waiting})
    connections.add(*one);
  for (int tick = 0; tick < fake_connections::most_silent_ticks; ++tick) {
    connections.tick();
    busy.silent_ticks = 0;
  }
  CHECK(silent.aborts == 0);
  connections.tick();
  CHECK(silent.aborts == 1);
  CHECK(silent.last == abort_how::close);
  CHECK(busy.aborts == 0);
  CHECK(waiting.aborts == 0);
  connections.remove(silent);
  for (int tick = 0; tick < 5; ++tick)
    connections.tick();
  CHECK(silent.aborts == 1);
  CHECK(waiting.aborts == 1);
}
