// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_DESTINATION_HPP
#define BINARLY_CONNECT_DESTINATION_HPP

#include "connect/address_book.hpp"
#include "connect/origin.hpp"
#include "connect/tls_client.hpp"

#include <memory>

namespace binarly::connect {

/// Where connections go and how they get there: what all those of one client share. It may be used
/// from several threads.
struct destination {
  origin where;
  std::shared_ptr<address_book> addresses;
  std::shared_ptr<tls_client> tls;  ///< null for plain TCP

  destination() = default;
};

}  // namespace binarly::connect

#endif
