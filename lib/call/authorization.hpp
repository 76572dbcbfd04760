// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_AUTHORIZATION_HPP
#define BINARLY_CALL_AUTHORIZATION_HPP

#include <binarly/failure.hpp>
#include <binarly/secret.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace binarly::call {

/// What an attempt shows to be let in.
struct authorization {
  secret token;  ///< empty for none; never to appear in a failure
  /// The header lines that all attempts with this token have in common, `Authorization` among them.
  secret fields;
  /// Tells one token from those before and after it; 0 for one that will never be renewed.
  std::uint64_t generation = 0;

  authorization() = default;
};

/// `common_fields`: the header lines that stand beside `Authorization`.
[[nodiscard]] std::shared_ptr<const authorization> make_authorization(secret token,
                                                                      std::string common_fields,
                                                                      std::uint64_t generation);

/// What a call that waited for a token gets.
struct authorized {
  std::shared_ptr<const authorization> shown;  ///< null if there is none
  failure why;                                 ///< and why
  std::chrono::nanoseconds retry_in{};         ///< asking again is no use before this has passed
  bool settled = false;  ///< it was asked for as often as is right: the call is not to ask again
  /// The one that the service refused is the only one that there is.
  bool same_again = false;

  authorized() = default;
  explicit authorized(std::shared_ptr<const authorization> got) : shown(std::move(got)) {}
  explicit authorized(failure reason, std::chrono::nanoseconds hold_off = {})
      : why(std::move(reason)), retry_in(hold_off) {}
};

}  // namespace binarly::call

#endif
