// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_TRANSPORT_FAILURE_HPP
#define BINARLY_CONNECT_TRANSPORT_FAILURE_HPP

#include <binarly/failure.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace binarly::connect {

/// Why an exchange has no answer: what the layers below a call know of a failure.
struct transport_failure {
  errc code = errc::connection_lost;
  phase step = phase::acquire;
  std::string reason;
  error_code cause;
  /// What the proxy answered, when it is the one that refused; see `failure_detail`.
  unsigned proxy_status = 0;
  /// Trying again is no use before this has passed.
  std::chrono::nanoseconds retry_in{};

  transport_failure() = default;
  transport_failure(errc what, phase when, std::string why, error_code beneath = {})
      : code(what), step(when), reason(std::move(why)), cause(beneath) {}
};

}  // namespace binarly::connect

#endif
