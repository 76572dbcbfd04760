// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_OUTPUTS_REPORT_TEMPLATE_HPP
#define BINARLY_TOOLS_OUTPUTS_REPORT_TEMPLATE_HPP

#include <string_view>

namespace binarly::tools {

/// The page of `report/`, with its style and its script in it, and `{{NAME}}` wherever something is
/// to be filled in. Made from these files when the command is built.
extern const std::string_view report_template;

}  // namespace binarly::tools

#endif
