// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/json_elements.hpp"

#include "tools/text.hpp"

#include <string_view>
#include <utility>

namespace binarly::tools {

namespace {

constexpr std::string_view blanks = " \t\r\n";

bool is_blank(char c) { return blanks.find(c) != blanks.npos; }

}  // namespace

bool json_elements::is_answer(std::string_view start) {
  const auto open = start.find_first_not_of(blanks);
  if (open == start.npos || start[open] != '{') return false;
  const auto key = start.find_first_not_of(blanks, open + 1);
  if (key == start.npos) return false;
  const auto rest = start.substr(key);
  return rest.starts_with("\"status\"") || rest.starts_with("\"payload\"");
}

bool json_elements::has_more() const noexcept {
  const std::string_view piece = lines_.text();
  return piece.find('}', at_) != piece.npos || lines_.has_line();
}

void json_elements::fail(const std::string& why) const { throw manifest_error(here(), why); }

text_position json_elements::here() const noexcept {
  auto place = lines_.piece_at();
  place.column += at_;
  return place;
}

bool json_elements::at_end() {
  while (at_ == lines_.text().size() || lines_.number() == 0) {
    const auto size = lines_.text().size();
    if (!lines_.next_piece()) {
      at_ = size;
      return true;
    }
    at_ = 0;
  }
  return false;
}

/// The next character that is no blank, which stays. `expected` is what would come at the end.
char json_elements::skip_blanks(const char* expected) {
  while (!at_end()) {
    if (const char c = lines_.text()[at_]; !is_blank(c)) return c;
    ++at_;
  }
  fail(std::string("the JSON text ends where ") + expected +
       " is due; is the manifest there in full?");
}

bool json_elements::next() {
  text_.clear();
  for (;;) {
    switch (state_) {
      case state::text: {
        while (!at_end() && is_blank(lines_.text()[at_]))
          ++at_;
        if (at_end()) return false;
        begin_ = here();
        open_text(lines_.text()[at_]);
        if (!text_.empty()) return true;
        break;
      }
      case state::first_element:
      case state::element: {
        const char c = skip_blanks("an element of the array");
        if (c == ']' && state_ == state::first_element) {
          ++at_;
          state_ = in_answer_ ? state::after_member : state::text;
          break;
        }
        if (c == ']' || c == ',') fail("an element of the array is missing before this");
        begin_ = here();
        take_value(true);
        state_ = state::after_element;
        return true;
      }
      case state::after_element: {
        const char c = skip_blanks("the array's end");
        if (c != ',' && c != ']') fail("a comma or the array's end is due here");
        ++at_;
        if (c == ',') {
          state_ = state::element;
        } else {
          state_ = in_answer_ ? state::after_member : state::text;
        }
        break;
      }
      case state::member:
        if (open_member()) return true;
        break;
      case state::after_member: {
        const char c = skip_blanks("the object's end");
        if (c != ',' && c != '}') fail("a comma or the object's end is due here");
        ++at_;
        state_ = c == ',' ? state::member : state::text;
        break;
      }
    }
  }
}

void json_elements::open_text(char first) {
  if (first == '[') {
    ++at_;
    in_answer_ = false;
    state_ = state::first_element;
  } else if (first == '{') {
    open_object();
  } else {
    fail("a JSON array or object is due here");
  }
}

/// An object by itself is a row, unless its first key is that of an answer.
void json_elements::open_object() {
  std::string start = "{";
  ++at_;
  while (!at_end() && is_blank(lines_.text()[at_])) {
    start += lines_.text()[at_++];
    if (start.size() > max_element) fail("more than 1 MiB of blanks; is this a manifest?");
  }
  if (!at_end() && lines_.text()[at_] == '"') {
    const std::string key = take_key();
    if (key == "\"status\"" || key == "\"payload\"") {
      in_answer_ = true;
      state_ = state::member;
      text_ = key;
      (void)open_member();
      return;
    }
    start += key;
  }
  text_ = std::move(start);
  take_value(true);
}

/// One member of an answer, whose key may have been read; true when its value is an element.
bool json_elements::open_member() {
  std::string key = std::exchange(text_, {});
  if (key.empty()) {
    if (skip_blanks("a key") != '"') fail("a key is due here");
    key = take_key();
  }
  if (skip_blanks("a colon") != ':') fail("a colon is due here");
  ++at_;
  const char first = skip_blanks("a value");
  state_ = state::after_member;
  if (key == "\"payload\"" && first == '[') {
    ++at_;
    state_ = state::first_element;
    return false;
  }
  begin_ = here();
  const bool payload = key == "\"payload\"";
  const bool status = key == "\"status\"";
  take_value((payload && first == '{') || status);
  if (status && text_ != "\"ok\"") {
    throw manifest_error(begin_, "this is an answer whose status is " + printable(text_, 60) +
                                     ", and no list of images");
  }
  if (status) text_.clear();
  return payload && first == '{';
}

/// With its quotes; what has not ended within the bound is none of ours.
std::string json_elements::take_key() {
  constexpr std::size_t most = 4096;
  std::string key(1, '"');
  ++at_;
  for (bool escaped = false; !at_end();) {
    const char c = lines_.text()[at_++];
    key += c;
    if (c == '"' && !escaped) return key;
    escaped = c == '\\' && !escaped;
    if (key.size() > most) fail("a key of more than 4 KiB; is this a manifest?");
  }
  fail("the JSON text ends within a key; is the manifest there in full?");
}

/// Takes the value that begins here, or goes on with an object of which `text_` has the beginning.
void json_elements::take_value(bool wanted) {
  std::size_t depth = text_.empty() ? 0 : 1;
  bool quoted = false;
  bool escaped = false;
  if (depth == 0 && !at_end()) {
    const char first = lines_.text()[at_];
    if (first != '{' && first != '[' && first != '"') return take_scalar(wanted);
  }
  while (!at_end()) {
    const std::string_view piece = lines_.text();
    const std::size_t from = at_;
    bool ended = false;
    while (at_ < piece.size() && !ended) {
      const char c = piece[at_++];
      if (quoted) {
        if (escaped) {
          escaped = false;
        } else if (c == '\\') {
          escaped = true;
        } else if (c == '"') {
          quoted = false;
          ended = depth == 0;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        ended = --depth == 0;
      }
    }
    keep(from, wanted);
    if (ended) return;
  }
  throw manifest_error(
      begin_, "the JSON value that begins here has no end; is the manifest there in full?");
}

/// A number or a word.
void json_elements::take_scalar(bool wanted) {
  constexpr std::string_view ends = ",]}";
  while (!at_end()) {
    const std::string_view piece = lines_.text();
    const std::size_t from = at_;
    while (at_ < piece.size() && !is_blank(piece[at_]) && ends.find(piece[at_]) == ends.npos)
      ++at_;
    keep(from, wanted);
    if (at_ < piece.size()) return;
  }
}

void json_elements::keep(std::size_t from, bool wanted) {
  if (!wanted) return;
  if (text_.size() + (at_ - from) > max_element) {
    throw manifest_error(
        begin_, "the JSON value that begins here is longer than 1 MiB; is this a manifest?");
  }
  text_.append(lines_.text(), from, at_ - from);
}

}  // namespace binarly::tools
