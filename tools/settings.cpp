// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/settings.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <binarly/failure.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace binarly::tools {

namespace {

constexpr std::size_t max_secret_file = 64 * 1024;

[[noreturn]] void refuse(const std::string& line) { throw command_error(exit_code::usage, line); }

/// The text of a file that holds a token or a secret; `option` named it.
std::string read_secret_file(const std::string& path, const std::string& what,
                             const std::string& option) {
  const std::string name = "the " + what + " file " + printable(path);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const auto why = std::generic_category().message(errno);
    refuse(name + " cannot be opened: " + why + "; check " + option);
  }
  std::string text(max_secret_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) refuse(name + " cannot be read; check " + option);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_secret_file) {
    refuse(name + " is larger than 64 KiB, which no " + what + " is; check " + option);
  }
  return text;
}

/// `origin`: where the token is from.
credentials checked_bearer(std::string token, const std::string& origin) {
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
  // A pipe can be read but once; a file may get another token during the run.
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) ? credentials::token_file(path) : fixed;
}

std::string without_line_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  return text;
}

credentials from_client_credentials(const service_arguments& arguments,
                                    const environment& variables) {
  const auto either = [&](const std::string& argument, const char* variable, const char* option) {
    if (!argument.empty()) return argument;
    auto value = variables(variable);
    if (!value) {
      refuse("client credentials need " + std::string(variable) + ", or " + option +
             ", since the others are given");
    }
    return std::move(*value);
  };
  client_credentials_options who;
  who.client_id = either(arguments.client_id, "BINARLY_CLIENT_ID", "--client-id");
  who.url = either(arguments.auth_url, "BINARLY_AUTH_URL", "--auth-url");
  if (!arguments.client_secret_file.empty()) {
    who.client_secret = secret(without_line_end(
        read_secret_file(arguments.client_secret_file, "client secret", "--client-secret-file")));
  } else {
    who.client_secret = secret(either("", "BINARLY_CLIENT_SECRET", "--client-secret-file"));
  }
  try {
    return credentials::client_credentials(std::move(who));
  } catch (const failure_error& error) {
    refuse("the client credentials cannot be used: " + error.why().detail().reason);
  }
}

/// What the command line names comes first, then the token, then client credentials.
credentials make_credentials(const service_arguments& arguments, const environment& variables) {
  const bool client = !arguments.client_id.empty() || !arguments.client_secret_file.empty() ||
                      !arguments.auth_url.empty();
  if (client && !arguments.token_file.empty()) {
    refuse(
        "a token and client credentials; give --token-file, or --client-id and what belongs to "
        "it");
  }
  if (!arguments.token_file.empty()) return from_token_file(arguments.token_file);
  if (!client) {
    if (auto token = variables("TOKEN")) return checked_bearer(std::move(*token), "TOKEN");
  }
  if (client || variables("BINARLY_CLIENT_ID")) {
    return from_client_credentials(arguments, variables);
  }
  refuse(
      "no token; set TOKEN or give --token-file, or set BINARLY_CLIENT_ID, BINARLY_CLIENT_SECRET "
      "and BINARLY_AUTH_URL");
}

}  // namespace

environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    // Before anything could change the environment.
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  };
}

client_options make_client_options(const service_arguments& arguments,
                                   const environment& variables) {
  client_options options;
  // Every command runs its loop on one thread; those that read and write files know no client.
  options.single_threaded = true;
  options.base_url = arguments.base_url;
  if (options.base_url.empty()) {
    auto variable = variables("BINARLY_API_URL");
    if (!variable) {
      refuse(
          "no service; set BINARLY_API_URL or give --base-url, such as "
          "https://dashboard-{slug}.binarly.cloud");
    }
    options.base_url = std::move(*variable);
  }
  options.auth = make_credentials(arguments, variables);
  options.tls.ca_file = arguments.ca_file;
  options.proxy.url = arguments.proxy;
  options.proxy.from_environment = true;
  if (arguments.deadline > 0) {
    options.timeouts.deadline = std::chrono::ceil<std::chrono::milliseconds>(
        std::chrono::duration<double>(arguments.deadline));
  }
  if (arguments.attempts > 0) options.retry.max_attempts(arguments.attempts);
  options.rate.per_second = arguments.rate;
  // What a timer is late by is made up for: ten milliseconds' worth may set out at once.
  options.rate.burst = static_cast<std::size_t>(std::max(1.0, arguments.rate / 100));
  return options;
}

std::string explain(const failure& refusal) {
  struct term {
    std::string_view option;
    std::string_view name;
    std::string_view advice;
  };
  constexpr std::array<term, 5> terms{
      term{"base_url", "the service's address", "; check BINARLY_API_URL or --base-url"},
      term{"auth.url", "the identity server's address", "; check BINARLY_AUTH_URL or --auth-url"},
      term{"auth.tls.ca_file", "--ca-file", "; it takes the authority's certificate as a PEM file"},
      term{"proxy.url", "the proxy's address", "; check --proxy, or https_proxy"},
      term{"tls.ca_file", "--ca-file", "; it takes the authority's certificate as a PEM file"}};
  const std::string_view reason = refusal.detail().reason;
  for (const auto& [option, name, advice] : terms) {
    if (!reason.starts_with(option)) continue;
    std::string line(name);
    line += reason.substr(option.size());
    line += advice;
    return line;
  }
  return refusal.message();
}

bool is_terminal(int descriptor, const environment& variables) {
  return ::isatty(descriptor) == 1 && variables("TERM").value_or("dumb") != "dumb";
}

bool wants_colour(bool terminal, const environment& variables) {
  return terminal && !variables("NO_COLOR");
}

}  // namespace binarly::tools
