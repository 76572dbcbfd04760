// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/proxy.hpp"

#include "connect/basic_credentials.hpp"
#include "connect/no_proxy.hpp"
#include "connect/url_host.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::connect {
namespace {

constexpr std::size_t longest_credential = 2048;
constexpr std::size_t longest_list = 64 * 1024;

/// An option's text, and what to call it when it is refused.
struct setting {
  std::string name;
  std::string text;

  [[nodiscard]] failure refuse(std::string_view reason) const {
    return failure(errc::invalid_argument, name + ' ' + std::string(reason));
  }
};

setting option_or_variable(setting option, const variable_lookup* variables,
                           std::initializer_list<const char*> names) {
  if (!option.text.empty() || variables == nullptr) return option;
  for (const char* const name : names) {
    const char* const value = (*variables)(name);
    if (value == nullptr || *value == '\0') continue;
    option.name += std::string(", read from ") + name + ',';
    option.text = value;
    break;
  }
  return option;
}

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; });
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// What is wrong with a user name or a password; empty if nothing is.
std::string_view complaint_about(std::string_view credential) {
  if (credential.size() > longest_credential) return "is longer than 2048 bytes";
  if (has_controls(credential)) return "holds control characters";
  return "";
}

/// What a user name and a password are sent in (RFC 1929): each with a byte for its length.
constexpr std::size_t longest_socks_credential = 255;

result<proxy> read_proxy(const setting& url, const proxy_options& options) {
  if (url.text.size() > longest_url) return url.refuse("is longer than 2048 characters");
  const bool schemeless = url.text.find("://") == url.text.npos;
  const std::string text = (schemeless ? "http://" : "") + url.text;
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) {
    return url.refuse(
        "is not a URL such as http://proxy.example:3128; in a user name or a password, write "
        "special characters as %XX");
  }
  const std::string scheme = to_lower(parsed->scheme());
  const bool socks = scheme == "socks5" || scheme == "socks5h";
  if (!socks && scheme != "http") {
    return url.refuse(
        "must begin with http://, socks5:// or socks5h://; a proxy over TLS, or an older SOCKS, is "
        "not supported");
  }
  const auto named = read_host(*parsed, socks ? 1080 : 80, url.name);
  if (!named) return named.error();
  const std::string_view path = parsed->encoded_path();
  if ((!path.empty() && path != "/") || parsed->has_query() || parsed->has_fragment()) {
    return url.refuse("must not hold a path, a query or a fragment");
  }

  proxy found;
  static_cast<host_port&>(found) = *named;
  if (socks) found.protocol = proxy_protocol::socks5;
  const setting user = options.user.empty() ? setting{url.name, parsed->user()}
                                            : setting{"proxy.user", options.user};
  found.password = options.password.empty() ? secret(parsed->password()) : options.password;
  const std::string_view password = found.password.reveal();
  if (user.text.empty() && password.empty()) return found;
  if (const auto wrong = complaint_about(user.text); !wrong.empty()) return user.refuse(wrong);
  const setting word{options.password.empty() ? url.name : "proxy.password", ""};
  if (const auto wrong = complaint_about(password); !wrong.empty()) return word.refuse(wrong);
  if (socks) {
    for (const auto& [name, size] :
         {std::pair(&user, user.text.size()), std::pair(&word, password.size())}) {
      if (size > longest_socks_credential) {
        return name->refuse("is longer than 255 bytes, which SOCKS cannot hold");
      }
    }
    found.user = user.text;
    return found;
  }
  if (user.text.find(':') != user.text.npos) {
    return user.refuse("has a colon in the user name, which basic credentials cannot hold");
  }
  found.authorization = basic_credentials(user.text, password);
  return found;
}

}  // namespace

result<std::optional<proxy>> choose_proxy(const proxy_options& options, const origin& where,
                                          const variable_lookup& variables) {
  const variable_lookup* const asked = options.from_environment ? &variables : nullptr;
  const setting url = option_or_variable({"proxy.url", options.url}, asked,
                                         {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  if (url.text.empty()) return std::nullopt;
  const setting list =
      option_or_variable({"proxy.no_proxy", options.no_proxy}, asked, {"no_proxy", "NO_PROXY"});
  if (list.text.size() > longest_list) return list.refuse("is longer than 64 KiB");
  const bool direct = !where.tls || bypasses_proxy(list.text, where);
  if (direct && options.url.empty()) return std::nullopt;
  auto found = read_proxy(url, options);
  if (!found) return found.error();
  if (direct) return std::nullopt;
  return *std::move(found);
}

}  // namespace binarly::connect
