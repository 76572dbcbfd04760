// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_ENTRY_TEXT_HPP
#define BINARLY_TOOLS_ENTRY_TEXT_HPP

#include "tools/journal/entry.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

/// `products/P/images/I`, as the row has it.
[[nodiscard]] std::string path_of(const journal_entry& row);

/// What is wrong with the row, in one line fit for a terminal: its failure without the advice, or
/// every field that differs. Empty for what is verified.
[[nodiscard]] std::string problem_of(const journal_entry& row);

/// The row's remarks in one line fit for a terminal.
[[nodiscard]] std::string notes_of(const journal_entry& row);

/// What to do about it; may be empty.
[[nodiscard]] std::string_view advice_of(const journal_entry& row);

/// What a verdict means, after "uploads:".
[[nodiscard]] std::string_view meaning_of(verdict value) noexcept;

/// The word of the failure's code, fit for a terminal; empty without one.
[[nodiscard]] std::string code_of(const journal_entry& row);

/// The names of the fields that differ, fit for a terminal, sorted, each once.
[[nodiscard]] std::vector<std::string> fields_of(const journal_entry& row);

/// Words joined by a comma and a space.
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

}  // namespace binarly::tools

#endif
