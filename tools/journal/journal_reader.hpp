// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOURNAL_JOURNAL_READER_HPP
#define BINARLY_TOOLS_JOURNAL_JOURNAL_READER_HPP

#include "tools/journal/entry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace binarly::tools {

/// Reads a journal line by line, holding one of them. What a kill or a full disk left behind the
/// last line feed is no line, and passed over.
class journal_reader {
 public:
  /// From where the file stands, which must outlive it. `name` is for messages.
  journal_reader(int file, std::string name);

  /// The next entry; none at the end. Throws `command_error` (`exit_code::usage`), naming the line,
  /// where it is none of a journal's, and where the file cannot be read.
  [[nodiscard]] std::optional<journal_entry> next();
  /// Of the entry that came last.
  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
  /// How many bytes the lines so far take.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// `results.jsonl, line 7`
  [[nodiscard]] std::string place() const;

 private:
  [[nodiscard]] bool fill();

  int file_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of the next line
  std::size_t end_ = 0;
  std::uint64_t line_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace binarly::tools

#endif
