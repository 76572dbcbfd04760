// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_SESSION_HPP
#define BINARLY_LIB_TESTING_FAKE_SESSION_HPP

#include "testing/fake_backend.hpp"
#include "testing/fake_connections.hpp"
#include "testing/fake_stream.hpp"

#include <memory>
#include <utility>

namespace binarly::testing {

/// What the service's parts share. Lives as long as the last of them; used on the strand only,
/// save for what says otherwise.
struct fake_service_state {
  fake_service_state(std::shared_ptr<fake_backend> by, strand_type on)
      : answers(std::move(by)), backend(*answers), strand(std::move(on)) {}

  const std::shared_ptr<fake_backend> answers;
  fake_backend& backend;
  strand_type strand;
  fake_connections connections;
  /// None for plain HTTP.
  std::shared_ptr<asio::ssl::context> tls;
};

/// Serves one accepted connection until it ends, or until `connections` aborts it.
void start_fake_session(std::shared_ptr<fake_service_state> service, tcp_socket socket);

}  // namespace binarly::testing

#endif
