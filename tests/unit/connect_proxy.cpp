// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/proxy.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace {

using binarly::proxy_options;
using binarly::secret;
using binarly::connect::choose_proxy;
using binarly::connect::origin;
using binarly::connect::parse_origin;
using binarly::connect::proxy;
using binarly::connect::variable_lookup;

using variables = std::map<std::string, std::string>;

const origin service = parse_origin("https://service.example", false).value();

variable_lookup lookup_in(const variables& given) {
  return [&given](const char* name) {
    const auto found = given.find(name);
    return found == given.end() ? nullptr : found->second.c_str();
  };
}

auto choose(const proxy_options& options, const variables& given = {},
            const origin& where = service) {
  return choose_proxy(options, where, lookup_in(given));
}

/// The proxy's address; empty when there is none.
std::string chosen(const proxy_options& options, const variables& given = {},
                   const origin& where = service) {
  const auto through = choose(options, given, where).value();
  return through ? through->authority() : "";
}

std::string refusal(const proxy_options& options, const variables& given = {}) {
  const auto through = choose(options, given);
  REQUIRE_FALSE(through.has_value());
  CHECK(through.error().code() == binarly::errc::invalid_argument);
  return through.error().message();
}

proxy_options with_url(const std::string& url) {
  proxy_options options;
  options.url = url;
  return options;
}

