// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// Checksums in bulk runs: they stand in the image's report, which is a lookup of its own.

#include "support/client_fixture.hpp"
#include "support/client_verify_run.hpp"

#include <binarly/client.hpp>
#include <binarly/verify_images.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace binarly;
using namespace binarly::testing;
using namespace std::chrono_literals;

std::string upper(std::string text) {
  for (char& c : text)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

struct hashed_world : client_fixture {
  /// What image 0 is, checksums and all.
  [[nodiscard]] expectation truth() const {
    const auto image = service.image_at(0);
    expectation what(image.ref);
    what.version = image.version;
    what.sha256 = upper(image.sha256);
    what.sha1 = image.sha1;
    what.md5 = upper(image.md5);
    return what;
  }

  verification verify(const expectation& what, const verify_options& how = verify_options()) {
    std::optional<verification> got;
    const verify_run run(
        make_client(), std::vector{what}, [&](verification done) { got = std::move(done); }, how);
    run_until_done(context, run);
    return std::move(got.value());
  }
};

}  // namespace

TEST_CASE("verify hashes: those of the report are compared, in either format") {
  hashed_world world;
  verify_options how;
  SUBCASE("CycloneDX") { how.report = sbom_format::cyclonedx; }
  SUBCASE("SPDX") { how.report = sbom_format::spdx; }
  auto what = world.truth();
  const auto good = world.verify(what, how);
  CHECK(good.verdict == verdict::verified);
  CHECK(good.attempts == 2);
  what.sha1 = std::string(40, '0');
  what.version = "another";
  const auto bad = world.verify(what, how);
  CHECK(bad.verdict == verdict::mismatched);
  REQUIRE(bad.mismatches.size() == 2);
  CHECK(bad.mismatches[0].field == "version");
  CHECK(bad.mismatches[1].field == "sha1");
  CHECK(bad.mismatches[1].expected == std::string(40, '0'));
  CHECK(bad.mismatches[1].found == world.service.image_at(0).sha1);
}

TEST_CASE("verify hashes: no report is asked for unless a checksum is expected") {
  hashed_world world;
  expectation what(world.ref(0));
  CHECK(world.verify(what).verdict == verdict::verified);
  CHECK(world.service.counters().requests == 1);
  what.md5 = world.service.image_at(0).md5;
  CHECK(world.verify(what).verdict == verdict::verified);
  CHECK(world.service.counters().requests == 3);
}

TEST_CASE("verify hashes: it is not the image that is missing where its report is") {
  hashed_world world;
  world.service.script(world.ref(0), {misbehaviour(), misbehaviour(fault::not_found)});
  const auto got = world.verify(world.truth());
  CHECK(got.verdict == verdict::failed);
  CHECK(got.failure == errc::no_scan);
  CHECK(got.failure.detail().http_status == 404);
  CHECK(got.image != nullptr);
}

TEST_CASE("verify hashes: a report may appear later than its image") {
  hashed_world world;
  world.service.script(world.ref(0), {misbehaviour(), misbehaviour(fault::not_found),
                                      misbehaviour(), misbehaviour(fault::not_found)});
  auto what = world.truth();
  what.wait = 1h;
  verify_options how;
  how.look_again = retry_policy().base_delay(1ms).delay_cap(1ms);
  const auto got = world.verify(what, how);
  CHECK(got.verdict == verdict::verified);
  CHECK(got.looks == 3);
  CHECK(got.attempts == 6);
}

TEST_CASE("verify hashes: what the service does not tell, and what it tells badly") {
  hashed_world world;
  world.service.script(world.ref(0), {misbehaviour(), misbehaviour(fault::forbidden),
                                      misbehaviour(), misbehaviour(fault::html_success)});
  CHECK(world.verify(world.truth()).verdict == verdict::forbidden);
  const auto got = world.verify(world.truth());
  CHECK(got.verdict == verdict::failed);
  CHECK(got.failure.code() == errc::bad_response);
}

TEST_CASE("verify hashes: retries of the report count, too") {
  hashed_world world;
  world.options.retry = retry_policy().base_delay(0ms).delay_cap(0ms);
  world.service.script(world.ref(0), {misbehaviour(fault::status_503), misbehaviour(),
                                      misbehaviour(fault::status_500)});
  const auto got = world.verify(world.truth());
  CHECK(got.verdict == verdict::verified);
  CHECK(got.attempts == 4);
  CHECK(got.retried.size() == 2);
}

TEST_CASE("verify hashes: a run that is stopped does not wait for reports") {
  hashed_world world;
  world.service.script(world.ref(0), {misbehaviour(), misbehaviour(fault::hang)});
  std::optional<verification> got;
  verify_run run(world.make_client(), std::vector{world.truth()},
                 [&](verification done) { got = std::move(done); });
  world.run_until_requested(2);
  run.cancel();
  run_until_done(world.context, run);
  REQUIRE(got.has_value());
  CHECK(got->verdict == verdict::cancelled);
}
