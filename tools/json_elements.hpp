// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JSON_ELEMENTS_HPP
#define BINARLY_TOOLS_JSON_ELEMENTS_HPP

#include "tools/line_reader.hpp"

#include <cstddef>
#include <string>

namespace binarly::tools {

/// Takes JSON texts apart into the elements that are rows, holding one of them, however long the
/// text and its lines are: the elements of arrays; those of the array, or the one object, that an
/// answer `{"status": "ok", "payload": …}` has; and other objects, one after the other.
///
/// An element's own grammar is for its reader to check; here brackets are counted, and strings
/// passed over.
class json_elements {
 public:
  static constexpr std::size_t max_element = 1024 * 1024;

  /// The reader must outlive it, and not have begun with the text.
  explicit json_elements(line_reader& lines) : lines_(lines) {}

  /// Goes to the next element; false at the end. Throws `manifest_error` where the text between
  /// elements is none of JSON, after which it is not to be called again.
  [[nodiscard]] bool next();
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Where the element begins.
  [[nodiscard]] text_position place() const noexcept { return begin_; }
  /// Whether another one is at hand, or nearly so.
  [[nodiscard]] bool has_more() const noexcept;

  /// Whether a text that begins so is such an answer; otherwise it may be a line of JSON Lines.
  [[nodiscard]] static bool is_answer(std::string_view start);

 private:
  /// What is to come.
  enum class state { text, first_element, element, after_element, member, after_member };

  [[nodiscard]] bool at_end();
  [[nodiscard]] text_position here() const noexcept;
  [[nodiscard]] char skip_blanks(const char* expected);
  void open_text(char first);
  void open_object();
  [[nodiscard]] bool open_member();
  void take_value(bool keep);
  void take_scalar(bool keep);
  [[nodiscard]] std::string take_key();
  void keep(std::size_t from, bool wanted);
  [[noreturn]] void fail(const std::string& why) const;

  line_reader& lines_;
  std::size_t at_ = 0;  ///< in the reader's piece
  state state_ = state::text;
  bool in_answer_ = false;  ///< the array is an answer's
  std::string text_;
  text_position begin_;
};

}  // namespace binarly::tools

#endif
