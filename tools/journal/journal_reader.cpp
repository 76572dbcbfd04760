// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/journal_reader.hpp"

#include "tools/exit_code.hpp"
#include "tools/journal/line.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

journal_reader::journal_reader(int file, std::string name)
    : file_(file), name_(std::move(name)), buffer_(64 * 1024) {}

std::string journal_reader::place() const { return name_ + ", line " + std::to_string(line_); }

std::optional<journal_entry> journal_reader::next() {
  std::size_t seen = 0;
  for (;;) {
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_ + seen);
    const auto until = buffer_.begin() + static_cast<std::ptrdiff_t>(end_);
    const auto feed = std::find(from, until, '\n');
    if (feed != until) {
      const std::string_view line(buffer_.data() + begin_,
                                  static_cast<std::size_t>(feed - buffer_.begin()) - begin_);
      begin_ += line.size() + 1;
      size_ += line.size() + 1;
      ++line_;
      auto entry = read_journal_line(line);
      if (entry) return std::move(*entry);
      throw command_error(exit_code::usage, place() + ": not a line of results: " + entry.error() +
                                                "; nothing in the file was changed");
    }
    seen = end_ - begin_;
    if (!fill()) return std::nullopt;
  }
}

bool journal_reader::fill() {
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= std::exchange(begin_, 0);
  if (end_ == buffer_.size()) {
    if (end_ >= longest_journal_line) {
      ++line_;
      throw command_error(exit_code::usage,
                          place() + ": not a line of results: it is longer than 8 MiB");
    }
    buffer_.resize(2 * buffer_.size());
  }
  for (;;) {
    const auto size = ::read(file_, buffer_.data() + end_, buffer_.size() - end_);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      throw command_error(exit_code::usage,
                          name_ + " cannot be read: " + std::generic_category().message(errno));
    }
    end_ += static_cast<std::size_t>(size);
    return size != 0;
  }
}

}  // namespace binarly::tools
