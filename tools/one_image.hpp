// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_ONE_IMAGE_HPP
#define BINARLY_TOOLS_ONE_IMAGE_HPP

#include "tools/exit_code.hpp"
#include "tools/settings.hpp"

#include <binarly/failure.hpp>
#include <binarly/image.hpp>

#include <string>
#include <vector>

namespace binarly::tools {

/// The image that a command was given: `[PRODUCT] IMAGE`, the product else from
/// `BINARLY_PRODUCT_ID`, or out of the image's resource name, with which either must agree. Throws
/// `command_error`.
[[nodiscard]] image_ref wanted_image(const std::string& command,
                                     const std::vector<std::string>& ids,
                                     const environment& variables);

/// What a failed operation on one image makes of the command: `problems` where it is the platform's
/// own word about the image.
[[nodiscard]] exit_code exit_code_of(const failure& why);

/// Throws `command_error` where `what` and the metrics cannot both be written. Before anything is
/// sent.
void check_outputs(const service_arguments& arguments, const std::string& what);

/// Writes to standard output; throws `command_error` when `what` cannot be written there.
void print_result(const std::string& text, const char* what);

}  // namespace binarly::tools

#endif
