// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_REPORT_KIND_HPP
#define BINARLY_DOMAIN_REPORT_KIND_HPP

#include <string_view>

namespace binarly::domain {

/// What kind of report begins like this, in words such as "a CycloneDX report in XML"; empty for
/// JSON and for what is no report. The first kilobyte is enough.
[[nodiscard]] std::string_view kind_of_report(std::string_view beginning) noexcept;

}  // namespace binarly::domain

#endif
