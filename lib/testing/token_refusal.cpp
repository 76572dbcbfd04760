// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/token_refusal.hpp"

#include "testing/names.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace binarly::testing {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 7> style_names{
    "keycloak", "oidc_provider", "node_oauth", "glewlwyd", "okta", "auth0", "errors_in_200"};
constexpr std::array<std::string_view, 3> authentication_names{"either", "basic", "form"};
constexpr std::array<std::string_view, 2> audience_names{"refused", "useless_token"};
static_assert(style_names.size() == static_cast<std::size_t>(identity_style::errors_in_200) + 1);

/// Status and code as RFC 6749 has them.
struct standard {
  unsigned status;
  std::string_view error;
};

standard standard_of(token_trouble trouble) {
  switch (trouble) {
    case token_trouble::method:
      return {405, "invalid_request"};
    case token_trouble::no_form:
      return {415, "invalid_request"};
    case token_trouble::grant:
      return {400, "unsupported_grant_type"};
    case token_trouble::client:
    case token_trouble::client_in_head:
      return {401, "invalid_client"};
    case token_trouble::user:
      return {401, "invalid_grant"};
    case token_trouble::scope:
    case token_trouble::no_scope:
      return {400, "invalid_scope"};
    case token_trouble::path:
      return {404, "not_found"};
    default:
      return {400, "invalid_request"};
  }
}

bool is_about_the_client(token_trouble trouble) {
  return trouble == token_trouble::client || trouble == token_trouble::client_in_head;
}

fake_answer plain(std::string_view type, std::string body) {
  fake_answer answer;
  answer.status = 404;
  answer.type = type;
  answer.body = std::move(body);
  return answer;
}

fake_answer standard_answer(const token_refusal& why) {
  const auto [status, error] = standard_of(why.trouble);
  fake_answer answer;
  answer.status = status;
  answer.headers = no_store;
  answer.body = oauth_error(error, why.description);
  if (why.trouble == token_trouble::method) answer.headers += "Allow: POST\r\n";
  if (why.trouble == token_trouble::client_in_head) {
    answer.headers += "WWW-Authenticate: Basic realm=\"BinarlyRealm\"\r\n";
  }
  return answer;
}

/// As Okta's API has its errors.
std::string okta_error(std::string_view code, std::string_view summary) {
  std::string body = R"({"errorCode":")";
  body += code;
  body += R"(","errorSummary":")";
  body += summary;
  body += R"(","errorLink":")";
  body += code;
  body += R"(","errorId":"oae-fake","errorCauses":[]})";
  return body;
}

fake_answer like_oidc_provider(const token_refusal& why) {
  fake_answer answer = standard_answer(why);
  if (why.trouble == token_trouble::path) {
    answer.body = oauth_error("invalid_request", "unrecognized route or not allowed method");
  } else if (is_about_the_client(why.trouble)) {
    answer.body = oauth_error("invalid_client", "client authentication failed");
  } else if (why.trouble == token_trouble::user) {
    answer.status = 400;
  }
  return answer;
}

fake_answer like_node_oauth(const token_refusal& why) {
  if (why.trouble == token_trouble::path) {
    return plain("text/html; charset=utf-8",
                 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<title>Error</title>\n</head>\n<body>\n<pre>Cannot POST</pre>\n</body>\n"
                 "</html>\n");
  }
  fake_answer answer = standard_answer(why);
  if (is_about_the_client(why.trouble)) {
    answer.status = 400;
    answer.headers = no_store;
    answer.body = oauth_error("invalid_client", "Invalid client: client is invalid");
  }
  return answer;
}

fake_answer like_glewlwyd(const token_refusal& why) {
  if (why.trouble == token_trouble::path) return plain("text/plain", "Resource not found");
  fake_answer answer = standard_answer(why);
  if (is_about_the_client(why.trouble) || why.trouble == token_trouble::no_scope) {
    answer = fake_answer();
    answer.status = 403;
  } else if (why.trouble == token_trouble::scope) {
    answer.body = R"({"error":"scope_invalid"})";
  }
  return answer;
}

fake_answer like_okta(const token_refusal& why) {
  fake_answer answer = standard_answer(why);
  if (why.trouble == token_trouble::path) {
    answer.body = okta_error("E0000022", "The endpoint does not support the provided HTTP method");
  } else if (is_about_the_client(why.trouble)) {
    answer.body = okta_error("invalid_client", "Invalid value for 'client_id' parameter.");
  } else {
    answer.body = okta_error(standard_of(why.trouble).error, why.description);
  }
  return answer;
}

fake_answer like_auth0(const token_refusal& why) {
  if (why.trouble == token_trouble::path) return plain("text/plain; charset=utf-8", "Not Found");
  fake_answer answer = standard_answer(why);
  if (is_about_the_client(why.trouble)) {
    answer.body = oauth_error("access_denied", "Unauthorized");
  } else if (why.trouble == token_trouble::audience) {
    answer.status = 403;
    answer.body = oauth_error("access_denied", "Service not enabled within domain");
  } else if (why.trouble == token_trouble::user) {
    answer.status = 403;
    answer.body = oauth_error("invalid_grant", "Wrong email or password.");
  }
  return answer;
}

}  // namespace

std::string_view to_string(identity_style value) noexcept { return name_in(style_names, value); }
std::string_view to_string(accepted_authentication value) noexcept {
  return name_in(authentication_names, value);
}
std::string_view to_string(other_audience value) noexcept { return name_in(audience_names, value); }

result<identity_style> parse_identity_style(std::string_view text) {
  return value_in<identity_style>(style_names, "style", text);
}
result<accepted_authentication> parse_accepted_authentication(std::string_view text) {
  return value_in<accepted_authentication>(authentication_names, "authentication", text);
}
result<other_audience> parse_other_audience(std::string_view text) {
  return value_in<other_audience>(audience_names, "for_another_audience", text);
}

std::string oauth_error(std::string_view error, std::string_view description) {
  std::string body = R"({"error":")";
  body += error;
  body += R"(","error_description":")";
  body += description;
  body += R"("})";
  return body;
}

fake_answer worded(identity_style style, const token_refusal& why) {
  switch (style) {
    case identity_style::oidc_provider:
      return like_oidc_provider(why);
    case identity_style::node_oauth:
      return like_node_oauth(why);
    case identity_style::glewlwyd:
      return like_glewlwyd(why);
    case identity_style::okta:
      return like_okta(why);
    case identity_style::auth0:
      return like_auth0(why);
    case identity_style::errors_in_200: {
      fake_answer answer = standard_answer(why);
      if (why.trouble != token_trouble::path) answer.status = 200;
      return answer;
    }
    default:
      return standard_answer(why);
  }
}

}  // namespace binarly::testing
