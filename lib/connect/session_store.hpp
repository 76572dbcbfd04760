// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_SESSION_STORE_HPP
#define BINARLY_CONNECT_SESSION_STORE_HPP

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace binarly::connect {

struct session_freer {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using session_ptr = std::unique_ptr<SSL_SESSION, session_freer>;

/// Sessions that servers have granted, for connections to come. Those of one store belong to one
/// origin and one set of verification settings: a resumed session is not verified again. From any
/// thread.
class session_store {
 public:
  /// When there are more than `most`, the oldest goes.
  explicit session_store(std::size_t most) : most_(most) {}

  void put(session_ptr session);
  /// The freshest one, or null. A session of TLS 1.3 is given once (RFC 8446, appendix C.4: used
  /// again, it would tell an observer that two connections are one client's). One of TLS 1.2 stays:
  /// its server seldom grants another.
  [[nodiscard]] session_ptr take();

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::vector<session_ptr> sessions_;  // the freshest one is last
};

}  // namespace binarly::connect

#endif
