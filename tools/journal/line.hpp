// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOURNAL_LINE_HPP
#define BINARLY_TOOLS_JOURNAL_LINE_HPP

#include "tools/journal/entry.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace binarly::tools {

/// No line that is written is longer.
inline constexpr std::size_t longest_journal_line = 8 * 1024 * 1024;

/// The entry as a line of JSON, its line feed included. `failure_json` is what `failure::json` has
/// for the entry's failure: it tells more than the entry keeps.
[[nodiscard]] std::string journal_line(const journal_entry& entry, std::string_view failure_json);

/// Reads such a line, without its line feed. The error is what is wrong with it, in words.
[[nodiscard]] boost::system::result<journal_entry, std::string> read_journal_line(
    std::string_view line);

}  // namespace binarly::tools

#endif
