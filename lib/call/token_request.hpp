// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_TOKEN_REQUEST_HPP
#define BINARLY_CALL_TOKEN_REQUEST_HPP

#include <binarly/credentials.hpp>
#include <binarly/secret.hpp>

#include <string>
#include <vector>

namespace binarly::call {

/// The form that asks for a token, and the header lines that go with it.
struct token_request {
  secret form;
  secret fields;
  /// What of it is secret, in each form in which it is sent: for the server's words, which may
  /// repeat the request. The first is the most likely one; never empty.
  std::vector<secret> hidden;
};

/// With client credentials (RFC 6749, section 4.4.2).
[[nodiscard]] token_request make_token_request(const client_credentials_options& who,
                                               std::string common_fields);
/// With a user's name and password (RFC 6749, section 4.3.2).
[[nodiscard]] token_request make_token_request(const password_options& who,
                                               std::string common_fields);

/// Where tokens are asked for: the URL as given, or, where its path is empty, with the platform's.
[[nodiscard]] std::string token_endpoint(const std::string& url);

}  // namespace binarly::call

#endif
