// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/token_request.hpp"

#include "connect/basic_credentials.hpp"
#include "domain/wipe.hpp"

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace binarly::call {
namespace {

constexpr std::string_view platforms_path = "/realms/BinarlyRealm/protocol/openid-connect/token";
/// One byte that is coded becomes three.
constexpr std::size_t longest_code = 3;

void append_code(std::string& out, char c) {
  constexpr char digits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.append({'%', digits[byte >> 4U], digits[byte & 15U]});
}

/// Appends text as a form has it (the URL standard's application/x-www-form-urlencoded): everything
/// but letters, digits and a few marks as %XX.
void append_form_coded(std::string& form, std::string_view text) {
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._").find(c) != std::string_view::npos;
    if (plain) {
      form += c;
    } else {
      append_code(form, c);
    }
  }
}

/// Appends a half of basic credentials. RFC 6749 (section 2.3.1) codes it as in a form. Servers
/// that undo this leave alone what is not coded, and others undo nothing: so as little as possible
/// is, and both understand it.
void append_basic_coded(std::string& out, std::string_view text, std::string_view also) {
  for (const char c : text) {
    if (c > ' ' && c < '\x7f' && c != '%' && c != '+' && also.find(c) == std::string_view::npos) {
      out += c;
    } else {
      append_code(out, c);
    }
  }
}

/// A form that is never grown, which would leave a part of a secret behind.
class form_writer {
 public:
  /// `texts`: the sum of the sizes of all values.
  explicit form_writer(std::size_t texts) {
    constexpr std::size_t names = 192;
    form_.reserve(names + longest_code * texts);
  }
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    form_.append(form_.empty() ? "" : "&").append(name).append("=");
    append_form_coded(form_, value);
  }
  [[nodiscard]] secret take() { return secret(std::move(form_)); }

 private:
  std::string form_;
};

void hide(token_request& made, std::string_view text) {
  if (text.empty()) return;
  // Not moved into place: a short text would stay behind in the string that it came from.
  made.hidden.push_back(secret(std::string(text)));
  std::string coded;
  constexpr std::size_t no_small_buffer = 64;
  coded.reserve(longest_code * text.size() + no_small_buffer);
  append_form_coded(coded, text);
  const bool differs = coded != text;
  secret other(std::move(coded));
  if (differs) made.hidden.push_back(std::move(other));
}

/// The value of the header field.
secret basic_of(const identity_options& who) {
  std::string id;
  append_basic_coded(id, who.client_id, ":");
  const auto hidden = who.client_secret.reveal();
  std::string password;
  password.reserve(longest_code * hidden.size());
  append_basic_coded(password, hidden, "");
  auto made = connect::basic_credentials(id, password);
  domain::wipe(password);
  return made;
}

/// Who asks, in the form or beside it, and what for.
token_request finish_request(const identity_options& who, form_writer form,
                             std::string common_fields,
                             std::initializer_list<std::string_view> secrets) {
  // Who has no secret has no basic credentials (RFC 6749, section 3.2.1).
  const bool in_head =
      who.authentication == client_authentication::basic && !who.client_secret.empty();
  if (!in_head) {
    form.add("client_id", who.client_id);
    form.add("client_secret", who.client_secret.reveal());
  }
  form.add("scope", who.scope);
  form.add("audience", who.audience);

  token_request made;
  made.form = form.take();
  for (const auto text : secrets)
    hide(made, text);
  common_fields += "Content-Type: application/x-www-form-urlencoded\r\n";
  if (in_head) {
    auto shown = basic_of(who);
    constexpr std::string_view name = "Authorization: ";
    common_fields.reserve(common_fields.size() + name.size() + shown.reveal().size() + 2);
    common_fields.append(name).append(shown.reveal()).append("\r\n");
    made.hidden.push_back(
        secret(std::string(shown.reveal().substr(std::string_view("Basic ").size()))));
  }
  made.fields = secret(std::move(common_fields));
  return made;
}

std::size_t size_of(const identity_options& who) {
  return who.client_id.size() + who.client_secret.reveal().size() + who.scope.size() +
         who.audience.size();
}

}  // namespace

token_request make_token_request(const client_credentials_options& who, std::string common_fields) {
  form_writer form(size_of(who));
  form.add("grant_type", "client_credentials");
  return finish_request(who, std::move(form), std::move(common_fields),
                        {who.client_secret.reveal()});
}

token_request make_token_request(const password_options& who, std::string common_fields) {
  const auto password = who.password.reveal();
  form_writer form(size_of(who) + who.username.size() + password.size());
  form.add("grant_type", "password");
  form.add("username", who.username);
  form.add("password", password);
  return finish_request(who, std::move(form), std::move(common_fields),
                        {password, who.client_secret.reveal()});
}

std::string token_endpoint(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto path = url.find('/', scheme + 3);
  if (path == std::string::npos) return url + std::string(platforms_path);
  if (path + 1 == url.size()) return url.substr(0, path) + std::string(platforms_path);
  return url;
}

}  // namespace binarly::call
