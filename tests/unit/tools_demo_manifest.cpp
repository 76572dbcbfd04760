// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/demo_manifest.hpp"

#include <binarly/testing/fake_service.hpp>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

constexpr std::uint64_t uploads = 300;

/// A service that nobody asks, and its manifest.
struct demo_world {
  demo_world() : service(context.get_executor(), options()), manifest(service, uploads) {}

  static testing::fake_service_options options() {
    testing::fake_service_options made;
    made.images = uploads;
    return made;
  }

  /// Of how many rows it is as planned that they come to this.
  std::uint64_t planned(const std::function<void(verification&)>& becomes) {
    std::uint64_t count = 0;
    while (auto upload = manifest.next()) {
      verification outcome;
      outcome.expectation = *std::move(upload);
      outcome.looks = 1;
      becomes(outcome);
      if (manifest.is_as_planned(outcome)) ++count;
    }
    return count;
  }

  boost::asio::io_context context;
  testing::fake_service service;
  demo_manifest manifest;
};

std::uint64_t planned(const std::function<void(verification&)>& becomes) {
  return demo_world().planned(becomes);
}

std::uint64_t mismatched(const std::string& field, const std::string& found) {
  return planned([&](verification& outcome) {
    outcome.verdict = verdict::mismatched;
    outcome.mismatches.push_back({field, "expected", found});
  });
}

std::uint64_t failed(errc code, const std::string& reason = "") {
  return planned([&](verification& outcome) {
    outcome.verdict = verdict::failed;
    outcome.failure = failure(code, reason);
  });
}

attempt_record tried(errc code) {
  attempt_record made;
  made.code = code;
  return made;
}

}  // namespace

TEST_CASE("demo: a row that is wrong, or went another way than planned, is noticed") {
  demo_world world;
  CHECK(world.manifest.planted() == 34);
  CHECK(world.manifest.wrong() == 18);
  const auto plain = [](const auto& more) {
    return planned([&](verification& outcome) {
      outcome.verdict = verdict::verified;
      more(outcome);
    });
  };
  // Not those that are wrong, nor those that must have met something on the way.
  const auto simple = uploads - 18 - 9;
  CHECK(plain([](verification&) {}) == simple);
  CHECK(plain([](verification& outcome) { outcome.looks = 2; }) == simple + 5);
  CHECK(plain([](verification& outcome) { outcome.notes = {"two values"}; }) == simple + 1);
  CHECK(plain([](verification& outcome) { outcome.retried = {tried(errc::server_error)}; }) ==
        simple + 2);
  CHECK(plain([](verification& outcome) { outcome.retried = {tried(errc::unauthorized)}; }) ==
        simple + 1);
}

TEST_CASE("demo: it counts why a row is wrong") {
  CHECK(mismatched("version", "other") == 1);
  CHECK(mismatched("scan", "failed") == 1);
  CHECK(mismatched("scan", "cancelled") == 2);
  CHECK(mismatched("sha256", "other") == 1);
  CHECK(mismatched("sha256", "") == 1);
  CHECK(mismatched("name", "other") == 0);
  CHECK(failed(errc::bad_response) == 6);
  CHECK(failed(errc::bad_response, "does not say which thing is the image") == 7);
  CHECK(failed(errc::unauthorized) == 1);
  CHECK(failed(errc::not_ready) == 2);
  CHECK(failed(errc::no_scan) == 1);
  CHECK(failed(errc::timed_out) == 0);
}

}  // namespace binarly::tools
