// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_OPTIONS_HPP
#define BINARLY_LIB_TESTING_FAKE_OPTIONS_HPP

#include <binarly/testing/fake_service.hpp>

#include <string>
#include <vector>

namespace binarly::testing {

/// Throws `failure_error`.
[[noreturn]] void refuse_option(std::string reason);

/// Each hands back what it was given, and throws `failure_error`, naming what cannot be used. The
/// options that are about the network, faults and scans are looked at elsewhere.
[[nodiscard]] fake_service_options checked(fake_service_options options);
[[nodiscard]] std::vector<std::string> checked(std::vector<std::string> permissions);
/// For requests for a token: faults that are about images cannot be carried out there.
[[nodiscard]] std::vector<misbehaviour> checked(std::vector<misbehaviour> faults);

}  // namespace binarly::testing

#endif
