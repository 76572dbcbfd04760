// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_CONNECTOR_HPP
#define BINARLY_CONNECT_CONNECTOR_HPP

#include "connect/address_book.hpp"
#include "connect/address_race.hpp"
#include "connect/destination.hpp"
#include "connect/progress.hpp"
#include "connect/stream.hpp"
#include "connect/transport_failure.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>

namespace binarly::connect {

/// Takes one stream from nothing to ready for the first request; over TLS when the destination has
/// it, and then the stream must too. It has no deadline of its own: whoever owns it calls `cancel`,
/// which makes `open` come back soon. Not thread-safe.
class connector {
 public:
  /// `shown` tells what `open` is doing, and must outlive the connector.
  connector(std::shared_ptr<const destination> target, progress& shown);

  /// Resolves, connects, passes the proxy, and secures the stream. Nothing is thrown for what the
  /// network does.
  boost::asio::awaitable<std::optional<transport_failure>> open(stream& opened);

  /// Makes `open` end at its next step, and resolving and connecting at once. The caller closes the
  /// stream's socket, which ends what is pending on it.
  void cancel();

 private:
  boost::asio::awaitable<std::optional<transport_failure>> reach(stream& opened);
  boost::asio::awaitable<std::optional<transport_failure>> pass_proxy(stream& opened);
  boost::asio::awaitable<std::optional<transport_failure>> secure(stream& opened);
  [[nodiscard]] transport_failure unresolved(const error_code& failed) const;
  [[nodiscard]] transport_failure unreached(const address_race& over,
                                            const error_code& failed) const;
  [[nodiscard]] transport_failure insecure(const stream& opened, const error_code& failed) const;

  const std::shared_ptr<const destination> target_;
  progress& progress_;
  std::weak_ptr<address_book::waiter> resolving_;
  std::weak_ptr<address_race> connecting_;
  bool cancelled_ = false;
};

}  // namespace binarly::connect

#endif
