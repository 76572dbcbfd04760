// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOURNAL_DAMAGE_HPP
#define BINARLY_TOOLS_JOURNAL_DAMAGE_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

/// Bytes of a journal's file.
struct byte_range {
  std::uint64_t at = 0;
  std::uint64_t size = 0;
};

/// A part of a journal that is no entry: a line, what stands before or behind an entry in a line,
/// or what stands behind the last line feed and is not just the beginning of a line.
struct damaged_part {
  std::string place;  ///< `results.jsonl, line 7`
  std::string why;
  byte_range bytes;
};

/// What is told of damaged parts: all are counted, the first few are shown.
class damage_log {
 public:
  static constexpr std::size_t most_shown = 10;

  void add(const damaged_part& part);
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// Where they are, and what is wrong, a line for each.
  [[nodiscard]] const std::vector<std::string>& shown() const noexcept { return shown_; }
  /// Those lines, and a last one with the number of parts and with what becomes of them.
  [[nodiscard]] std::vector<std::string> told(const std::string& consequence) const;

 private:
  std::uint64_t count_ = 0;
  std::vector<std::string> shown_;
};

/// Takes a line that is no entry apart: lines that a lost line feed or a torn write has joined
/// begin with the same key, which no text within an entry can look like. What stands there is
/// handed over in its order: the entries' text to `whole`, which says what is wrong with it, or
/// nothing; what is no entry to `damaged`, as a part of `line` and with what is wrong.
void take_apart(std::string_view line, const std::function<std::string(std::string_view)>& whole,
                const std::function<void(std::string_view, const std::string&)>& damaged);

/// Whether the text, which stands behind the last line feed, may be a line that a kill or a power
/// cut has torn off.
[[nodiscard]] bool is_torn(std::string_view text) noexcept;

/// Appends those bytes of the journal to the file at `path`, each with a line feed behind it, has
/// the disk keep that, and only then puts spaces in their place. So whatever ends this in between
/// loses nothing; at worst, the next time appends them once more. Zero, or the `errno`.
[[nodiscard]] int set_aside(int journal, const std::vector<byte_range>& parts,
                            const std::string& path);

}  // namespace binarly::tools

#endif
