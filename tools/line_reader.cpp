// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/line_reader.hpp"

#include "tools/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace binarly::tools {

namespace {
constexpr std::string_view mark = "\xef\xbb\xbf";
}

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
  if (number_ == 1 && text_.starts_with(mark)) text_.erase(0, mark.size());
  check();
  return true;
}

bool line_reader::read_line() {
  if (again_at_ != again_.size()) {
    const auto end = again_.find('\n', again_at_);
    text_.assign(again_, again_at_, end == again_.npos ? end : end + 1 - again_at_);
    again_at_ += text_.size();
    return true;
  }
  text_.clear();
  for (bool ended = false; !ended && (begin_ != end_ || fill());) {
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    const auto feed = rest.find('\n');
    ended = feed != rest.npos;
    const std::size_t size = ended ? feed + 1 : rest.size();
    begin_ += size;
    // The rest of a line that was too long is passed over.
    if (too_long_) {
      too_long_ = !ended;
      ended = false;
      continue;
    }
    const std::size_t room = max_line - text_.size();
    text_.append(rest, 0, std::min(size, room));
    if (size <= room) continue;
    begin_ -= size - room;
    too_long_ = true;
    ended = true;
  }
  return !text_.empty();
}

/// False at the end.
bool line_reader::fill() {
  begin_ = end_ = 0;
  return add_to_buffer();
}

/// What is at hand of the stream goes behind what the buffer has; false at the end, or where there
/// is no room.
bool line_reader::add_to_buffer() {
  using traits = std::streambuf::traits_type;
  const auto room = static_cast<std::streamsize>(buffer_.size() - end_);
  if (room == 0 || traits::eq_int_type(in_.sgetc(), traits::eof())) return false;
  const auto available = std::clamp<std::streamsize>(in_.in_avail(), 1, room);
  const auto got = static_cast<std::size_t>(in_.sgetn(buffer_.data() + end_, available));
  end_ += got;
  return got != 0;
}

std::string_view line_reader::ahead() {
  constexpr std::size_t enough = 512;
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= std::exchange(begin_, 0);
  const auto text = [this] { return std::string_view(buffer_.data(), end_); };
  while (end_ < enough && text().find('\n') == std::string_view::npos) {
    if (!add_to_buffer()) break;
  }
  const bool marked = number_ == 0 && text().starts_with(mark);
  return text().substr(marked ? mark.size() : 0);
}

bool line_reader::next_piece() {
  if (begin_ == end_ && !fill()) return false;
  const bool continues = number_ != 0 && !text_.empty() && text_.back() != '\n';
  piece_column_ = continues ? piece_column_ + text_.size() : 1;
  if (!continues) ++number_;
  const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
  const auto feed = rest.find('\n');
  const std::size_t size = feed == rest.npos ? rest.size() : feed + 1;
  text_.assign(rest, 0, size);
  begin_ += size;
  const bool first = position_ == 0;
  position_ += size;
  if (first && text_.starts_with(mark)) text_.erase(0, mark.size());
  return true;
}

bool line_reader::has_line() const noexcept {
  return again_at_ != again_.size() ||
         std::string_view(buffer_.data() + begin_, end_ - begin_).find('\n') !=
             std::string_view::npos;
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
