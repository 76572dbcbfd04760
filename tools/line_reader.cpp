// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/line_reader.hpp"

#include "tools/text.hpp"

#include <string_view>

namespace binarly::tools {

std::string to_string(text_position place) {
  return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

bool line_reader::next() {
  using traits = std::streambuf::traits_type;
  text_.clear();
  for (auto got = in_.sbumpc(); !traits::eq_int_type(got, traits::eof()); got = in_.sbumpc()) {
    if (text_.size() == max_line) {
      throw manifest_error({number_ + 1, max_line + 1},
                           "the line is longer than 1 MiB; is this a manifest?");
    }
    text_.push_back(traits::to_char_type(got));
    if (text_.back() == '\n') break;
  }
  if (text_.empty()) return false;
  ++number_;
  if (number_ == 1 && text_.starts_with("\xef\xbb\xbf")) text_.erase(0, 3);
  check();
  return true;
}

bool line_reader::blank() const noexcept {
  return text_.find_first_not_of(" \t\r\n") == std::string::npos;
}

void line_reader::check() const {
  const std::string_view text = text_;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) {
      throw manifest_error({number_, at + 1}, "not UTF-8; save the manifest in that encoding");
    }
    if (text[at] == '\0') {
      throw manifest_error({number_, at + 1}, "a NUL byte, which no text has; is this a manifest?");
    }
    at += length;
  }
}

}  // namespace binarly::tools
