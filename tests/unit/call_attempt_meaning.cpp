// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/attempt_meaning.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace {

using binarly::errc;
using binarly::phase;
using binarly::policy::attempt_end;

TEST_CASE("what the end of an attempt says about the service") {
  struct row {
    errc code;
    unsigned status;
    phase step;
    attempt_end end;
    bool nothing;
    bool outage;
  };
  const std::vector<row> table{
      {errc::throttled, 429, phase::decode, attempt_end::overloaded, false, false},
      {errc::server_error, 503, phase::decode, attempt_end::overloaded, false, true},
      {errc::server_error, 504, phase::decode, attempt_end::overloaded, false, true},
      {errc::server_error, 408, phase::decode, attempt_end::overloaded, false, true},
      {errc::server_error, 500, phase::decode, attempt_end::served, false, true},
      {errc::not_found, 404, phase::decode, attempt_end::served, false, false},
      {errc::unauthorized, 401, phase::decode, attempt_end::served, false, false},
      {errc::bad_response, 200, phase::decode, attempt_end::served, false, false},
      {errc::timed_out, 0, phase::head, attempt_end::overloaded, false, true},
      {errc::timed_out, 200, phase::body, attempt_end::overloaded, false, true},
      {errc::timed_out, 0, phase::acquire, attempt_end::other, true, true},
      {errc::connect_failed, 0, phase::connect, attempt_end::other, false, true},
      {errc::connection_lost, 0, phase::head, attempt_end::other, false, true},
      {errc::cancelled, 0, phase::head, attempt_end::other, true, false},
      {errc::client_closed, 0, phase::head, attempt_end::other, true, false},
      {errc::queue_full, 0, phase::acquire, attempt_end::other, true, false},
  };
  for (const auto& [code, status, step, end, nothing, outage] : table) {
    CAPTURE(make_error_code(code).message());
    CAPTURE(status);
    CAPTURE(to_string(step));
    binarly::failure_detail wrong;
    wrong.code = code;
    wrong.http_status = status;
    wrong.step = step;
    CHECK(binarly::call::end_of(&wrong) == end);
    CHECK(binarly::call::tells_nothing(&wrong) == nothing);
    CHECK(binarly::call::is_outage(&wrong) == outage);
  }
  CHECK(binarly::call::end_of(nullptr) == attempt_end::served);
  CHECK(!binarly::call::tells_nothing(nullptr));
  CHECK(!binarly::call::is_outage(nullptr));
}

}  // namespace
