// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_session.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace binarly::testing {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

// When accepting fails, for want of descriptors as a rule, it is tried again after this.
constexpr std::chrono::milliseconds accept_pause{50};

[[noreturn]] void refuse(std::string reason, error_code cause = {}) {
  failure_detail detail;
  detail.reason = std::move(reason);
  detail.cause = cause;
  throw failure_error(failure(std::move(detail)));
}

tcp::endpoint endpoint_of(const fake_service_options& options) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error || !address.is_loopback()) {
    refuse("address: only a literal loopback address is listened on");
  }
  return {address, options.port};
}

std::string host_of(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address == asio::ip::address_v4::loopback()) return "localhost";
  return address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
}

/// The listening socket, and what sessions share. Its own coroutines and theirs own it, and nobody
/// else: so it goes with its execution context, which a `fake_service` may outlive.
class listener : public fake_service_state {
 public:
  using timer =
      asio::basic_waitable_timer<std::chrono::steady_clock,
                                 asio::wait_traits<std::chrono::steady_clock>, strand_type>;

  listener(strand_type on, std::shared_ptr<fake_backend> by)
      : fake_service_state(std::move(by), std::move(on)),
        acceptor(strand),
        accept_timer(strand),
        tick_timer(strand) {}

  void listen(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      refuse("port: cannot listen on " + endpoint.address().to_string() + " port " +
                 std::to_string(endpoint.port()),
             error);
    }
  }

  void stop() {
    stopped = true;
    error_code ignored;
    acceptor.close(ignored);
    accept_timer.cancel();
    tick_timer.cancel();
    connections.abort_all(abort_how::close);
  }

  static task<void> accept(std::shared_ptr<listener> self) {
    while (!self->stopped) {
      auto [error, socket] = co_await self->acceptor.async_accept(as_task);
      if (self->stopped) break;
      if (error) {
        self->accept_timer.expires_after(accept_pause);
        co_await self->accept_timer.async_wait(as_task);
        continue;
      }
      socket.set_option(tcp::no_delay(true), error);
      start_fake_session(self, std::move(socket));
    }
  }

  static task<void> tick(std::shared_ptr<listener> self) {
    while (!self->stopped) {
      self->tick_timer.expires_after(fake_connections::tick_length);
      co_await self->tick_timer.async_wait(as_task);
      self->connections.tick();
    }
  }

  asio::basic_socket_acceptor<tcp, strand_type> acceptor;
  timer accept_timer;
  timer tick_timer;
  bool stopped = false;
};

}  // namespace

/// What there is to know of the service, while its context lives and afterwards.
class fake_service::impl {
 public:
  impl(strand_type on, const fake_service_options& options)
      : answers(std::make_shared<fake_backend>(options)), backend(*answers) {
    const auto made = std::make_shared<listener>(std::move(on), answers);
    const certificate_and_key& given = options.certificate;
    if (!options.plain_http) {
      const bool own = given.certificate.empty() && given.key.empty();
      made->tls = make_tls_context(own ? authority.issue(certificate_request()) : given);
    }
    made->listen(endpoint_of(options));
    const tcp::endpoint endpoint = made->acceptor.local_endpoint();
    port = endpoint.port();
    base_url = (options.plain_http ? "http://" : "https://") + host_of(endpoint) + ":" +
               std::to_string(port) + options.path_prefix;
    running = made;
    // Without accepting there is no service left: better to stop than to let clients wait.
    const auto stop_on_failure = [service = made](const std::exception_ptr& thrown) {
      if (thrown) service->stop();
    };
    asio::co_spawn(made->strand, listener::accept(made), stop_on_failure);
    asio::co_spawn(made->strand, listener::tick(made), stop_on_failure);
  }

  /// Calls `function(listener)` on its strand, if it still runs.
  template <class Function>
  void tell(Function function) const {
    if (const auto here = running.lock()) {
      asio::dispatch(here->strand, [here, function] { function(*here); });
    }
  }

  const std::shared_ptr<fake_backend> answers;
  fake_backend& backend;
  certificate_authority authority;
  std::uint16_t port = 0;
  std::string base_url;
  std::weak_ptr<listener> running;
};

fake_service::fake_service(boost::asio::any_io_executor executor, fake_service_options options)
    : impl_(std::make_shared<impl>(strand_type(executor), options)) {}

fake_service::~fake_service() {
  impl_->tell([](listener& here) { here.stop(); });
}

std::uint16_t fake_service::port() const noexcept { return impl_->port; }

std::string fake_service::base_url() const { return impl_->base_url; }

std::string fake_service::token_url() const {
  const fake_backend& backend = impl_->backend;
  return backend.tokens ? impl_->base_url + backend.token_path : std::string();
}

const std::string& fake_service::ca_pem() const noexcept { return impl_->authority.ca_pem(); }

fake_image fake_service::image_at(std::uint64_t index) const {
  if (index >= impl_->backend.catalogue.images()) refuse("index: there is no such image");
  return impl_->backend.catalogue.image_at(index);
}

std::vector<checksum> fake_service::checksums_of(std::uint64_t index, std::string_view file) const {
  (void)image_at(index);
  return impl_->backend.catalogue.checksums_of(index, file);
}

void fake_service::script(const image_ref& ref, std::vector<misbehaviour> next) {
  impl_->backend.plan.script(resource_of(ref.product_id(), ref.image_id()), std::move(next));
}

void fake_service::script_token_requests(std::vector<misbehaviour> next) {
  impl_->backend.script_token_requests(std::move(next));
}

void fake_service::set_scan(const image_ref& ref, fake_scan scan) {
  impl_->backend.set_scan(ref, std::move(scan));
}

void fake_service::set_permissions(std::vector<std::string> permissions) {
  impl_->backend.set_permissions(std::move(permissions));
}

void fake_service::accept_tokens_of(const fake_service& issuer) {
  auto tokens = issuer.impl_->backend.tokens;
  if (!tokens) refuse("issuer: it plays no identity server");
  impl_->backend.accept(std::move(tokens));
}

void fake_service::revoke_tokens() { impl_->backend.revoke_tokens(); }

std::vector<std::string> fake_service::recent_heads() const {
  return impl_->backend.recent_heads();
}

void fake_service::reset_connections() {
  impl_->tell([](listener& here) { here.connections.abort_all(abort_how::reset); });
}

fake_service_counters fake_service::counters() const {
  const live_counters& live = impl_->backend.counters;
  fake_service_counters seen;
  seen.connections = live.connections;
  seen.handshakes = live.handshakes;
  seen.open_connections = live.open_connections;
  seen.most_open_connections = live.most_open_connections;
  seen.requests = live.requests;
  seen.faults = live.faults;
  seen.unauthorized = live.unauthorized;
  seen.token_requests = live.token_requests;
  if (impl_->backend.tokens) seen.tokens_issued = impl_->backend.tokens->issued();
  return seen;
}

}  // namespace binarly::testing
