// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_SERVICE_CREDENTIALS_HPP
#define BINARLY_TOOLS_SERVICE_CREDENTIALS_HPP

#include "tools/instance.hpp"
#include "tools/settings.hpp"

#include <binarly/credentials.hpp>

#include <optional>

namespace binarly::tools {

/// What the service is shown: what the command line names comes first, then the token in `TOKEN`,
/// then client credentials, then a user's password. `named`: the instance that the command line
/// names; `known`: that of the environment. Throws `command_error` where there is nothing, or it
/// cannot be used.
[[nodiscard]] credentials make_credentials(const service_arguments& arguments,
                                           const environment& variables,
                                           const std::optional<instance_addresses>& named,
                                           const std::optional<instance_addresses>& known);

}  // namespace binarly::tools

#endif
