// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/settings.hpp"

#include "tools/exit_code.hpp"
#include "tools/instance.hpp"
#include "tools/secret_file.hpp"
#include "tools/service_credentials.hpp"

#include <binarly/failure.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

namespace {

[[noreturn]] void refuse(const std::string& line) { throw command_error(exit_code::usage, line); }

/// The instance that `slug` names, if it does.
std::optional<instance_addresses> instance_of(const std::optional<std::string>& slug,
                                              const char* option) {
  if (!slug || slug->empty()) return std::nullopt;
  return addresses_of_instance(*slug, option);
}

std::string service_address(const service_arguments& arguments, const environment& variables,
                            const std::optional<instance_addresses>& named,
                            const std::optional<instance_addresses>& known) {
  if (!arguments.base_url.empty()) return arguments.base_url;
  if (named) return named->service;
  if (auto variable = variables("BINARLY_API_URL")) return std::move(*variable);
  if (known) return known->service;
  refuse(
      "no service; set BINARLY_API_URL or give --base-url, such as "
      "https://dashboard-{slug}.binarly.cloud, or set BTP_INSTANCE_SLUG or give --instance, the "
      "{slug} alone");
}

/// The client's certificate, and its key, which may stand in the same file.
void identify(tls_options& tls, const service_arguments& arguments) {
  if (arguments.cert.empty() && !arguments.key.empty()) {
    refuse("--key without the certificate that it belongs to; give --cert, too");
  }
  tls.certificate_file = arguments.cert;
  tls.key_file = arguments.key.empty() ? arguments.cert : arguments.key;
}

}  // namespace

environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    // Before anything could change the environment.
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    const auto text = without_outer_space(value == nullptr ? std::string_view() : value);
    if (text.empty()) return std::nullopt;
    return std::string(text);
  };
}

client_options make_client_options(const service_arguments& arguments,
                                   const environment& variables) {
  client_options options;
  // Every command runs its loop on one thread; those that read and write files know no client.
  options.single_threaded = true;
  const auto named = instance_of(arguments.instance, "--instance");
  // One that is left in the environment says nothing of a service that is named otherwise.
  const bool elsewhere = !arguments.base_url.empty() || variables("BINARLY_API_URL") || named;
  const auto known =
      elsewhere ? std::nullopt : instance_of(variables("BTP_INSTANCE_SLUG"), "BTP_INSTANCE_SLUG");
  options.base_url = service_address(arguments, variables, named, known);
  options.auth = make_credentials(arguments, variables, named, known);
  identify(options.tls, arguments);
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
  constexpr std::string_view some_certificate =
      "; it takes the authority's certificate as a PEM file";
  constexpr std::string_view pair =
      "; --cert takes the client's certificate as a PEM file, --key its key, not encrypted";
  constexpr std::array terms{
      term{"base_url", "the service's address", "; check BINARLY_API_URL or --base-url"},
      term{"url", "the identity server's address", "; check BINARLY_AUTH_URL or --auth-url"},
      term{"client_id", "the client id", "; check BINARLY_CLIENT_ID or --client-id"},
      term{"client_secret", "the client secret",
           "; check BINARLY_CLIENT_SECRET or --client-secret-file"},
      term{"username", "the user name", "; check BINARLY_EMAIL or --username"},
      term{"password", "the password", "; check BINARLY_PASSWORD or --password-file"},
      term{"scope", "the scope", "; check BINARLY_SCOPE or --scope"},
      term{"audience", "the audience", "; check BINARLY_AUDIENCE or --audience"},
      term{"proxy.url", "the proxy's address", "; check --proxy, https_proxy or all_proxy"},
      term{"tls.ca_file", "--ca-file", some_certificate},
      term{"tls.certificate_file", "--cert", pair},
      term{"tls.key_file", "--key", pair}};
  std::string_view reason = refusal.detail().reason;
  // Where the identity server has no settings of its own, it is refused what the service is, too.
  constexpr std::string_view identity_servers = "auth.";
  if (reason.starts_with(identity_servers)) reason.remove_prefix(identity_servers.size());
  for (const auto& [option, name, advice] : terms) {
    if (!reason.starts_with(std::string(option) + ' ')) continue;
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
