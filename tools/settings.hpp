// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_SETTINGS_HPP
#define BINARLY_TOOLS_SETTINGS_HPP

#include <binarly/client_options.hpp>
#include <binarly/credentials.hpp>

#include <functional>
#include <optional>
#include <string>

namespace binarly::tools {

/// Reads one variable of the environment, without the blanks and line ends at both ends; none when
/// it is unset or nothing is left of it.
using environment = std::function<std::optional<std::string>(const char* name)>;

[[nodiscard]] environment process_environment();

/// How the command line names the service and its token; empty members are taken from the
/// environment.
struct service_arguments {
  std::string base_url;            ///< else the instance's, else `BINARLY_API_URL`
  std::string instance;            ///< else `BTP_INSTANCE_SLUG`, after the other variables
  std::string token_file;          ///< else the token itself in `TOKEN`
  std::string client_id;           ///< else `BINARLY_CLIENT_ID`, where there is no token
  std::string client_secret_file;  ///< else the secret itself in `BINARLY_CLIENT_SECRET`
  std::string username;            ///< else `BINARLY_EMAIL`, where there is no client either
  std::string password_file;       ///< else the password itself in `BINARLY_PASSWORD`
  std::string auth_url;            ///< else the instance's, else `BINARLY_AUTH_URL`
  std::string scope;               ///< else `BINARLY_SCOPE`, else the library's own
  std::string audience;            ///< else `BINARLY_AUDIENCE`
  client_authentication auth_method = client_authentication::body;
  std::string cert;  ///< the client's certificate, for TLS
  std::string key;   ///< its key; else in the same file
  std::string ca_file;
  std::string proxy;    ///< else the usual variables
  double deadline = 0;  ///< of each lookup, in seconds; 0 for the library's own
  int attempts = 0;     ///< 0 for the library's own
  double rate = 0;      ///< attempts per second; 0 for no limit
  bool verbose = false;
  std::string metrics;  ///< a file for them; empty for none
};

/// Throws `command_error` when the service or the token is missing or cannot be used.
[[nodiscard]] client_options make_client_options(const service_arguments& arguments,
                                                 const environment& variables);

/// Why the library refused an option, in the command's own terms, with what to do.
[[nodiscard]] std::string explain(const failure& refusal);

/// Whether the file descriptor is a terminal that a line can be redrawn on.
[[nodiscard]] bool is_terminal(int descriptor, const environment& variables);

/// Colour is for terminals, and not when `NO_COLOR` (https://no-color.org) is set.
[[nodiscard]] bool wants_colour(bool terminal, const environment& variables);

}  // namespace binarly::tools

#endif
