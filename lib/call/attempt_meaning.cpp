// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/attempt_meaning.hpp"

namespace binarly::call {

policy::attempt_end end_of(const failure_detail* wrong) noexcept {
  if (!wrong) return policy::attempt_end::served;
  switch (wrong->code) {
    case errc::throttled:
      return policy::attempt_end::overloaded;
    case errc::timed_out:
      // In the client's own queue it tells nothing of the service.
      return wrong->step == phase::acquire ? policy::attempt_end::other
                                           : policy::attempt_end::overloaded;
    case errc::server_error:
      switch (wrong->http_status) {
        case 408:
        case 503:
        case 504:
          return policy::attempt_end::overloaded;
        default:
          return policy::attempt_end::served;
      }
    default:
      return wrong->http_status != 0 ? policy::attempt_end::served : policy::attempt_end::other;
  }
}

bool tells_nothing(const failure_detail* wrong) noexcept {
  if (!wrong) return false;
  switch (wrong->code) {
    case errc::cancelled:
    case errc::client_closed:
    case errc::queue_full:
      return true;
    case errc::timed_out:
      return wrong->step == phase::acquire;
    default:
      return false;
  }
}

bool is_outage(const failure_detail* wrong) noexcept {
  if (!wrong) return false;
  const error_code code = make_error_code(wrong->code);
  return code == condition::transport || code == condition::timed_out ||
         code == condition::unavailable;
}

}  // namespace binarly::call
