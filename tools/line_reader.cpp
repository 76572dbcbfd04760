// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/line_reader.hpp"

#include "tools/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace binarly::tools {

std::string to_string(text_position place) {
  return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

bool line_reader::next() {
  if (!read_line()) return false;
  ++number_;
  position_ += text_.size();
  if (too_long_ && again_at_ == again_.size()) {
    throw manifest_error({number_, max_line + 1},
                         "the line is longer than 1 MiB; is this a manifest?");
  }
  if (number_ == 1 && text_.starts_with("\xef\xbb\xbf")) text_.erase(0, 3);
  check();
  return true;
}

bool line_reader::read_line() {
  using traits = std::streambuf::traits_type;
  if (again_at_ != again_.size()) {
    const auto end = again_.find('\n', again_at_);
    text_.assign(again_, again_at_, end == again_.npos ? end : end + 1 - again_at_);
    again_at_ += text_.size();
    return true;
  }
  if (std::exchange(too_long_, false)) {
    while (!traits::eq_int_type(in_.sgetc(), traits::eof()) && in_.sbumpc() != '\n') {
    }
  }
  text_.clear();
  for (auto got = in_.sbumpc(); !traits::eq_int_type(got, traits::eof()); got = in_.sbumpc()) {
    if (text_.size() == max_line) {
      too_long_ = true;
      break;
    }
    text_.push_back(traits::to_char_type(got));
    if (text_.back() == '\n') break;
  }
  return !text_.empty();
}

void line_reader::put_back(const std::string& lines) {
  number_ -= static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
  position_ -= lines.size();
  // The last one may lack its line feed.
  if (!lines.empty() && lines.back() != '\n') --number_;
  again_.replace(0, std::exchange(again_at_, 0), lines);
}

bool line_reader::blank() const noexcept {
  return text_.find_first_not_of(" \t\r\n") == std::string::npos;
}

void line_reader::check() const {
  const std::string_view text = text_;
  for (std::size_t at = 0; at < text.size();) {
    // Most text is plain.
    while (at < text.size() && text[at] > '\0')
      ++at;
    if (at == text.size()) return;
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
