// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_IDENTITY_HPP
#define BINARLY_LIB_TESTING_FAKE_IDENTITY_HPP

#include "testing/fake_delivery.hpp"
#include "testing/fake_request.hpp"

#include <binarly/testing/fake_service.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::testing {

/// The tokens that an identity server has issued, for it and for the services that believe it. The
/// latest thousand count. May be used from any threads.
class token_register {
 public:
  token_register(std::uint64_t seed, std::chrono::seconds lifetime, std::uint64_t uses) noexcept
      : seed_(seed), lifetime_(lifetime), uses_(uses) {}

  [[nodiscard]] std::string issue();
  /// Whether it is good, and takes one use of it.
  [[nodiscard]] bool accept(std::string_view token);
  void revoke_all();
  [[nodiscard]] std::uint64_t issued() const;

 private:
  struct entry {
    std::string token;
    std::chrono::steady_clock::time_point until;
    std::uint64_t used = 0;
  };

  const std::uint64_t seed_;
  const std::chrono::seconds lifetime_;
  const std::uint64_t uses_;
  mutable std::mutex mutex_;
  std::deque<entry> entries_;
  std::uint64_t issued_ = 0;
};

/// The fields of a form (the URL standard's application/x-www-form-urlencoded); nothing when one is
/// badly encoded, or comes twice.
[[nodiscard]] std::optional<std::map<std::string, std::string, std::less<>>> parse_form(
    std::string_view text);

/// What the token endpoint says to a request (RFC 6749, sections 4.4 and 5.2).
[[nodiscard]] fake_answer answer_token_request(const fake_identity& identity,
                                               const fake_request& request, token_register& tokens);

}  // namespace binarly::testing

#endif
