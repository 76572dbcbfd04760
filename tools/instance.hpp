// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_INSTANCE_HPP
#define BINARLY_TOOLS_INSTANCE_HPP

#include <string>
#include <string_view>

namespace binarly::tools {

/// The addresses of an instance that the platform's publisher runs.
struct instance_addresses {
  std::string service;
  std::string identity_server;
  std::string other_identity_server;  ///< where the first answers 404
};

/// `slug`: the part of its host names that is the instance's own, such as `your-org` or
/// `your-org.prod`. Throws `command_error` for one that cannot be a part of a host name: it is
/// where secrets are sent.
[[nodiscard]] instance_addresses addresses_of_instance(std::string_view slug,
                                                       const std::string& option);

}  // namespace binarly::tools

#endif
