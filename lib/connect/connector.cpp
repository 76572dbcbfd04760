// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/connector.hpp"

#include "connect/socks_tunnel.hpp"
#include "connect/tunnel.hpp"
#include "connect/tunnel_loss.hpp"
#include "domain/local_trouble.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
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
  progress_.enter(phase::resolve);
  auto [not_found, addresses] =
      co_await target_->addresses->async_look_up(resolving_, executor, as_result);
  if (not_found) co_return unresolved(not_found);
  // Connecting would open the socket again that the caller has closed.
  if (cancelled_) co_return transport_failure(errc::cancelled, progress_.step(), "");

  progress_.enter(phase::connect);
  const auto race = std::make_shared<address_race>(executor, addresses, hop.port);
  connecting_ = race;
  auto [barred, reached] = co_await race->async_run(as_result);
  if (barred) {
    target_->addresses->distrust(addresses);
    co_return unreached(*race, barred);
  }
  if (cancelled_) co_return transport_failure(errc::cancelled, phase::connect, "");
  if (const auto unusable = opened.adopt(std::move(reached))) {
    co_return transport_failure(errc::connect_failed, phase::connect, unusable.message(), unusable);
  }
  co_return std::nullopt;
}

transport_failure connector::unresolved(const error_code& failed) const {
  error_code cause = failed;
  // The system's resolver says that it found nothing where it could not even look.
  if (const auto shortage = domain::descriptor_shortage()) cause = shortage;
  const auto& hop = target_->first_hop();
  std::string reason = (target_->through ? "the proxy " : "") + hop.host + ": ";
  if (const auto* const ours = domain::find_local_trouble(cause)) {
    reason.append(ours->words).append(": ");
  }
  return {errc::resolve_failed, phase::resolve, reason + cause.message(), cause};
}

transport_failure connector::unreached(const address_race& over, const error_code& failed) const {
  const auto& hop = target_->first_hop();
  std::string reason = (target_->through ? "the proxy " : "") + hop.authority() + ": ";
  if (const auto* const ours = domain::find_local_trouble(failed)) {
    reason.append(ours->words).append(": ");
  }
  return {errc::connect_failed, phase::connect, reason + over.troubles(), failed};
}

transport_failure connector::insecure(const stream& opened, const error_code& failed) const {
  const auto& through = target_->through;
  const bool by_tls = failed.category() == asio::error::get_ssl_category();
  if (through && !opened.heard() && !by_tls) return tunnel_was_empty(*through, failed);
  auto why = target_->tls->explain(opened.tls(), failed);
  if (through) why.reason += "; the way leads through " + through->name();
  return why;
}

asio::awaitable<std::optional<transport_failure>> connector::pass_proxy(stream& opened) {
  progress_.enter(phase::proxy);
  auto& socket = opened.socket();
  if (target_->through->protocol == proxy_protocol::socks5) {
    auto refused = co_await open_socks_tunnel(socket, *target_->through, target_->where);
    co_return refused;
  }
  auto refused = co_await open_tunnel(socket, *target_->through, target_->where);
  co_return refused;
}

asio::awaitable<std::optional<transport_failure>> connector::secure(stream& opened) {
  progress_.enter(phase::handshake);
  for (;;) {
    const auto did = opened.handshake();
    if (!did.failed) co_return std::nullopt;
    if (opened.heard()) progress_.answer_began();
    if (!did.must_wait()) co_return insecure(opened, did.failed);
    const auto [interrupted] = co_await opened.socket().async_wait(did.awaits, as_result);
    if (interrupted) co_return transport_failure(errc::cancelled, phase::handshake, "");
  }
}

asio::awaitable<std::optional<transport_failure>> connector::open(stream& opened) {
  if (target_->tls && !target_->tls->prepare(opened.tls())) {
    co_return transport_failure(errc::handshake_failed, phase::handshake,
                                "OpenSSL does not take the host name " + target_->where.host);
  }
  auto stranded = co_await reach(opened);
  if (stranded || !target_->tls) co_return stranded;
  if (target_->through) {
    auto refused = co_await pass_proxy(opened);
    if (refused) co_return refused;
    if (cancelled_) co_return transport_failure(errc::cancelled, phase::proxy, "");
  }
  co_return co_await secure(opened);
}

}  // namespace binarly::connect
