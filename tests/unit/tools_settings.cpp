// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/token_origin.hpp"
#include "support/process.hpp"
#include "tools/exit_code.hpp"
#include "tools/instance.hpp"
#include "tools/secret_file.hpp"
#include "tools/settings.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <variant>

namespace binarly::tools {

namespace {

environment variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

const environment usual =
    variables({{"BINARLY_API_URL", "https://a.example"}, {"TOKEN", "secret-of-variable"}});

std::string refusal(const service_arguments& arguments, const environment& from) {
  try {
    (void)make_client_options(arguments, from);
    return "none";
  } catch (const command_error& error) {
    CHECK(error.code() == exit_code::usage);
    return error.what();
  }
}

/// The grant that the options ask for tokens with.
template <class Grant>
const Grant& grant_of(const client_options& options) {
  REQUIRE(options.auth.origin() != nullptr);
  const auto* const grant = std::get_if<Grant>(&options.auth.origin()->what);
  REQUIRE(grant != nullptr);
  return *grant;
}

const environment robot = variables({{"BINARLY_API_URL", "https://a.example"},
                                     {"BINARLY_CLIENT_ID", "robot"},
                                     {"BINARLY_CLIENT_SECRET", "s3cret of it"},
                                     {"BINARLY_AUTH_URL", "https://auth.example"}});

}  // namespace

TEST_CASE("service and token come from the environment") {
  const auto options = make_client_options({}, usual);
  CHECK(options.base_url == "https://a.example");
  CHECK(options.auth.origin() != nullptr);
  CHECK(options.tls.ca_file.empty());
}

TEST_CASE("the command line wins over the environment") {
  service_arguments arguments;
  arguments.base_url = "https://b.example";
  arguments.ca_file = "ca.pem";
  const auto options = make_client_options(arguments, usual);
  CHECK(options.base_url == "https://b.example");
  CHECK(options.tls.ca_file == "ca.pem");
}

TEST_CASE("what is missing is named, with what to do") {
  CHECK(refusal({}, variables({{"TOKEN", "t"}})).starts_with("no service; set BINARLY_API_URL"));
  CHECK(refusal({}, variables({{"BINARLY_API_URL", "https://a.example"}}))
            .starts_with("no token; set TOKEN"));
}

TEST_CASE("a token that cannot be one is refused without being repeated") {
  const auto line =
      refusal({}, variables({{"BINARLY_API_URL", "https://a.example"}, {"TOKEN", "se cret"}}));
  CHECK(line.starts_with("TOKEN holds no usable token"));
  CHECK(line.find("cret") == std::string::npos);
}

TEST_CASE("a token file is bounded and checked") {
  const testing::temporary_directory directory;
  service_arguments arguments;
  arguments.token_file = (directory.path() / "token").string();
  CHECK(refusal(arguments, usual).find("cannot be opened") != std::string::npos);
  const auto write = [&](const std::string& text) {
    std::ofstream(arguments.token_file, std::ios::binary) << text;
  };
  write("secret-of-file\n");
  CHECK(refusal(arguments, usual) == "none");
  // The file wins: a variable that cannot be used is not even looked at.
  CHECK(refusal(arguments, variables({{"BINARLY_API_URL", "u"}, {"TOKEN", "se cret"}})) == "none");
  write("");
  CHECK(refusal(arguments, usual).find("holds no usable token") != std::string::npos);
  write("secret of file\n");
  const auto line = refusal(arguments, usual);
  CHECK(line.find("holds no usable token") != std::string::npos);
  CHECK(line.find("secret") == std::string::npos);
  write(std::string(64 * 1024 + 1, 'a'));
  CHECK(refusal(arguments, usual).find("larger than 64 KiB") != std::string::npos);
  arguments.token_file = directory.path().string();
  CHECK(refusal(arguments, usual).find("cannot be read") != std::string::npos);
}

TEST_CASE("client credentials are asked for as the options and variables say") {
  auto options = make_client_options({}, robot);
  const auto& usual_form = grant_of<client_credentials_options>(options);
  CHECK(usual_form.client_id == "robot");
  CHECK(usual_form.client_secret.reveal() == "s3cret of it");
  CHECK(usual_form.url == "https://auth.example");
  CHECK(usual_form.alternative_url.empty());
  CHECK(usual_form.scope.empty());
  CHECK(usual_form.audience.empty());
  CHECK(usual_form.authentication == client_authentication::body);

  const auto more = variables({{"BINARLY_API_URL", "https://a.example"},
                               {"BINARLY_CLIENT_ID", "robot"},
                               {"BINARLY_CLIENT_SECRET", "x"},
                               {"BINARLY_AUTH_URL", "https://auth.example"},
                               {"BINARLY_SCOPE", "openid"},
                               {"BINARLY_AUDIENCE", "main-api"}});
  options = make_client_options({}, more);
  CHECK(grant_of<client_credentials_options>(options).scope == "openid");
  CHECK(grant_of<client_credentials_options>(options).audience == "main-api");

  service_arguments arguments;
  arguments.scope = "read";
  arguments.audience = "api";
  arguments.auth_method = client_authentication::basic;
  arguments.auth_url = "https://other.example/token";
  options = make_client_options(arguments, more);
  CHECK(grant_of<client_credentials_options>(options).scope == "read");
  CHECK(grant_of<client_credentials_options>(options).audience == "api");
  CHECK(grant_of<client_credentials_options>(options).authentication ==
        client_authentication::basic);
  CHECK(grant_of<client_credentials_options>(options).url == "https://other.example/token");
}

TEST_CASE("a person's password is asked for where there is no machine") {
  const testing::temporary_directory directory;
  service_arguments arguments;
  arguments.username = "me@here.example";
  arguments.password_file = (directory.path() / "password").string();
  std::ofstream(arguments.password_file, std::ios::binary) << " p w \r\n\n";
  auto options = make_client_options(arguments, robot);
  const auto& person = grant_of<password_options>(options);
  CHECK(person.username == "me@here.example");
  CHECK(person.password.reveal() == "p w");
  CHECK(person.client_id == "BinarlyClient");
  CHECK(person.client_secret.empty());
  CHECK(person.scope == "openid");
  CHECK(person.url == "https://auth.example");

  const auto in_variables = variables({{"BINARLY_API_URL", "https://a.example"},
                                       {"BINARLY_EMAIL", "you"},
                                       {"BINARLY_PASSWORD", "word"},
                                       {"BINARLY_AUTH_URL", "https://auth.example"}});
  options = make_client_options({}, in_variables);
  CHECK(grant_of<password_options>(options).username == "you");
  CHECK(grant_of<password_options>(options).password.reveal() == "word");
}

TEST_CASE("an instance stands for its addresses, and an address wins over it") {
  const auto only_slug = variables({{"BTP_INSTANCE_SLUG", "your-org.prod"},
                                    {"BINARLY_CLIENT_ID", "robot"},
                                    {"BINARLY_CLIENT_SECRET", "x"}});
  auto options = make_client_options({}, only_slug);
  CHECK(options.base_url == "https://dashboard-your-org.prod.binarly.cloud");
  CHECK(grant_of<client_credentials_options>(options).url ==
        "https://auth-your-org.prod.binarly.cloud");
  CHECK(grant_of<client_credentials_options>(options).alternative_url ==
        "https://kc-your-org.prod.binarly.cloud");

  // The option wins over the addresses in variables, which win over the slug in one.
  service_arguments arguments;
  arguments.instance = "x";
  options = make_client_options(arguments, robot);
  CHECK(options.base_url == "https://dashboard-x.binarly.cloud");
  CHECK(grant_of<client_credentials_options>(options).url == "https://auth-x.binarly.cloud");
  const auto both = [&](const char* name) {
    return std::string(name) == "BTP_INSTANCE_SLUG" ? std::optional<std::string>("y") : robot(name);
  };
  options = make_client_options({}, both);
  CHECK(options.base_url == "https://a.example");
  CHECK(grant_of<client_credentials_options>(options).url == "https://auth.example");
  CHECK(grant_of<client_credentials_options>(options).alternative_url.empty());
  arguments.base_url = "https://b.example";
  arguments.auth_url = "https://c.example";
  options = make_client_options(arguments, robot);
  CHECK(options.base_url == "https://b.example");
  CHECK(grant_of<client_credentials_options>(options).url == "https://c.example");
  CHECK(grant_of<client_credentials_options>(options).alternative_url.empty());
}

TEST_CASE("what is no part of a host name is no instance") {
  for (const std::string slug : {"x/../", "evil.com#", "a b", "a@b", "a:1", "a?b", "-a", "a-",
                                 "a..b", ".a", "a.", "a_b", "\xc3\xbc", "a\n", "a%2f", "a\\b"}) {
    CAPTURE(slug);
    service_arguments arguments;
    arguments.instance = slug;
    const auto line = refusal(arguments, usual);
    CHECK(line.starts_with("the instance \""));
    CHECK(line.find("check --instance") != std::string::npos);
    CHECK(refusal({}, variables({{"BTP_INSTANCE_SLUG", slug}})).find("check BTP_INSTANCE_SLUG") !=
          std::string::npos);
  }
  CHECK_THROWS_AS((void)addresses_of_instance(std::string(54, 'a'), ""), command_error);
  CHECK(addresses_of_instance(std::string(53, 'a'), "").service.size() == 8 + 10 + 53 + 14);
  std::string long_one = "a";
  for (int i = 0; i < 120; ++i)
    long_one += ".a";
  CHECK_THROWS_AS((void)addresses_of_instance(long_one, ""), command_error);
}

TEST_CASE("whoever misses a token hears of every way, and of older variables that are set") {
  const auto nothing = refusal({}, variables({{"BINARLY_API_URL", "https://a.example"}}));
  for (const char* name :
       {"TOKEN", "--token-file", "BINARLY_CLIENT_ID", "BINARLY_CLIENT_SECRET", "--client-id",
        "BINARLY_EMAIL", "BINARLY_PASSWORD", "--username", "--password-file", "BINARLY_AUTH_URL",
        "BTP_INSTANCE_SLUG", "--instance"}) {
    CAPTURE(name);
    CHECK(nothing.find(name) != std::string::npos);
  }
  CHECK(nothing.find("APP_NAME") == std::string::npos);
  const auto older = refusal({}, variables({{"BINARLY_API_URL", "https://a.example"},
                                            {"APP_NAME", "n"},
                                            {"APP_SECRET", "hush-hush"},
                                            {"OIDC_URL", "u"},
                                            {"BTP_USERNAME", "n"},
                                            {"BTP_PASSWORD", "hush-hush"}}));
  CHECK(older.find("; APP_NAME is set: this command reads BINARLY_CLIENT_ID") != std::string::npos);
  CHECK(older.find("; APP_SECRET is set: this command reads BINARLY_CLIENT_SECRET") !=
        std::string::npos);
  CHECK(older.find("; OIDC_URL is set: this command reads BINARLY_AUTH_URL") != std::string::npos);
  CHECK(older.find("; BTP_USERNAME is set: this command reads BINARLY_EMAIL") != std::string::npos);
  CHECK(older.find("; BTP_PASSWORD is set: this command reads BINARLY_PASSWORD") !=
        std::string::npos);
  CHECK(older.find("hush") == std::string::npos);
  // Of a half of them, the other half is named.
  CHECK(refusal({}, variables({{"BINARLY_API_URL", "https://a.example"},
                               {"BINARLY_CLIENT_ID", "robot"},
                               {"BINARLY_AUTH_URL", "https://auth.example"},
                               {"APP_SECRET", "hush-hush"}}))
            .find("needs BINARLY_CLIENT_SECRET, or --client-secret-file") != std::string::npos);
}

TEST_CASE("a token and what another one is got with contradict each other") {
  service_arguments arguments;
  arguments.token_file = "f";
  arguments.username = "me";
  CHECK(refusal(arguments, usual).find("give --token-file, or --client-id or --username") !=
        std::string::npos);
  service_arguments refined;
  refined.scope = "openid";
  CHECK(refusal(refined, usual).starts_with("TOKEN is set, and --auth-url, --scope or --audience"));
}

TEST_CASE("the client's certificate brings its key along, or names it") {
  service_arguments arguments;
  arguments.cert = "me.pem";
  CHECK(make_client_options(arguments, usual).tls.certificate_file == "me.pem");
  CHECK(make_client_options(arguments, usual).tls.key_file == "me.pem");
  arguments.key = "key.pem";
  CHECK(make_client_options(arguments, usual).tls.key_file == "key.pem");
  arguments.cert.clear();
  CHECK(refusal(arguments, usual).starts_with("--key without the certificate"));
  CHECK(make_client_options({}, usual).tls.key_file.empty());
}

TEST_CASE("blanks and line ends around the value of a variable are no part of it") {
  CHECK(without_outer_space(" \t a b \r\n\v\f") == "a b");
  CHECK(without_outer_space(" \n").empty());
  CHECK(without_outer_space("").empty());
  CHECK(without_outer_space("a") == "a");
  // Of this process alone, and of no other test's.
  ::setenv("BINARLY_IMAGES_TEST_BLANKS", " \ta b\r\n", 1);
  CHECK(process_environment()("BINARLY_IMAGES_TEST_BLANKS") == "a b");
  ::setenv("BINARLY_IMAGES_TEST_BLANKS", " \n", 1);
  CHECK(process_environment()("BINARLY_IMAGES_TEST_BLANKS") == std::nullopt);
  ::unsetenv("BINARLY_IMAGES_TEST_BLANKS");
}

TEST_CASE("a secret is read from a file that ends, and from no other") {
  // More than any secret has, without an end.
  try {
    (void)read_secret_file("/dev/zero", "token", "--token-file");
    FAIL("it was read");
  } catch (const command_error& refused) {
    CHECK(std::string(refused.what()) ==
          "the token file /dev/zero is larger than 64 KiB, which no token is; check --token-file");
  }
  CHECK(read_secret_file("/dev/null", "token", "--token-file").empty());
}

TEST_CASE("what the library refuses is explained in the command's terms") {
  CHECK(explain(failure(errc::invalid_argument, "tls.ca_file \"x\" cannot be read")) ==
        "--ca-file \"x\" cannot be read; it takes the authority's certificate as a PEM file");
  CHECK(explain(failure(errc::invalid_argument, "base_url is empty")) ==
        "the service's address is empty; check BINARLY_API_URL or --base-url");
  CHECK(explain(failure(errc::invalid_argument, "auth.url is empty")) ==
        "the identity server's address is empty; check BINARLY_AUTH_URL or --auth-url");
  CHECK(explain(failure(errc::invalid_argument, "auth.username must be short")) ==
        "the user name must be short; check BINARLY_EMAIL or --username");
  CHECK(explain(failure(errc::invalid_argument, "auth.audience must be short")) ==
        "the audience must be short; check BINARLY_AUDIENCE or --audience");
  CHECK(explain(failure(errc::invalid_argument, "tls.key_file \"k\" is not the key of x")) ==
        "--key \"k\" is not the key of x; --cert takes the client's certificate as a PEM file, "
        "--key its key, not encrypted");
  CHECK(explain(failure(errc::invalid_argument, "auth.tls.ca_file \"x\" cannot be read"))
            .starts_with("--ca-file \"x\" cannot be read"));
  CHECK(explain(failure(errc::invalid_argument, "faults: no")) == "invalid argument: faults: no");
}

TEST_CASE("colour is for terminals, and NO_COLOR turns it off") {
  CHECK(wants_colour(true, variables({})));
  CHECK_FALSE(wants_colour(true, variables({{"NO_COLOR", "1"}})));
  CHECK_FALSE(wants_colour(false, variables({})));
}

}  // namespace binarly::tools
