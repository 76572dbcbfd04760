// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/token_failure.hpp"

#include "domain/token_error.hpp"

namespace binarly::call {
namespace {

/// Whether asking again later, with nothing changed here, may bring a token.
bool may_pass(const failure_detail& why) {
  switch (why.code) {
    case errc::throttled:
    case errc::server_error:
    case errc::resolve_failed:
    case errc::connect_failed:
    case errc::handshake_failed:
    case errc::connection_lost:
    case errc::truncated:
    case errc::timed_out:
    case errc::queue_full:
    case errc::circuit_open:
    // Of a token provider's own: nobody cancelled the calls that wait.
    case errc::cancelled:
    case errc::client_closed:
    case errc::token_unavailable:
      return true;
    case errc::proxy_refused:
      return why.proxy_status >= 500;
    case errc::rejected:
    case errc::unauthorized:
    case errc::forbidden:
    case errc::not_found:
    case errc::bad_response:
      // The server's word counts for more than its status.
      return domain::is_passing(domain::token_error_of(why.server_message));
    case errc::invalid_argument:
    case errc::redirected:
    case errc::certificate_rejected:
    case errc::client_certificate_rejected:
    case errc::malformed_answer:
    case errc::too_large:
    case errc::not_ready:
    case errc::no_scan:
    case errc::token_refused:
      break;
  }
  return false;
}

}  // namespace

failure_detail token_failure(failure_detail why) {
  why.step = phase::token;
  if (why.code == errc::token_refused || why.code == errc::token_unavailable) return why;
  why.cause = make_error_code(why.code);
  why.code = may_pass(why) ? errc::token_unavailable : errc::token_refused;
  why.answered_by = why.http_status != 0    ? responder::identity_server
                    : why.proxy_status != 0 ? responder::proxy
                                            : responder::none;
  return why;
}

}  // namespace binarly::call
