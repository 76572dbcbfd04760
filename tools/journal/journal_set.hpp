// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOURNAL_JOURNAL_SET_HPP
#define BINARLY_TOOLS_JOURNAL_JOURNAL_SET_HPP

#include "tools/journal/damage.hpp"
#include "tools/journal/row_marks.hpp"
#include "tools/tally.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace binarly::tools {

/// Journals of one manifest, such as those of its shards, read as one. Of a row that failed and was
/// verified again the last word counts. Rows are not held: the files are read several times, as far
/// as they went at first, so that one that is still being written does no harm.
class journal_set {
 public:
  struct member {
    int file;  ///< open as long as the set; it must be one that can be read again
    std::string name;
  };

  /// Reads them all. Throws `command_error` (`exit_code::usage`) for what has lines and none of a
  /// journal's, and where two of them contradict each other.
  explicit journal_set(std::vector<member> members);

  [[nodiscard]] const row_marks& marks() const noexcept { return marks_; }
  [[nodiscard]] const tally& whole() const noexcept { return whole_; }
  /// What was passed over, since it is damaged: verdicts may be missing. Nothing is changed.
  [[nodiscard]] const damage_log& damage() const noexcept { return damage_; }
  /// Each row's last word, once.
  void for_each_row(const std::function<void(const journal_entry&)>& take);

 private:
  std::vector<member> members_;
  std::vector<std::uint64_t> sizes_;  // of their lines, at first
  row_marks marks_;
  tally whole_;
  damage_log damage_;
};

/// Why a line cannot stand with those before it, and what to do about it.
[[nodiscard]] std::string explain(row_marks::trouble what, std::uint64_t row,
                                  const std::string& place);

}  // namespace binarly::tools

#endif