TEST_CASE("a proxy's URL becomes an address and credentials") {
  struct row {
    std::string url;
    std::string authority;
    std::string authorization;
  };
  const std::vector<row> table{
      {"http://proxy.example:3128", "proxy.example:3128", ""},
      {"HTTP://proxy.example/", "proxy.example:80", ""},
      {"proxy.example:3128", "proxy.example:3128", ""},
      {"proxy.example", "proxy.example:80", ""},
      {"http://10.1.2.3:8080", "10.1.2.3:8080", ""},
      {"http://[2001:db8::1]", "[2001:db8::1]:80", ""},
      // The example of RFC 7617, section 2.
      {"http://Aladdin:open%20sesame@proxy.example", "proxy.example:80",
       "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
      {"user:a:b@proxy.example:1", "proxy.example:1", "Basic dXNlcjphOmI="},
      {"http://user@proxy.example", "proxy.example:80", "Basic dXNlcjo="},
      {"http://:word@proxy.example", "proxy.example:80", "Basic OndvcmQ="},
      {"http://@proxy.example", "proxy.example:80", ""},
      {"http://t%C3%A9st:%40%2F%3A@proxy.example", "proxy.example:80", "Basic dMOpc3Q6QC86"},
  };
  for (const auto& row : table) {
    CAPTURE(row.url);
    const auto through = choose(with_url(row.url));
    REQUIRE(through.has_value());
    REQUIRE(through->has_value());
    CHECK((*through)->authority() == row.authority);
    CHECK((*through)->authorization.reveal() == row.authorization);
  }
  CHECK((*choose(with_url("http://10.1.2.3")))->literal);
  CHECK_FALSE((*choose(with_url("http://proxy.example")))->literal);
}

TEST_CASE("user and password take the place of those in the URL, each by itself") {
  proxy_options options = with_url("http://user:word@proxy.example");
  options.password = secret("secret");
  CHECK(choose(options).value()->authorization.reveal() == "Basic dXNlcjpzZWNyZXQ=");
  options.user = "other";
  CHECK(choose(options).value()->authorization.reveal() == "Basic b3RoZXI6c2VjcmV0");
  options.password = secret();
  CHECK(choose(options).value()->authorization.reveal() == "Basic b3RoZXI6d29yZA==");
  options.url = "http://proxy.example";
  CHECK(choose(options).value()->authorization.reveal() == "Basic b3RoZXI6");
}

TEST_CASE("a proxy's URL that cannot be used is refused without a word of its secrets") {
  const std::vector<std::string> table{
      "https://hidden:secret@proxy.example",
      "socks4://hidden:secret@proxy.example",
      "socks5://hidden:secret@proxy.example/path",
      "socks5://hidden:secret" + std::string(250, 't') + "@proxy.example",
      "socks5h://hidden" + std::string(250, 'n') + ":secret@proxy.example",
      "http://",
      "http://hidden:secret@",
      "http://hidden:secret@:3128",
      "http://hidden:sec#ret@proxy.example",
      "http://hidden:sec@ret@proxy.example",
      "http://hidden:sec%@proxy.example",
      "http://hidden:sec\xc3\xa9ret@proxy.example",
      "http://hidden:secret%0d%0aX@proxy.example",
      "http://hidden:secret%00@proxy.example",
      "http://hid%3aden:secret@proxy.example",
      "http://hidden:secret@proxy.example:0",
      "http://hidden:secret@proxy.example:65536",
      "http://hidden:secret@proxy.example:80x",
      "http://hidden:secret@proxy.example/path",
      "http://hidden:secret@proxy.example?query",
      "http://hidden:secret@proxy.example/#top",
      "http://hidden:secret@pr\xc3\xb6xy.example",
      "http://hidden:secret@pr%00xy.example",
      "http://hidden:secret@proxy.example\r\nX: y",
      "http://hidden:secret@" + std::string(3000, 'a'),
      "//proxy.example",
  };
  for (const auto& url : table) {
    CAPTURE(url);
    const std::string said = refusal(with_url(url));
    CHECK(said.find("proxy.url ") != said.npos);
    CHECK(said.find("hid") == said.npos);
    CHECK(said.find("sec") == said.npos);
  }
  CHECK(refusal(with_url("https://proxy.example")).find("must begin with http://") !=
        std::string::npos);
}

TEST_CASE("credentials that cannot be used are refused in their own names") {
  proxy_options options = with_url("http://proxy.example");
  options.user = "hidden:user";
  CHECK(refusal(options).find("proxy.user has a colon") != std::string::npos);
  options.user = "hidden\nuser";
  CHECK(refusal(options).find("proxy.user holds control") != std::string::npos);
  options.user = std::string(2049, 'h');
  CHECK(refusal(options).find("proxy.user is longer") != std::string::npos);
  options.user = std::string(2048, 'h');
  CHECK(chosen(options) == "proxy.example:80");
  options.password = secret("hidden\x7f");
  const std::string said = refusal(options);
  CHECK(said.find("proxy.password holds control") != said.npos);
  CHECK(said.find("hidden") == said.npos);
}

TEST_CASE("what is excepted is reached directly, and so is loopback without TLS") {
  proxy_options options = with_url("http://proxy.example");
  CHECK(chosen(options) == "proxy.example:80");
  options.no_proxy = "other.test, .example";
  CHECK(chosen(options).empty());
  options.no_proxy = std::string(std::size_t{64} * 1024 + 1, ' ');
  CHECK(refusal(options).find("proxy.no_proxy is longer") != std::string::npos);
  options.no_proxy.pop_back();
  CHECK(chosen(options) == "proxy.example:80");
  CHECK(chosen(options, {}, parse_origin("http://127.0.0.1:8080", true).value()).empty());
}

TEST_CASE("the environment is read when that is asked for, and where an option is empty") {
  const variables given{{"https_proxy", "lower.example:1"},
                        {"HTTPS_PROXY", "http://upper.example:2"},
                        {"NO_PROXY", "service.example"}};
  proxy_options options;
  CHECK(chosen(options, given).empty());
  options.from_environment = true;
  CHECK(chosen(options).empty());
  CHECK(chosen(options, given).empty());
  options.no_proxy = "other.example";
  CHECK(chosen(options, given) == "lower.example:1");
  CHECK(chosen(options, {{"https_proxy", ""}, {"HTTPS_PROXY", "upper.example:2"}}) ==
        "upper.example:2");
  options.url = "http://option.example";
  CHECK(chosen(options, given) == "option.example:80");
  options.no_proxy = "";
  CHECK(chosen(options, given).empty());
  CHECK(chosen(options, {{"no_proxy", "other.example"}, {"NO_PROXY", "service.example"}}) ==
        "option.example:80");
  options.from_environment = false;
  CHECK(chosen(options, given) == "option.example:80");
}

TEST_CASE("a variable that cannot be used is named, but only where it matters") {
  proxy_options options;
  options.from_environment = true;
  const std::string said = refusal(options, {{"HTTPS_PROXY", "https://hidden:secret@p.example"}});
  CHECK(said.find("proxy.url, read from HTTPS_PROXY, must begin with http://") != said.npos);
  CHECK(said.find("hidden") == said.npos);
  CHECK(said.find("secret") == said.npos);
  CHECK(refusal(options, {{"https_proxy", "http://user:pass%0a@p.example"}}).find("https_proxy") !=
        std::string::npos);
  CHECK(refusal(options, {{"https_proxy", "p.example"}, {"no_proxy", std::string(65537, ',')}})
            .find("proxy.no_proxy, read from no_proxy, is longer") != std::string::npos);
  CHECK(chosen(options, {{"https_proxy", "https://p.example"}, {"no_proxy", "*"}}).empty());
  options.url = "https://p.example";
  CHECK(refusal(options, {{"no_proxy", "*"}}).find("proxy.url must begin") != std::string::npos);
}

TEST_CASE("a SOCKS proxy has a port, and credentials of its own kind") {
  struct row {
    std::string url;
    std::string authority;
    std::string user;
    std::string password;
  };
  const std::vector<row> table{
      {"socks5://proxy.example", "proxy.example:1080", "", ""},
      {"socks5h://proxy.example:9050/", "proxy.example:9050", "", ""},
      {"SOCKS5H://[2001:db8::1]", "[2001:db8::1]:1080", "", ""},
      {"socks5://user:word@10.1.2.3", "10.1.2.3:1080", "user", "word"},
      // Basic credentials could not hold the colon.
      {"socks5://us%3aer:wo%40rd@proxy.example", "proxy.example:1080", "us:er", "wo@rd"},
      {"socks5://user@proxy.example", "proxy.example:1080", "user", ""},
      {"socks5://" + std::string(255, 'u') + ':' + std::string(255, 'w') + "@proxy.example",
       "proxy.example:1080", std::string(255, 'u'), std::string(255, 'w')},
  };
  for (const auto& row : table) {
    CAPTURE(row.url);
    const auto through = choose(with_url(row.url));
    REQUIRE(through.has_value());
    REQUIRE(through->has_value());
    CHECK((*through)->protocol == binarly::connect::proxy_protocol::socks5);
    CHECK((*through)->authority() == row.authority);
    CHECK((*through)->user == row.user);
    CHECK((*through)->password.reveal() == row.password);
    CHECK((*through)->authorization.empty());
  }
  CHECK((*choose(with_url("http://proxy.example")))->protocol ==
        binarly::connect::proxy_protocol::http);
  proxy_options options = with_url("socks5://proxy.example");
  options.password = secret(std::string(256, 'p'));
  const std::string said = refusal(options);
  CHECK(said.find("proxy.password is longer than 255 bytes") != said.npos);
  CHECK(said.find("ppp") == said.npos);
  options.password = secret();
  options.user = std::string(256, 'u');
  CHECK(refusal(options).find("proxy.user is longer than 255 bytes") != std::string::npos);
}

TEST_CASE("a proxy for all protocols is taken where there is none for https") {
  proxy_options options;
  options.from_environment = true;
  variables given{{"ALL_PROXY", "http://upper.example:2"}};
  CHECK(chosen(options, given) == "upper.example:2");
  given["all_proxy"] = "socks5h://lower.example";
  CHECK(chosen(options, given) == "lower.example:1080");
  given["HTTPS_PROXY"] = "http://own.example:1";
  CHECK(chosen(options, given) == "own.example:1");
  given["HTTPS_PROXY"] = "";
  CHECK(chosen(options, given) == "lower.example:1080");
  given["no_proxy"] = "service.example";
  CHECK(chosen(options, given).empty());
  const auto said = refusal(options, {{"ALL_PROXY", "socks4://hidden:secret@p.example"}});
  CHECK(said.find("proxy.url, read from ALL_PROXY, must begin with http://") != said.npos);
  CHECK(said.find("hidden") == said.npos);
}

TEST_CASE("an option that is not asked for asks nobody") {
  const auto through = choose_proxy(with_url("http://proxy.example"), service, {});
  REQUIRE(through.has_value());
  CHECK((*through)->host == "proxy.example");
}

}  // namespace
