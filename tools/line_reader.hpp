// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_LINE_READER_HPP
#define BINARLY_TOOLS_LINE_READER_HPP

#include <cstddef>
#include <cstdint>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

/// A place in a text: line and column from 1, columns in bytes.
struct text_position {
  std::uint64_t line = 1;
  std::uint64_t column = 1;
};

/// `line 3, column 7`
[[nodiscard]] std::string to_string(text_position place);

/// A manifest that cannot be read on; `what()` begins with the place.
class manifest_error : public std::runtime_error {
 public:
  manifest_error(text_position place, const std::string& why)
      : std::runtime_error(to_string(place) + ": " + why), place_(place) {}
  [[nodiscard]] text_position place() const noexcept { return place_; }

 private:
  text_position place_;
};

/// Lines of UTF-8 text from a stream, one held at a time; bounded, and checked for characters that
/// no text has.
class line_reader {
 public:
  static constexpr std::size_t max_line = 1024 * 1024;

  explicit line_reader(std::istream& in) : in_(*in.rdbuf()), buffer_(64 * 1024) {}

  /// Goes to the next line; false at the end, where `number()` still names the last line. After an
  /// error it goes on with the line behind the one that has it.
  [[nodiscard]] bool next();
  /// What comes next, without going there: at least up to the end of its first line, or 512 bytes,
  /// or to the end, where it is empty. A byte order mark at the beginning is left out. Not to be
  /// called while lines are to come again.
  [[nodiscard]] std::string_view ahead();
  /// Goes on by what is at hand, at most to the end of a line; false at the end. For texts whose
  /// lines have no bound: a piece may end within a line, even within a character, and is not
  /// checked. Not to be mixed with `next`, but for having called that before.
  [[nodiscard]] bool next_piece();
  /// Where the piece begins.
  [[nodiscard]] text_position piece_at() const noexcept { return {number_, piece_column_}; }
  /// Has the lines in the text, which came last, come again.
  void put_back(const std::string& lines);
  /// The line with its line feed, if it has one, and without a byte order mark.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] bool blank() const noexcept;
  /// Whether the next line is here, without waiting for more.
  [[nodiscard]] bool has_line() const noexcept;
  /// Bytes up to the end of this line.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  [[nodiscard]] bool read_line();
  [[nodiscard]] bool fill();
  [[nodiscard]] bool add_to_buffer();
  void check() const;

  std::streambuf& in_;
  std::vector<char> buffer_;  ///< what was available, from `begin_` to `end_`
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string again_;  ///< lines that were put back, from the position on
  std::size_t again_at_ = 0;
  std::string text_;
  std::uint64_t number_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t piece_column_ = 1;
  bool too_long_ = false;  ///< the rest of the line has yet to be passed over
};

}  // namespace binarly::tools

#endif
