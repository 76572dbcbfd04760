// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_TOKEN_ENDPOINT_HPP
#define BINARLY_LIB_TESTING_TOKEN_ENDPOINT_HPP

#include "testing/fake_delivery.hpp"
#include "testing/fake_identity.hpp"
#include "testing/fake_request.hpp"

#include <binarly/testing/fake_identity.hpp>

#include <string>
#include <string_view>

namespace binarly::testing {

/// Where realms are, below the prefix.
inline constexpr std::string_view realms_path = "/realms/";

/// What is wrong with the options; null when nothing is. Does not look at the faults.
[[nodiscard]] const char* trouble_with(const fake_identity& identity) noexcept;

/// Whether an identity server is played at all.
[[nodiscard]] bool is_played(const fake_identity& identity) noexcept;

/// The realm's, below the prefix.
[[nodiscard]] std::string token_path(const fake_identity& identity);

/// What the token endpoint says (RFC 6749, sections 4.3, 4.4, 5.1 and 5.2).
[[nodiscard]] fake_answer answer_token_request(const fake_identity& identity,
                                               const fake_request& request, token_register& tokens);

/// What is said to a path below `/realms/` that is not the token endpoint's. `path` begins there.
[[nodiscard]] fake_answer answer_unknown_path(const fake_identity& identity, std::string_view path);

}  // namespace binarly::testing

#endif
