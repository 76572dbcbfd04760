// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/settings.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <binarly/failure.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace binarly::tools {

namespace {

constexpr std::size_t max_token_file = 64 * 1024;

[[noreturn]] void refuse(const std::string& line) { throw command_error(exit_code::usage, line); }

std::string read_token_file(const std::string& path) {
  const std::string name = "the token file " + printable(path);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const auto why = std::generic_category().message(errno);
    refuse(name + " cannot be opened: " + why + "; check --token-file");
  }
  std::string text(max_token_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) refuse(name + " cannot be read; check --token-file");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_token_file) {
    refuse(name + " is larger than 64 KiB, which no token is; check --token-file");
  }
  return text;
}

credentials make_credentials(const service_arguments& arguments, const environment& variables) {
  const bool from_file = !arguments.token_file.empty();
  std::string token;
  if (from_file) {
    token = read_token_file(arguments.token_file);
  } else if (auto variable = variables("TOKEN")) {
    token = std::move(*variable);
  } else {
    refuse("no token; set TOKEN or give --token-file");
  }
  try {
    return credentials::bearer(std::move(token));
  } catch (const failure_error& error) {
    refuse((from_file ? "the token file " + printable(arguments.token_file) : "TOKEN") +
           " holds no usable token: " + error.why().detail().reason +
           "; it takes the bearer token alone, as the service issued it");
  }
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
  return options;
}

std::string explain(const failure& refusal) {
  struct term {
    std::string_view option;
    std::string_view name;
    std::string_view advice;
  };
  constexpr std::array<term, 2> terms{
      term{"base_url", "the service's address", "; check BINARLY_API_URL or --base-url"},
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
