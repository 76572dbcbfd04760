// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOURNAL_ROW_MARKS_HPP
#define BINARLY_TOOLS_JOURNAL_ROW_MARKS_HPP

#include "tools/journal/entry.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

namespace binarly::tools {

/// Whether the service has spoken: then the row is not looked up again.
[[nodiscard]] constexpr bool is_final(verdict value) noexcept {
  return value != verdict::failed && value != verdict::cancelled;
}

/// What journals say of each row, in four bytes a row: whether its verdict is final, and a part of
/// its digest. Where it is not final, how many lines the row has; and the digest does not count
/// where the row could not be used, and is there to be corrected. A row that had a final verdict
/// and is looked up again is reopened: from there its lines say that they are `again`, and the last
/// of these counts.
class row_marks {
 public:
  enum class state { absent, unfinished, final };
  enum class trouble {
    none,
    twice,    ///< a second final verdict
    another,  ///< the row's contents differ: two manifests
  };

  /// Takes in one line.
  [[nodiscard]] trouble add(const journal_entry& entry);
  /// The row, whose verdict is final, is to be looked up again, whatever its contents are now.
  void reopen(std::uint64_t row);
  [[nodiscard]] bool is_reopened(std::uint64_t row) const noexcept;
  /// Whether any row is.
  [[nodiscard]] bool reopened() const noexcept { return reopened_; }
  [[nodiscard]] state state_of(std::uint64_t row) const noexcept;
  /// Whether the row, which is not absent, has this digest, as far as is known.
  [[nodiscard]] bool agrees(std::uint64_t row, std::uint64_t digest) const noexcept;
  /// Whether the row could not be used, and may be another by now.
  [[nodiscard]] bool may_be_corrected(std::uint64_t row) const noexcept;
  /// Rows that have a line.
  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::uint64_t last_row() const noexcept { return last_row_; }

  /// Whether some row has more than one line.
  [[nodiscard]] bool repeated() const noexcept { return repeated_; }

  /// For another reading of the same lines, from the first to the last: whether this one is its
  /// row's last word.
  [[nodiscard]] bool is_last(const journal_entry& entry);

 private:
  using mark = std::uint32_t;
  // Small, since rows may be far apart in a file that somebody made up.
  static constexpr std::size_t page_size = 256;
  using page = std::array<mark, page_size>;

  [[nodiscard]] mark find(std::uint64_t row) const noexcept;
  [[nodiscard]] mark& at(std::uint64_t row);
  void count_line(mark& known, const journal_entry& entry);

  struct line_count {
    std::uint64_t beyond = 0;  // those from the 255th
    std::uint64_t seen = 0;
  };

  std::unordered_map<std::uint64_t, std::unique_ptr<page>> pages_;
  std::unordered_map<std::uint64_t, line_count> many_;  // of rows with so many lines
  std::uint64_t rows_ = 0;
  std::uint64_t last_row_ = 0;
  bool repeated_ = false;
  bool reopened_ = false;
};

}  // namespace binarly::tools

#endif
