// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "bulk/run_health.hpp"

namespace binarly::bulk {
namespace {

/// Something else than the platform, which is not in trouble either: a load balancer that has no
/// service behind it is, and so is a proxy that cannot reach it.
bool is_strange(const failure_detail& why) noexcept {
  switch (why.code) {
    case errc::bad_response:
    case errc::redirected:
    case errc::rejected:
      return why.answered_by == responder::stranger;
    case errc::malformed_answer:
      return true;
    case errc::proxy_refused:
      return why.proxy_status >= 400 && why.proxy_status < 500;
    default:
      return false;
  }
}

}  // namespace

bool run_health::gives_up(const verification& ended) noexcept {
  if (ended.verdict == verdict::cancelled) return false;
  const auto& why = ended.failure.detail();
  const bool failed = ended.verdict == verdict::failed;
  if (failed && (why.code == errc::token_refused || why.code == errc::unauthorized)) {
    return ++refused_ == patience_;
  }
  // An image was the platform's, whoever answered for its scans or its report.
  if (!failed || ended.image || why.answered_by == responder::platform) {
    platform_seen_ = true;
    refused_ = 0;
    return false;
  }
  return is_strange(why) && !platform_seen_ && ++strangers_ == patience_;
}

}  // namespace binarly::bulk
