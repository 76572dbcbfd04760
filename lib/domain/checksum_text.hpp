// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_CHECKSUM_TEXT_HPP
#define BINARLY_DOMAIN_CHECKSUM_TEXT_HPP

#include <binarly/image_hashes.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::domain {

// What a report states of one thing's checksums, in a compact text, since most of it is let go.

/// Appends a report's checksum to `out`, the algorithm's name in its canonical form and the value
/// in lower case; or what is wrong with it, if it cannot be one, after the `place` where it stands.
/// A name has at most 32 characters, letters, digits and `._/+:-`; a value at most 1,024
/// hexadecimal digits, and exactly as many as its algorithm makes, if that is known.
void append_checksum(std::string& out, std::string_view algorithm, std::string_view value,
                     const std::function<std::string()>& place);

/// Appends what makes any of the thing's checksums doubtful; one line of printable text.
void append_flaw(std::string& out, std::string_view words);

/// Adds what was appended. A value that is stated twice is added once.
void read_checksums(std::string_view appended, std::vector<checksum>& checksums,
                    std::vector<checksum_flaw>& flaws);

}  // namespace binarly::domain

#endif
