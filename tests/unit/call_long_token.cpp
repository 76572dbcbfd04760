// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/long_token.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using binarly::errc;
using binarly::failure_detail;
using binarly::phase;
using binarly::call::about_long_token;

failure_detail answered(errc code, unsigned status) {
  failure_detail detail;
  detail.code = code;
  detail.step = phase::decode;
  detail.http_status = status;
  return detail;
}

failure_detail lost(errc code, phase step) {
  failure_detail detail;
  detail.code = code;
  detail.step = step;
  return detail;
}

TEST_CASE("a long token is named where its length may be the cause") {
  const std::string note =
      "the request carried a token of 9,214 bytes; servers often allow 8 kB of header";
  CHECK(about_long_token(answered(errc::rejected, 400), 9214) == note);
  CHECK(about_long_token(answered(errc::rejected, 431), 9214) == note);
  CHECK(about_long_token(lost(errc::connection_lost, phase::head), 9214) == note);
  CHECK(about_long_token(lost(errc::connection_lost, phase::write), 9214) == note);
  CHECK(about_long_token(answered(errc::rejected, 400), 1'234'567).find(" 1,234,567 bytes") !=
        std::string::npos);
}

TEST_CASE("a short token, and other failures, are no reason to speak of it") {
  CHECK(about_long_token(answered(errc::rejected, 400), 4096).empty());
  CHECK_FALSE(about_long_token(answered(errc::rejected, 400), 4097).empty());
  CHECK(about_long_token(answered(errc::rejected, 400), 0).empty());
  CHECK(about_long_token(answered(errc::not_found, 404), 9214).empty());
  CHECK(about_long_token(answered(errc::server_error, 503), 9214).empty());
  CHECK(about_long_token(lost(errc::connection_lost, phase::proxy), 9214).empty());
  CHECK(about_long_token(lost(errc::connect_failed, phase::connect), 9214).empty());
  CHECK(about_long_token(lost(errc::timed_out, phase::head), 9214).empty());
}

}  // namespace
