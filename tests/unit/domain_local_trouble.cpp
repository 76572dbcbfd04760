// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/local_trouble.hpp"
#include "support/few_descriptors.hpp"

#include <boost/system/errc.hpp>
#include <boost/system/system_category.hpp>
#include <doctest/doctest.h>

#include <cerrno>
#include <string>

namespace {

using binarly::errc;
using binarly::error_code;
using binarly::failure;
using binarly::failure_detail;
using binarly::phase;
using binarly::domain::descriptor_shortage;
using binarly::domain::find_local_trouble;
using binarly::testing::few_descriptors;

error_code of_system(int number) { return {number, boost::system::system_category()}; }

TEST_CASE("what this machine lacks is not taken for the service's trouble") {
  for (const int number : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EACCES, EPERM}) {
    CAPTURE(number);
    const auto* const found = find_local_trouble(of_system(number));
    REQUIRE(found != nullptr);
    for (const auto code : {errc::connect_failed, errc::resolve_failed}) {
      failure_detail detail;
      detail.code = code;
      detail.step = phase::connect;
      detail.cause = of_system(number);
      CHECK(failure(detail).advice() == found->advice);
      CHECK(failure(detail).message().find("base URL") == std::string::npos);
    }
  }
  CHECK(std::string(find_local_trouble(of_system(EMFILE))->advice).find("ulimit -n") !=
        std::string::npos);
}

TEST_CASE("what the network or the service does is not taken for this machine's trouble") {
  for (const int number : {ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, EPIPE}) {
    CAPTURE(number);
    CHECK(find_local_trouble(of_system(number)) == nullptr);
  }
  CHECK(find_local_trouble(error_code()) == nullptr);
  // The same number of another category means something else.
  CHECK(find_local_trouble(make_error_code(errc::truncated)) == nullptr);
  CHECK(find_local_trouble(error_code(EMFILE, binarly::binarly_category())) == nullptr);
}

TEST_CASE("a shortage of descriptors is found by trying") {
  CHECK_FALSE(descriptor_shortage());
  {
    const few_descriptors none_left;
    CHECK(descriptor_shortage().value() == EMFILE);
  }
  CHECK_FALSE(descriptor_shortage());
}

}  // namespace
