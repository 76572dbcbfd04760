// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/journal_reader.hpp"

#include "tools/exit_code.hpp"
#include "tools/journal/line.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

namespace {
constexpr const char* too_long = "it is longer than 8 MiB";

bool is_blank(std::string_view text) { return text.find_first_not_of(' ') == text.npos; }
}  // namespace

journal_reader::journal_reader(int file, std::string name, damage_handler damaged,
                               std::uint64_t limit)
    : file_(file),
      name_(std::move(name)),
      damaged_(std::move(damaged)),
      left_(limit),
      buffer_(64 * 1024) {}

std::string journal_reader::place() const { return name_ + ", line " + std::to_string(line_); }

std::optional<journal_entry> journal_reader::next() {
  while (ready_.empty()) {
    if (!read_line()) return std::nullopt;
  }
  std::optional<journal_entry> entry(std::move(ready_.front()));
  ready_.pop_front();
  return entry;
}

/// False at the end.
bool journal_reader::read_line() {
  std::size_t seen = 0;
  for (;;) {
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_ + seen);
    const auto until = buffer_.begin() + static_cast<std::ptrdiff_t>(end_);
    const auto feed = std::find(from, until, '\n');
    if (feed != until) {
      const std::string_view line(buffer_.data() + begin_,
                                  static_cast<std::size_t>(feed - buffer_.begin()) - begin_);
      const auto at = size_;
      const auto before = std::exchange(passed_, 0);
      begin_ += line.size() + 1;
      size_ += before + line.size() + 1;
      ++line_;
      if (before == 0) {
        take(line, at);
      } else if (!passed_blank_ || !is_blank(line)) {
        tell(at, before + line.size(), too_long);
      }
      return true;
    }
    seen = end_ - begin_;
    // What can be no line is not held.
    if (passed_ != 0 || seen >= longest_journal_line) {
      // One that was set aside is as long as it was.
      passed_blank_ = (passed_ == 0 || passed_blank_) && is_blank({buffer_.data() + begin_, seen});
      passed_ += std::exchange(seen, 0);
      begin_ = end_;
    }
    if (!fill()) {
      end();
      return false;
    }
  }
}

void journal_reader::take(std::string_view line, std::uint64_t at) {
  const auto whole = [this](std::string_view text) -> std::string {
    auto entry = read_journal_line(text);
    if (!entry) return entry.error();
    ready_.push_back(std::move(*entry));
    return {};
  };
  // Most lines are what they should be.
  auto entry = read_journal_line(line);
  if (entry) {
    ready_.push_back(std::move(*entry));
    return;
  }
  take_apart(line, whole, [&](std::string_view part, const std::string& why) {
    tell(at + static_cast<std::uint64_t>(part.data() - line.data()), part.size(), why);
  });
}

void journal_reader::tell(std::uint64_t at, std::uint64_t size, std::string why) {
  damaged_({place(), std::move(why), {at, size}});
}

void journal_reader::end() {
  if (std::exchange(ended_, true)) return;
  const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
  if (passed_ == 0 && is_torn(rest)) return;
  ++line_;
  tell(size_, passed_ + rest.size(), passed_ != 0 ? too_long : "it has no end, and no beginning");
}

bool journal_reader::fill() {
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= std::exchange(begin_, 0);
  if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  for (;;) {
    const auto size =
        ::read(file_, buffer_.data() + end_, std::min<std::uint64_t>(buffer_.size() - end_, left_));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      throw command_error(exit_code::usage,
                          name_ + " cannot be read: " + std::generic_category().message(errno));
    }
    end_ += static_cast<std::size_t>(size);
    left_ -= static_cast<std::uint64_t>(size);
    return size != 0;
  }
}

}  // namespace binarly::tools
