// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/verify_images.hpp>

#include <doctest/doctest.h>

namespace {

using namespace binarly;

failure of(errc code, responder who, phase step = phase::decode) {
  failure_detail detail;
  detail.code = code;
  detail.answered_by = who;
  detail.step = step;
  return failure(detail);
}

}  // namespace

TEST_CASE("verdict_of: only the platform's own word about the upload is final") {
  CHECK(verdict_of(of(errc::not_found, responder::platform)) == verdict::missing);
  CHECK(verdict_of(of(errc::forbidden, responder::platform)) == verdict::forbidden);
  for (const auto who :
       {responder::none, responder::identity_server, responder::proxy, responder::stranger}) {
    CHECK(verdict_of(of(errc::not_found, who)) == verdict::failed);
    CHECK(verdict_of(of(errc::forbidden, who)) == verdict::failed);
  }
}

TEST_CASE("verdict_of: whatever happens while a token is got says nothing about an upload") {
  for (int code = 1; code <= static_cast<int>(errc::no_scan); ++code) {
    CAPTURE(code);
    const auto value = verdict_of(of(static_cast<errc>(code), responder::platform, phase::token));
    CHECK(value ==
          (static_cast<errc>(code) == errc::cancelled ? verdict::cancelled : verdict::failed));
  }
}

TEST_CASE("verdict_of: all other failures may be gone at another look") {
  for (int code = 1; code <= static_cast<int>(errc::no_scan); ++code) {
    const auto what = static_cast<errc>(code);
    if (what == errc::not_found || what == errc::forbidden || what == errc::cancelled) continue;
    CAPTURE(code);
    CHECK(verdict_of(of(what, responder::platform)) == verdict::failed);
  }
}
