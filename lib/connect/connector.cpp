// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/connector.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <vector>

namespace binarly::connect {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

connector::connector(asio::any_io_executor executor, std::shared_ptr<const destination> target,
                     progress& shown)
    : target_(std::move(target)), progress_(shown), resolver_(std::move(executor)) {}

void connector::cancel() {
  cancelled_ = true;
  resolver_.cancel();
}

asio::awaitable<std::optional<transport_failure>> connector::reach(tcp_stream& socket) {
  const origin& where = target_->where;
  std::vector<tcp::endpoint> endpoints;
  if (where.literal) {
    endpoints.emplace_back(asio::ip::make_address(where.host), where.port);
  } else {
    progress_.enter(phase::resolve);
    const auto [failed, found] =
        co_await resolver_.async_resolve(where.host, std::to_string(where.port), as_result);
    if (failed) {
      co_return transport_failure(errc::resolve_failed, phase::resolve,
                                  where.host + ": " + failed.message(), failed);
    }
    endpoints.assign(found.begin(), found.end());
  }
  // Connecting would open the socket again that the caller has closed.
  if (cancelled_) co_return transport_failure(errc::cancelled, progress_.step(), "");
  progress_.enter(phase::connect);
  const auto [failed, reached] = co_await asio::async_connect(socket, endpoints, as_result);
  if (failed) {
    co_return transport_failure(errc::connect_failed, phase::connect,
                                where.authority() + ": " + failed.message(), failed);
  }
  // A request is one write: waiting for more to send would only delay it.
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  co_return std::nullopt;
}

asio::awaitable<std::optional<transport_failure>> connector::open(tcp_stream& stream) {
  co_return co_await reach(stream);
}

asio::awaitable<std::optional<transport_failure>> connector::open(tls_stream& stream) {
  SSL* const tls = stream.native_handle();
  if (!target_->tls->prepare(tls)) {
    co_return transport_failure(errc::handshake_failed, phase::handshake,
                                "OpenSSL does not take the host name " + target_->where.host);
  }
  auto unreached = co_await reach(stream.next_layer());
  if (unreached) co_return unreached;
  progress_.enter(phase::handshake);
  const auto [failed] = co_await stream.async_handshake(tls_stream::client, as_result);
  if (failed) co_return target_->tls->explain(tls, failed);
  co_return std::nullopt;
}

}  // namespace binarly::connect
