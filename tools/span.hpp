// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_SPAN_HPP
#define BINARLY_TOOLS_SPAN_HPP

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::tools {

/// Reads a span of time as people write it: `90s`, `2m`, `1h30m`, `1d`, `500ms`, `1.5h`; a number
/// alone is of the unit `plain`, out of `ms`, `s`, `m`, `h` and `d`. Each unit occurs once, the
/// larger first; there may be blanks between. None for any other text, or one of more than 1000
/// days. What is shorter than a millisecond is rounded up.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_span(std::string_view text,
                                                                  std::string_view plain = "s");

/// The span as `parse_span` reads it: `1h30m`, `500ms`, `0s`.
[[nodiscard]] std::string span_text(std::chrono::milliseconds span);

/// Why the text is no span within the bounds, both of them included, in the words of `parse_span`;
/// empty where it is one.
[[nodiscard]] std::string span_flaw(std::string_view text, std::chrono::milliseconds least,
                                    std::chrono::milliseconds most, std::string_view plain = "s");

}  // namespace binarly::tools

#endif
