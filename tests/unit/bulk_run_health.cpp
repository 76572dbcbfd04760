// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "bulk/run_health.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

namespace {

using namespace binarly;
using binarly::bulk::run_health;

verification failed(errc code, responder who = responder::none) {
  failure_detail detail;
  detail.code = code;
  detail.answered_by = who;
  verification out;
  out.verdict = verdict::failed;
  out.failure = failure(detail);
  return out;
}

verification answered(verdict value) {
  verification out;
  out.verdict = value;
  return out;
}

/// After how many of them a run with a patience of 3 gives up; 0 for never.
int gives_up_after(const std::vector<verification>& each) {
  run_health health(3);
  for (std::size_t index = 0; index < each.size(); ++index) {
    if (health.gives_up(each[index])) return static_cast<int>(index) + 1;
  }
  return 0;
}

const verification good = answered(verdict::verified);
const verification refused = failed(errc::token_refused, responder::identity_server);
const verification unknown = failed(errc::unauthorized, responder::platform);
const verification strange = failed(errc::bad_response, responder::stranger);
const verification lost = failed(errc::connection_lost);

}  // namespace

TEST_CASE("run health: a token that is refused again and again ends the run, at any time") {
  CHECK(gives_up_after({refused, refused, refused}) == 3);
  CHECK(gives_up_after({unknown, refused, unknown, refused}) == 3);
  CHECK(gives_up_after({good, good, refused, refused, refused}) == 5);
  CHECK(gives_up_after({refused, refused, good, refused, refused, good, refused}) == 0);
  CHECK(gives_up_after({refused, lost, refused, lost, refused}) == 5);
}

TEST_CASE("run health: strangers end a run that has never seen the platform") {
  CHECK(gives_up_after({strange, strange, strange}) == 3);
  CHECK(gives_up_after({failed(errc::redirected, responder::stranger),
                        failed(errc::rejected, responder::stranger),
                        failed(errc::malformed_answer)}) == 3);
  CHECK(gives_up_after({answered(verdict::missing), strange, strange, strange, strange}) == 0);
  CHECK(gives_up_after(
            {failed(errc::server_error, responder::platform), strange, strange, strange}) == 0);
}

TEST_CASE("run health: strangers beside the platform end no run, and proxies that refuse do") {
  auto found = strange;
  found.image = std::make_shared<const image>();
  CHECK(gives_up_after({found, strange, strange, strange, strange}) == 0);
  failure_detail detail;
  detail.code = errc::proxy_refused;
  detail.answered_by = responder::proxy;
  detail.proxy_status = 407;
  verification kept_out;
  kept_out.verdict = verdict::failed;
  kept_out.failure = failure(detail);
  CHECK(gives_up_after({kept_out, kept_out, kept_out}) == 3);
  detail.proxy_status = 503;
  kept_out.failure = failure(detail);
  CHECK(gives_up_after(std::vector(9, kept_out)) == 0);
}

TEST_CASE("run health: an outage is no reason to give up") {
  for (const auto code :
       {errc::connection_lost, errc::connect_failed, errc::timed_out, errc::throttled,
        errc::token_unavailable, errc::resolve_failed, errc::proxy_refused, errc::queue_full}) {
    CHECK(gives_up_after(std::vector(50, failed(code))) == 0);
  }
  CHECK(gives_up_after(std::vector(50, failed(errc::server_error, responder::stranger))) == 0);
  CHECK(gives_up_after(std::vector(50, answered(verdict::cancelled))) == 0);
}

TEST_CASE("run health: gives up once, and never without a bound") {
  run_health health(1);
  CHECK(health.gives_up(refused));
  CHECK_FALSE(health.gives_up(refused));
  run_health patient(0);
  for (int each = 0; each < 100; ++each)
    CHECK_FALSE(patient.gives_up(refused));
}
