// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/connector.hpp"

#include "connect/tunnel.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <utility>

namespace binarly::connect {
namespace {

namespace asio = boost::asio;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

connector::connector(std::shared_ptr<const destination> target, progress& shown)
    : target_(std::move(target)), progress_(shown) {}

void connector::cancel() {
  cancelled_ = true;
  if (const auto waiter = resolving_.lock()) address_book::leave(*waiter);
  if (const auto race = connecting_.lock()) race->cancel();
}

asio::awaitable<std::optional<transport_failure>> connector::reach(stream& opened) {
  const auto executor = opened.socket().get_executor();
  const host_port& hop = target_->first_hop();
  const std::string named = target_->through ? "the proxy " : "";
  progress_.enter(phase::resolve);
  auto [unresolved, addresses] =
      co_await target_->addresses->async_look_up(resolving_, executor, as_result);
  if (unresolved) {
    co_return transport_failure(errc::resolve_failed, phase::resolve,
                                named + hop.host + ": " + unresolved.message(), unresolved);
  }
  // Connecting would open the socket again that the caller has closed.
  if (cancelled_) co_return transport_failure(errc::cancelled, progress_.step(), "");

  progress_.enter(phase::connect);
  const auto race = std::make_shared<address_race>(executor, addresses, hop.port);
  connecting_ = race;
  auto [unreached, reached] = co_await race->async_run(as_result);
  if (unreached) {
    target_->addresses->distrust(addresses);
    co_return transport_failure(errc::connect_failed, phase::connect,
                                named + hop.authority() + ": " + race->troubles(), unreached);
  }
  if (cancelled_) co_return transport_failure(errc::cancelled, phase::connect, "");
  if (const auto unusable = opened.adopt(std::move(reached))) {
    co_return transport_failure(errc::connect_failed, phase::connect, unusable.message(), unusable);
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<transport_failure>> connector::secure(stream& opened) {
  progress_.enter(phase::handshake);
  for (;;) {
    const auto did = opened.handshake();
    if (!did.failed) co_return std::nullopt;
    if (!did.must_wait()) co_return target_->tls->explain(opened.tls(), did.failed);
    const auto [interrupted] = co_await opened.socket().async_wait(did.awaits, as_result);
    if (interrupted) co_return transport_failure(errc::cancelled, phase::handshake, "");
  }
}

asio::awaitable<std::optional<transport_failure>> connector::open(stream& opened) {
  if (target_->tls && !target_->tls->prepare(opened.tls())) {
    co_return transport_failure(errc::handshake_failed, phase::handshake,
                                "OpenSSL does not take the host name " + target_->where.host);
  }
  auto unreached = co_await reach(opened);
  if (unreached || !target_->tls) co_return unreached;
  if (target_->through) {
    progress_.enter(phase::proxy);
    auto refused = co_await open_tunnel(opened.socket(), *target_->through, target_->where);
    if (refused) co_return refused;
    if (cancelled_) co_return transport_failure(errc::cancelled, phase::proxy, "");
  }
  co_return co_await secure(opened);
}

}  // namespace binarly::connect
