// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_SERVE_SETTINGS_HPP
#define BINARLY_TOOLS_SERVE_SETTINGS_HPP

#include <binarly/testing/fake_service.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

/// Puts `serve --set NAME=VALUE` into the options, each name at most once and in any order. Throws
/// `command_error` (usage) for a name that is not known or a value that cannot be read. What the
/// service itself refuses, such as a realm with a slash, it refuses when it is made.
void apply_settings(testing::fake_service_options& options,
                    const std::vector<std::string>& settings);

/// Reads what `--faults` takes. Throws `failure_error`, whose reason says where all names are.
[[nodiscard]] std::vector<testing::misbehaviour> read_faults(std::string_view text);

/// What `serve --help` says of faults and settings.
[[nodiscard]] std::string serve_help();

}  // namespace binarly::tools

#endif
