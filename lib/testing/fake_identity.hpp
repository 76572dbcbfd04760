// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_IDENTITY_HPP
#define BINARLY_LIB_TESTING_FAKE_IDENTITY_HPP

#include "testing/fake_delivery.hpp"
#include "testing/fake_request.hpp"

#include <binarly/testing/fake_service.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::testing {

/// The platform's own.
inline constexpr std::string_view token_path = "/realms/BinarlyRealm/protocol/openid-connect/token";

/// What is wrong with the options; null when nothing is.
[[nodiscard]] const char* trouble_with(const fake_identity& identity) noexcept;

using form_fields = std::map<std::string, std::string, std::less<>>;

/// Reads application/x-www-form-urlencoded (RFC 6749, appendix B), strictly: nothing comes of a
/// broken escape, of a character that is not printable ASCII, or of a name that comes twice
/// (section 3.2). Fields without a value are left out, as the same section wants it.
[[nodiscard]] std::optional<form_fields> parse_form(std::string_view text);

struct basic_credentials {
  std::string id;
  std::string secret;
};

/// Reads an Authorization field of the scheme Basic whose halves are encoded as in a form (RFC
/// 6749, section 2.3.1), just as strictly.
[[nodiscard]] std::optional<basic_credentials> parse_basic(std::string_view authorization);

/// The tokens that an identity server has issued, shared by those who accept them.
///
/// Token `n` follows from the seed and `n`, so only what happened to it is kept, until it expires.
/// May be used from any threads.
class token_register {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  token_register(std::uint64_t seed, const fake_identity& identity) noexcept
      : seed_(seed), lifetime_(identity.token_lifetime), uses_per_token_(identity.uses_per_token) {}

  [[nodiscard]] std::string issue(time_point now = std::chrono::steady_clock::now());
  /// Whether the token is good; that takes one use of it.
  [[nodiscard]] bool accept(std::string_view token,
                            time_point now = std::chrono::steady_clock::now());
  void revoke_all();
  [[nodiscard]] std::uint64_t issued() const;

 private:
  struct life {
    time_point end;
    std::uint64_t uses = 0;
  };

  const std::uint64_t seed_;
  const std::chrono::seconds lifetime_;
  const std::uint64_t uses_per_token_;
  mutable std::mutex mutex_;
  std::uint64_t issued_ = 0;
  /// Of the latest tokens, in order; those before have expired or were revoked.
  std::deque<life> lives_;
};

/// The body of a refusal (RFC 6749, section 5.2).
[[nodiscard]] std::string oauth_error(std::string_view error, std::string_view description);

/// What the token endpoint says (RFC 6749, sections 4.4, 5.1 and 5.2).
[[nodiscard]] fake_answer answer_token_request(const fake_identity& identity,
                                               const fake_request& request, token_register& tokens);

}  // namespace binarly::testing

#endif
