// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_CHECKSUM_TEXT_HPP
#define BINARLY_DOMAIN_CHECKSUM_TEXT_HPP

#include <binarly/image_hashes.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::domain {

/// Appends a report's checksum to `out` in a compact form, the algorithm's name in its canonical
/// form and the value in lower case; says what is wrong with it if it cannot be one, and then
/// leaves `out` alone. A name has at most 32 characters, letters, digits and `._/+:-`; a value at
/// most 1,024 hexadecimal digits, and exactly as many as its algorithm makes, if that is known.
[[nodiscard]] std::optional<std::string> append_checksum(std::string& out,
                                                         std::string_view algorithm,
                                                         std::string_view value);

/// What was appended, each algorithm once; nothing when one stands there with two values.
[[nodiscard]] std::optional<std::vector<checksum>> read_checksums(std::string_view appended);

}  // namespace binarly::domain

#endif
