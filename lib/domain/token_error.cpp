// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/token_error.hpp"

#include <algorithm>
#include <array>

namespace binarly::domain {
namespace {

struct meaning {
  std::string_view word;
  token_error what;
};

// Keycloak, Okta, Auth0, Entra ID, glewlwyd and others agree with RFC 6749 on most of these.
constexpr std::array meanings{
    meaning{"invalid_client", token_error::client},
    meaning{"unauthorized_client", token_error::client},
    meaning{"invalid_client_credentials", token_error::client},
    meaning{"invalid_grant", token_error::user},
    meaning{"invalid_scope", token_error::scope},
    meaning{"scope_invalid", token_error::scope},    // glewlwyd
    meaning{"invalid_target", token_error::target},  // RFC 8707
    meaning{"invalid_resource", token_error::target},
    meaning{"invalid_audience", token_error::target},
    meaning{"access_denied", token_error::target},  // Auth0
    meaning{"unsupported_grant_type", token_error::grant},
    meaning{"invalid_request", token_error::request},
    meaning{"temporarily_unavailable", token_error::trouble},
    meaning{"server_error", token_error::trouble},
    meaning{"slow_down", token_error::trouble},
    meaning{"too_many_requests", token_error::trouble},
};

const char* advise_by_word(token_error what) noexcept {
  switch (what) {
    case token_error::client:
      return "check the client id and the client secret, and that the identity server lets this "
             "client get tokens in this way";
    case token_error::user:
      return "check the user name and the password; they are not accepted for people who sign in "
             "by single sign-on";
    case token_error::scope:
      return "check the scope that is asked for; some servers know none, others demand one";
    case token_error::target:
      return "check the audience that is asked for, and that the client may have tokens for it";
    case token_error::grant:
      return "this identity server does not offer this grant; ask its operators for one that it "
             "offers (client credentials, or a user's password)";
    case token_error::request:
      return "check the scope, the audience, and whether the identity server wants the client's "
             "secret in the form or as basic credentials";
    case token_error::realm:
      return "check the realm in the address of the identity server's token endpoint";
    case token_error::trouble:
      return "the identity server is in trouble; try again later, and tell its operators if it "
             "stays so";
    case token_error::none:
      break;
  }
  return nullptr;
}

const char* advise_by_status(unsigned status) noexcept {
  switch (status) {
    case 400:
      return "check the client id and the client secret, the scope and the audience";
    case 401:
    case 403:
      return "check the client id and the client secret, and whether the identity server wants "
             "them in the form or as basic credentials, and a scope with them";
    case 404:
    case 405:
    case 410:
      return "check the address of the identity server's token endpoint: its host, its path, and "
             "the realm in it";
    case 429:
      return "the identity server asks for fewer requests; try again later";
    default:
      break;
  }
  if (status / 100 == 3) {
    return "redirects are not followed; use the address that the identity server's token endpoint "
           "has itself";
  }
  if (status == 408 || status >= 500) return advise_by_word(token_error::trouble);
  return "check the address of the identity server's token endpoint";
}

const char* advise_without_answer(const failure_detail& detail) noexcept {
  const bool known = detail.cause.category() == binarly_category();
  switch (known ? static_cast<errc>(detail.cause.value()) : detail.code) {
    case errc::resolve_failed:
      return "check the host in the identity server's address, and the name servers";
    case errc::connect_failed:
      return "check the identity server's address, and that it, or the proxy before it, is running "
             "and reachable from here";
    case errc::proxy_refused:
      if (detail.proxy_status == 0) {
        return "check the proxy's address, its user name and password, and that it lets the "
               "identity server's host and port through";
      }
      return detail.proxy_status == 401 || detail.proxy_status == 407
                 ? "check the proxy's user name and password, and that it takes Basic credentials"
                 : "check the proxy's address, and that it lets the identity server's host and "
                   "port through";
    case errc::certificate_rejected:
      return "check the host in the identity server's address, and name the authority that signed "
             "its certificate";
    case errc::client_certificate_rejected:
      return "give the client a certificate that the identity server knows, and its key";
    case errc::handshake_failed:
      return "check that the port in the identity server's address speaks TLS 1.2 or later";
    case errc::connection_lost:
    case errc::truncated:
      return "try again; if it stays so, look at the network between here and the identity server";
    case errc::malformed_answer:
    case errc::too_large:
    case errc::bad_response:
      return "check the address of the identity server's token endpoint";
    case errc::timed_out:
      return "try again, or allow more time (timeouts.token)";
    default:
      return "check where the token comes from";
  }
}

}  // namespace

token_error token_error_of(std::string_view server_message) noexcept {
  const auto word = server_message.substr(0, server_message.find_first_of(": "));
  const auto* const found = std::ranges::find(meanings, word, &meaning::word);
  if (found != meanings.end()) return found->what;
  // Keycloak's text, which is no word.
  if (server_message.starts_with("Realm ")) return token_error::realm;
  return token_error::none;
}

const char* advise_on_token(const failure_detail& detail) noexcept {
  if (detail.http_status == 0) return advise_without_answer(detail);
  auto what = token_error_of(detail.server_message);
  // Auth0's word for an audience that is not granted stands, with a 401, for a wrong secret, too.
  if (what == token_error::target && detail.http_status == 401) what = token_error::client;
  if (const auto* const by_word = advise_by_word(what)) return by_word;
  // A success that holds no token, or an answer that broke off.
  if (detail.http_status / 100 == 2) return advise_without_answer(detail);
  return advise_by_status(detail.http_status);
}

}  // namespace binarly::domain
