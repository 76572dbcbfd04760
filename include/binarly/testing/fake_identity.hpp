// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTING_FAKE_IDENTITY_HPP
#define BINARLY_TESTING_FAKE_IDENTITY_HPP

#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>
#include <binarly/testing/fault.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::testing {

/// Which identity server is played, as far as its refusals can be told apart.
enum class identity_style {
  keycloak,       ///< the platform's; refusals as RFC 6749 has them
  oidc_provider,  ///< an unknown scope is dropped, but `openid` is 400 `invalid_scope`
  node_oauth,     ///< a wrong secret is a 400; Basic is not form-coded; paths get an HTML 404
  /// A wrong secret, and a form without scope, are 403 with an empty body; an unknown scope is 400
  /// `scope_invalid`; Basic alone, and not form-coded; paths get a 404 of plain text.
  glewlwyd,
  okta,           ///< refusals with `errorCode` and `errorSummary`
  auth0,          ///< a wrong secret is 401 `access_denied`, a wrong audience a 403
  errors_in_200,  ///< every refusal of a request for a token is a 200 with the error object
};

/// Where the client may write its credentials. In both places at once is a 400.
enum class accepted_authentication { either, basic, form };

/// What comes of another audience than the one to ask for.
enum class other_audience {
  refused,        ///< no token
  useless_token,  ///< a token, which the API refuses with a 401 of its own words
};

/// The enumerators.
[[nodiscard]] BINARLY_IMAGES_DECL std::string_view to_string(identity_style value) noexcept;
[[nodiscard]] BINARLY_IMAGES_DECL std::string_view to_string(
    accepted_authentication value) noexcept;
[[nodiscard]] BINARLY_IMAGES_DECL std::string_view to_string(other_audience value) noexcept;
[[nodiscard]] BINARLY_IMAGES_DECL result<identity_style> parse_identity_style(
    std::string_view text);
[[nodiscard]] BINARLY_IMAGES_DECL result<accepted_authentication> parse_accepted_authentication(
    std::string_view text);
[[nodiscard]] BINARLY_IMAGES_DECL result<other_audience> parse_other_audience(
    std::string_view text);

/// An identity server (OAuth 2.0, RFC 6749), which the service plays where `client_id` or
/// `username` is not empty, at `{prefix}/realms/{realm}/protocol/openid-connect/token`. Another
/// realm is a 404, and so is another path below `{prefix}/realms/`.
struct fake_identity {
  /// Of client credentials (section 4.4).
  std::string client_id;
  /// Not empty where `client_id` is not.
  std::string client_secret;
  /// Of the password grant (section 4.3), which the public client `BinarlyClient` asks for.
  std::string username;
  /// Not empty where `username` is not.
  std::string password;
  /// 1 to 128 letters, digits and `-._~`.
  std::string realm = "BinarlyRealm";
  /// Of a token, from the moment it was asked for; what `expires_in` says. From 0 to a year; zero
  /// states none, and the tokens do not expire.
  std::chrono::seconds token_lifetime{1800};
  /// A token is refused after so many requests that it was accepted for: an end that needs no
  /// waiting. 0 for no bound.
  std::uint64_t uses_per_token = 0;
  /// What a request for a token must ask for, word for word; where empty, it may ask for anything.
  std::string scope;
  std::string audience;
  other_audience for_another_audience = other_audience::refused;
  identity_style style = identity_style::keycloak;
  accepted_authentication authentication = accepted_authentication::either;
  /// Whether an answer says `"token_type":"Bearer"`.
  bool states_token_type = true;
  /// At most one of these happens to a request for a token, chosen by their probabilities. Those
  /// that are about images and reports cannot be carried out.
  std::vector<misbehaviour> faults;

  fake_identity() = default;
};

}  // namespace binarly::testing

#endif
