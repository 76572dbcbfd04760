// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "bulk/next_look.hpp"

#include <binarly/verify_images.hpp>

#include <doctest/doctest.h>

#include <chrono>

namespace {

using namespace binarly;
using namespace std::chrono_literals;
using bulk::next_look;

}  // namespace

TEST_CASE("next look: after the policy's delay, the last one at the end, and none after it") {
  const auto policy = retry_policy().jitter_kind(jitter::none).base_delay(1s).delay_cap(30s);
  CHECK(next_look(policy, 1, 0ms, 1h, 0.5) == 1s);
  CHECK(next_look(policy, 3, 2s, 1h, 0.5) == 4s);
  CHECK(next_look(policy, 10, 30s, 1h, 0.5) == 30s);
  CHECK(next_look(policy, 10, 30s, 29s, 0.5) == 29s);
  CHECK(next_look(policy, 10, 30s, 1ns, 0.5) == 1ns);
  CHECK(!next_look(policy, 10, 30s, 0ns, 0.5));
  CHECK(!next_look(policy, 1, 0ms, -1ns, 0.5));
}

TEST_CASE("next look: by default, waits are spread and no shorter than a second") {
  const verify_options options;
  retry_policy::duration previous{0};
  for (int looks = 1; looks < 20; ++looks) {
    const auto least = next_look(options.look_again, looks, previous, 1h, 0).value();
    const auto most = next_look(options.look_again, looks, previous, 1h, 0.999).value();
    CHECK(least == 1s);
    CHECK(most <= 30s);
    if (looks > 1) CHECK(most > least);
    previous = std::chrono::duration_cast<retry_policy::duration>(most);
  }
  CHECK(previous > 29s);
}
