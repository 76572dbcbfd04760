// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOURNAL_JOURNAL_READER_HPP
#define BINARLY_TOOLS_JOURNAL_JOURNAL_READER_HPP

#include "tools/journal/damage.hpp"
#include "tools/journal/entry.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

/// Reads a journal line by line, holding one of them. What a kill, a power cut or a full disk left
/// behind the last line feed is no line, and passed over, as are lines without text. A line that is
/// none is handed over, and the reading goes on behind it.
class journal_reader {
 public:
  using damage_handler = std::function<void(const damaged_part&)>;

  static constexpr std::uint64_t to_the_end = std::numeric_limits<std::uint64_t>::max();

  /// From where the file stands, which must outlive it; so many bytes at most. `name` is for
  /// messages.
  journal_reader(int file, std::string name, damage_handler damaged,
                 std::uint64_t limit = to_the_end);

  /// The next entry; none at the end. Throws `command_error` (`exit_code::usage`) where the file
  /// cannot be read.
  [[nodiscard]] std::optional<journal_entry> next();
  /// How many bytes the lines so far take.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Of the entry that came last: `results.jsonl, line 7`
  [[nodiscard]] std::string place() const;

 private:
  [[nodiscard]] bool read_line();
  void take(std::string_view line, std::uint64_t at);
  void tell(std::uint64_t at, std::uint64_t size, std::string why);
  void end();
  [[nodiscard]] bool fill();

  int file_;
  std::string name_;
  damage_handler damaged_;
  std::uint64_t left_;  // to be read
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of the next line
  std::size_t end_ = 0;
  std::uint64_t passed_ = 0;   // bytes of a line that is too long
  bool passed_blank_ = false;  // all of them are spaces
  std::uint64_t line_ = 0;
  std::uint64_t size_ = 0;
  std::deque<journal_entry> ready_;  // of the line that came last
  bool ended_ = false;
};

}  // namespace binarly::tools

#endif
