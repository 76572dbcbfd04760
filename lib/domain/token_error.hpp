// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_TOKEN_ERROR_HPP
#define BINARLY_DOMAIN_TOKEN_ERROR_HPP

#include <binarly/failure.hpp>

#include <string_view>

namespace binarly::domain {

/// What an identity server means by the word that it gives as `error` (RFC 6749, section 5.2, and
/// what servers say besides).
enum class token_error {
  none,     ///< it gives no word that is known
  client,   ///< it does not accept the client, or its secret
  user,     ///< it does not accept the user name, or the password
  scope,    ///< it does not know the scope
  target,   ///< it gives no tokens for that audience, or not to this client
  grant,    ///< it does not offer this kind of grant
  request,  ///< it does not understand the request
  realm,    ///< it has no such realm
  trouble,  ///< it cannot give any now
};

/// `server_message`: a failure's, which begins with the word.
[[nodiscard]] token_error token_error_of(std::string_view server_message) noexcept;

/// Whether the same request may be answered otherwise later.
[[nodiscard]] constexpr bool is_passing(token_error what) noexcept {
  return what == token_error::trouble;
}

/// What to do about a failure at the step `token`, as `failure::advice` says it.
[[nodiscard]] const char* advise_on_token(const failure_detail& detail) noexcept;

}  // namespace binarly::domain

#endif
