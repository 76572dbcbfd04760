// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/service_credentials.hpp"

#include "tools/exit_code.hpp"
#include "tools/secret_file.hpp"
#include "tools/text.hpp"

#include <binarly/failure.hpp>

#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace binarly::tools {

namespace {

[[noreturn]] void refuse(const std::string& line) { throw command_error(exit_code::usage, line); }

/// Variables of the platform's older guide and of its publisher's own tool, which are set in many
/// pipelines, and what this command reads in their place.
std::string older_variables(const environment& variables) {
  struct pair {
    const char* older;
    const char* ours;
  };
  constexpr std::array<pair, 5> pairs{
      pair{"APP_NAME", "BINARLY_CLIENT_ID"}, pair{"APP_SECRET", "BINARLY_CLIENT_SECRET"},
      pair{"OIDC_URL", "BINARLY_AUTH_URL"}, pair{"BTP_USERNAME", "BINARLY_EMAIL"},
      pair{"BTP_PASSWORD", "BINARLY_PASSWORD"}};
  std::string text;
  for (const auto& [older, ours] : pairs) {
    if (!variables(older) || variables(ours)) continue;
    text += std::string("; ") + older + " is set: this command reads " + ours;
  }
  return text;
}

/// `origin`: where the token is from.
credentials checked_bearer(secret token, const std::string& origin) {
  try {
    return credentials::bearer(std::move(token));
  } catch (const failure_error& error) {
    refuse(origin + " holds no usable token: " + error.why().detail().reason +
           "; it takes the bearer token alone, as the service issued it");
  }
}

credentials from_token_file(const std::string& path) {
  auto fixed = checked_bearer(read_secret_file(path, "token", "--token-file"),
                              "the token file " + printable(path));
  // A pipe can be read but once. A file may get another token during the run: the library reads it
  // itself, and this reading was to tell at once what is wrong with it.
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) ? credentials::token_file(path) : fixed;
}

/// Reads what a grant needs from arguments and variables.
class grant_reader {
 public:
  grant_reader(const service_arguments& arguments, const environment& variables,
               const std::optional<instance_addresses>& named,
               const std::optional<instance_addresses>& known)
      : arguments_(arguments), variables_(variables), named_(named), known_(known) {}

  [[nodiscard]] credentials client() const {
    client_credentials_options who;
    who.client_id = either(arguments_.client_id, "BINARLY_CLIENT_ID", "--client-id");
    find_server(who);
    who.client_secret = hidden(arguments_.client_secret_file, "client secret",
                               "BINARLY_CLIENT_SECRET", "--client-secret-file");
    return credentials::client_credentials(std::move(who));
  }

  [[nodiscard]] credentials person() const {
    password_options who;
    who.username = either(arguments_.username, "BINARLY_EMAIL", "--username");
    find_server(who);
    who.password =
        hidden(arguments_.password_file, "password", "BINARLY_PASSWORD", "--password-file");
    // The variables are a machine's.
    if (!arguments_.client_id.empty()) who.client_id = arguments_.client_id;
    if (!arguments_.client_secret_file.empty()) {
      who.client_secret =
          read_secret_file(arguments_.client_secret_file, "client secret", "--client-secret-file");
    }
    return credentials::password(std::move(who));
  }

 private:
  [[noreturn]] void miss(const std::string& variable, const std::string& option) const {
    refuse("a token needs " + variable + ", or " + option + ", since other credentials are given" +
           older_variables(variables_));
  }

  [[nodiscard]] std::string either(const std::string& argument, const char* variable,
                                   const char* option) const {
    if (!argument.empty()) return argument;
    auto value = variables_(variable);
    if (!value) miss(variable, option);
    return std::move(*value);
  }

  [[nodiscard]] secret hidden(const std::string& file, const char* what, const char* variable,
                              const char* option) const {
    if (!file.empty()) return read_secret_file(file, what, option);
    return secret(either("", variable, option));
  }

  /// What the command line names wins over the variables, an address over the instance.
  void find_server(identity_options& who) const {
    const auto take = [&who](const instance_addresses& from) {
      who.url = from.identity_server;
      who.alternative_url = from.other_identity_server;
    };
    if (!arguments_.auth_url.empty()) {
      who.url = arguments_.auth_url;
    } else if (named_) {
      take(*named_);
    } else if (auto url = variables_("BINARLY_AUTH_URL")) {
      who.url = std::move(*url);
    } else if (known_) {
      take(*known_);
    } else {
      miss("BINARLY_AUTH_URL", "--auth-url (or --instance)");
    }
    const auto refine = [this](std::string& text, const std::string& argument,
                               const char* variable) {
      if (!argument.empty()) {
        text = argument;
      } else if (auto value = variables_(variable)) {
        text = std::move(*value);
      }
    };
    refine(who.scope, arguments_.scope, "BINARLY_SCOPE");
    refine(who.audience, arguments_.audience, "BINARLY_AUDIENCE");
    who.authentication = arguments_.auth_method;
  }

  const service_arguments& arguments_;
  const environment& variables_;
  const std::optional<instance_addresses>& named_;
  const std::optional<instance_addresses>& known_;
};

credentials checked(const grant_reader& reader, credentials (grant_reader::*grant)() const) {
  try {
    return (reader.*grant)();
  } catch (const failure_error& error) {
    refuse(explain(error.why()));
  }
}

}  // namespace

credentials make_credentials(const service_arguments& arguments, const environment& variables,
                             const std::optional<instance_addresses>& named,
                             const std::optional<instance_addresses>& known) {
  const bool person = !arguments.username.empty() || !arguments.password_file.empty();
  const bool client = !arguments.client_id.empty() || !arguments.client_secret_file.empty();
  // Of no use with a token that is there already.
  const bool refined =
      !arguments.auth_url.empty() || !arguments.scope.empty() || !arguments.audience.empty();
  const bool grant = person || client || refined;
  if (grant && !arguments.token_file.empty()) {
    refuse(
        "a token and credentials to get one with; give --token-file, or --client-id or --username "
        "and what belongs to it");
  }
  if (!arguments.token_file.empty()) return from_token_file(arguments.token_file);
  if (!grant) {
    if (auto token = variables("TOKEN")) return checked_bearer(secret(std::move(*token)), "TOKEN");
  }
  const grant_reader reader(arguments, variables, named, known);
  if (person) return checked(reader, &grant_reader::person);
  if (client || variables("BINARLY_CLIENT_ID")) return checked(reader, &grant_reader::client);
  if (variables("BINARLY_EMAIL")) return checked(reader, &grant_reader::person);
  if (refined && variables("TOKEN")) {
    refuse(
        "TOKEN is set, and --auth-url, --scope or --audience given, which are to get another token "
        "with; leave them out, or give --client-id or --username and what belongs to it");
  }
  refuse(
      "no token; set TOKEN or give --token-file; or, to get tokens as a machine, set "
      "BINARLY_CLIENT_ID and BINARLY_CLIENT_SECRET or give --client-id and --client-secret-file; "
      "or, as a person, set BINARLY_EMAIL and BINARLY_PASSWORD or give --username and "
      "--password-file; both with BINARLY_AUTH_URL or --auth-url, or with BTP_INSTANCE_SLUG or "
      "--instance" +
      older_variables(variables));
}

}  // namespace binarly::tools
