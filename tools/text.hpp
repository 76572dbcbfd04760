// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_TEXT_HPP
#define BINARLY_TOOLS_TEXT_HPP

#include <binarly/printable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace binarly::tools {

/// The bytes of the UTF-8 character that `text` begins with; 0 when it is empty or malformed (RFC
/// 3629: overlong forms and surrogates are).
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

/// One rule for all that is shown, in the library's messages and here.
using binarly::printable;

/// `1234567` as `1,234,567`.
[[nodiscard]] std::string grouped(std::uint64_t value);

/// The value with so many digits after the point.
[[nodiscard]] std::string fixed(double value, int digits);

/// `850 µs`, `12 ms`, `1.25 s`, `2 min 5 s`, `3 h 12 min`.
[[nodiscard]] std::string spoken(std::chrono::nanoseconds value);

/// `2026-01-31T23:59:59.250Z`, as RFC 3339 has it.
[[nodiscard]] std::string utc(std::chrono::sys_time<std::chrono::milliseconds> value);

/// In milliseconds with three digits after the point. By hand: a JSON library writes 58.7 as
/// 5.87E1, which no person reads and not every tool sorts.
[[nodiscard]] std::string in_milliseconds(std::chrono::nanoseconds value);

}  // namespace binarly::tools

#endif
