// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_TOKEN_REFUSAL_HPP
#define BINARLY_LIB_TESTING_TOKEN_REFUSAL_HPP

#include "testing/fake_delivery.hpp"

#include <binarly/testing/fake_identity.hpp>

#include <string>
#include <string_view>

namespace binarly::testing {

/// Why a request for a token gets none.
enum class token_trouble {
  method,   ///< no POST
  no_form,  ///< another content type
  malformed,
  grant,           ///< of another type
  client,          ///< unknown, or not who it says
  client_in_head,  ///< likewise, and it wrote its credentials into the request's head
  user,
  scope,
  no_scope,
  audience,
  path,  ///< nothing is there
};

struct token_refusal {
  token_trouble trouble;
  std::string_view description;

  token_refusal(token_trouble what, std::string_view in_words)
      : trouble(what), description(in_words) {}
};

inline constexpr std::string_view no_store = "Cache-Control: no-store\r\nPragma: no-cache\r\n";

/// The body of a refusal (RFC 6749, section 5.2).
[[nodiscard]] std::string oauth_error(std::string_view error, std::string_view description);

/// The refusal as that server words it.
[[nodiscard]] fake_answer worded(identity_style style, const token_refusal& why);

}  // namespace binarly::testing

#endif
