// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/token_endpoint.hpp"

#include "testing/token_refusal.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace binarly::testing {
namespace {

constexpr std::string_view below_realm = "/protocol/openid-connect/token";
/// The platform's client for people, which has no secret.
constexpr std::string_view public_client = "BinarlyClient";
constexpr std::size_t longest_realm = 128;

bool is_realm(std::string_view name) {
  return !name.empty() && name.size() <= longest_realm && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~").find(c) != std::string_view::npos;
  });
}

std::string_view value_of(const form_fields& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string_view() : found->second;
}

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::string_view first = list.substr(0, list.find(' '));
    if (first == word) return true;
    list.remove_prefix(std::min(first.size() + 1, list.size()));
  }
  return false;
}

/// Where the client may write its credentials.
accepted_authentication places_of(const fake_identity& identity) {
  return identity.style == identity_style::glewlwyd ? accepted_authentication::basic
                                                    : identity.authentication;
}

basic_coding coding_of(identity_style style) {
  return style == identity_style::node_oauth || style == identity_style::glewlwyd
             ? basic_coding::none
             : basic_coding::form;
}

/// Nothing when the client is who it says.
std::optional<token_refusal> refused_client(const fake_identity& identity, const form_fields& form,
                                            std::string_view authorization) {
  std::string_view id = value_of(form, "client_id");
  std::string_view secret = value_of(form, "client_secret");
  const bool in_head = !authorization.empty();
  const auto basic = parse_basic(authorization, coding_of(identity.style));
  const auto places = places_of(identity);
  if (basic) {
    // One way at a time (RFC 6749, section 2.3); the id alone may stand in the form, too.
    if (!secret.empty() || (!id.empty() && id != basic->id)) {
      return token_refusal(token_trouble::malformed, "the client authenticates in two ways");
    }
    id = basic->id;
    secret = basic->secret;
  }
  const bool readable = basic || !in_head;
  const bool in_place = places == accepted_authentication::either ||
                        (places == accepted_authentication::basic) == in_head;
  if (readable && in_place && !identity.client_id.empty() && id == identity.client_id &&
      secret == identity.client_secret) {
    return std::nullopt;
  }
  return token_refusal(in_head ? token_trouble::client_in_head : token_trouble::client,
                       "Invalid client or Invalid client credentials");
}

std::optional<token_refusal> refused_user(const fake_identity& identity, const form_fields& form) {
  if (value_of(form, "client_id") != public_client) {
    return token_refusal(token_trouble::client, "Invalid client or Invalid client credentials");
  }
  if (value_of(form, "username") == identity.username &&
      value_of(form, "password") == identity.password) {
    return std::nullopt;
  }
  return token_refusal(token_trouble::user, "Invalid user credentials");
}

/// Nothing when who asks is who it says, or is a grant that is not known here.
std::optional<token_refusal> refused_asker(const fake_identity& identity, const form_fields& form,
                                           std::string_view authorization) {
  const std::string_view grant = value_of(form, "grant_type");
  if (grant.empty()) return token_refusal(token_trouble::malformed, "grant_type is missing");
  if (grant == "password" && !identity.username.empty()) return refused_user(identity, form);
  // Without a client of its own, whoever it is is the wrong one.
  if (grant == "client_credentials") return refused_client(identity, form, authorization);
  return token_refusal(token_trouble::grant, identity.username.empty()
                                                 ? "only client_credentials is known here"
                                                 : "only client_credentials and password are known "
                                                   "here");
}

std::optional<token_refusal> refused_scope(const fake_identity& identity, std::string_view scope) {
  const auto refused = token_refusal(token_trouble::scope, "not the scope to ask for");
  if (scope.empty() && identity.style == identity_style::glewlwyd) {
    return token_refusal(token_trouble::no_scope, "no scope");
  }
  const bool wanted = identity.scope.empty() || scope == identity.scope;
  if (identity.style == identity_style::oidc_provider) {
    // It drops what it does not know, but for one.
    const bool asks_for_openid = has_word(scope, "openid") && !has_word(identity.scope, "openid");
    if (asks_for_openid) return refused;
    return std::nullopt;
  }
  if (wanted) return std::nullopt;
  return refused;
}

fake_answer token_answer(const fake_identity& identity, std::string token) {
  fake_answer answer;
  answer.headers = no_store;
  answer.body = R"({"access_token":")" + std::move(token) + '"';
  if (identity.states_token_type) answer.body += R"(,"token_type":"Bearer")";
  if (identity.token_lifetime > std::chrono::seconds::zero()) {
    answer.body += R"(,"expires_in":)" + std::to_string(identity.token_lifetime.count());
  }
  answer.body += '}';
  return answer;
}

}  // namespace

const char* trouble_with(const fake_identity& identity) noexcept {
  using namespace std::chrono_literals;
  if (identity.client_id.empty() != identity.client_secret.empty()) {
    return "identity: client_id and client_secret go together";
  }
  if (identity.username.empty() != identity.password.empty()) {
    return "identity: username and password go together";
  }
  if (!is_realm(identity.realm)) {
    return "identity: realm is 1 to 128 letters, digits and -._~";
  }
  if (identity.token_lifetime < 0s || identity.token_lifetime > std::chrono::years(1)) {
    return "identity: token_lifetime is from 0 to a year";
  }
  if (identity.style < identity_style::keycloak || identity.style > identity_style::errors_in_200) {
    return "identity: an unknown style";
  }
  if (identity.authentication < accepted_authentication::either ||
      identity.authentication > accepted_authentication::form) {
    return "identity: an unknown authentication";
  }
  if (identity.style == identity_style::glewlwyd &&
      identity.authentication == accepted_authentication::form) {
    return "identity: glewlwyd takes Basic alone";
  }
  return nullptr;
}

bool is_played(const fake_identity& identity) noexcept {
  return !identity.client_id.empty() || !identity.username.empty();
}

std::string token_path(const fake_identity& identity) {
  return std::string(realms_path) + identity.realm + std::string(below_realm);
}

fake_answer answer_token_request(const fake_identity& identity, const fake_request& request,
                                 token_register& tokens) {
  const auto refuse = [&](const token_refusal& why) { return worded(identity.style, why); };
  if (request.method != fake_method::post) {
    return refuse({token_trouble::method, "only POST is understood here"});
  }
  if (!is_form(request.content_type)) {
    return refuse({token_trouble::no_form, "the request is no form"});
  }
  const auto form = parse_form(request.body);
  if (!form) {
    return refuse({token_trouble::malformed, "the form is malformed or has a parameter twice"});
  }
  if (const auto why = refused_asker(identity, *form, request.authorization)) return refuse(*why);
  if (const auto why = refused_scope(identity, value_of(*form, "scope"))) return refuse(*why);
  if (!identity.audience.empty() && value_of(*form, "audience") != identity.audience) {
    if (identity.for_another_audience == other_audience::useless_token) {
      return token_answer(identity, tokens.issue_useless());
    }
    return refuse({token_trouble::audience, "not the audience to ask for"});
  }
  return token_answer(identity, tokens.issue());
}

fake_answer answer_unknown_path(const fake_identity& identity, std::string_view path) {
  path.remove_prefix(std::min(realms_path.size(), path.size()));
  const std::string_view realm = path.substr(0, path.find('/'));
  if (identity.style == identity_style::keycloak && realm != identity.realm) {
    fake_answer answer;
    answer.status = 404;
    answer.body = R"({"error":"Realm does not exist"})";
    return answer;
  }
  return worded(identity.style, {token_trouble::path, "Not Found"});
}

}  // namespace binarly::testing
