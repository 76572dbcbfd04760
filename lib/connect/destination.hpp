// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_DESTINATION_HPP
#define BINARLY_CONNECT_DESTINATION_HPP

#include "connect/address_book.hpp"
#include "connect/origin.hpp"
#include "connect/proxy.hpp"
#include "connect/tls_client.hpp"

#include <memory>
#include <optional>

namespace binarly::connect {

/// Where connections go and how they get there: what all those of one client share. It may be used
/// from several threads.
struct destination {
  origin where;
  std::optional<proxy> through;
  std::shared_ptr<address_book> addresses;  ///< of the first hop
  std::shared_ptr<tls_client> tls;          ///< null for plain TCP

  destination() = default;

  /// Whom to connect to: the proxy, if there is one.
  [[nodiscard]] const host_port& first_hop() const noexcept {
    return through ? static_cast<const host_port&>(*through) : where;
  }
};

}  // namespace binarly::connect

#endif
