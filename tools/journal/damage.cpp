// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/damage.hpp"

#include "tools/descriptor_buffer.hpp"
#include "tools/text.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace binarly::tools {

namespace {

constexpr std::string_view beginning = "{\"row\":";
constexpr std::string_view no_text{"\0 \t\r", 4};
constexpr std::size_t piece_size = 64 * 1024;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(no_text);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(no_text) + 1 - first);
}

bool has_nul(std::string_view text) { return text.find('\0') != text.npos; }

/// Works through the bytes in pieces; each is handed over, to be read or to be filled.
template <class Function>
int for_each_piece(const byte_range& range, std::string& piece, const Function& work) {
  for (std::uint64_t done = 0; done < range.size;) {
    piece.resize(std::min<std::uint64_t>(range.size - done, piece_size));
    const auto size = work(static_cast<off_t>(range.at + done));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size < 0 ? errno : EIO;
    done += static_cast<std::uint64_t>(size);
  }
  return 0;
}

int copy(int journal, const byte_range& range, int target) {
  std::string piece;
  int error = 0;
  const int reading = for_each_piece(range, piece, [&](off_t at) {
    const auto size = ::pread(journal, piece.data(), piece.size(), at);
    if (size > 0) {
      error = write_all(target, std::string_view(piece).substr(0, static_cast<std::size_t>(size)));
      if (error != 0) return ssize_t{0};
    }
    return size;
  });
  if (error != 0) return error;
  return reading != 0 ? reading : write_all(target, "\n");
}

int append_all(int journal, const std::vector<byte_range>& parts, int target) {
  struct stat about {};
  if (::fstat(target, &about) != 0) return errno;
  if (!S_ISREG(about.st_mode)) return EINVAL;
  // Torn itself, the last line there must not get longer.
  char last = '\n';
  if (about.st_size > 0 && ::pread(target, &last, 1, about.st_size - 1) != 1) return EIO;
  if (last != '\n') {
    if (const int error = write_all(target, "\n"); error != 0) return error;
  }
  for (const auto& part : parts) {
    if (const int error = copy(journal, part, target); error != 0) return error;
  }
  return ::fsync(target) == 0 ? 0 : errno;
}

/// The file's name is kept by its directory. Not every file system can be asked for that.
void keep_name(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const int directory =
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  [[maybe_unused]] const int kept = ::fsync(directory);
  ::close(directory);
}

int blank(int journal, const std::vector<byte_range>& parts) {
  // Otherwise Linux appends, whatever place is given.
  const int flags = ::fcntl(journal, F_GETFL);
  if (flags < 0 || ::fcntl(journal, F_SETFL, flags & ~O_APPEND) != 0) return errno;
  int error = 0;
  std::string piece;
  for (const auto& part : parts) {
    error = for_each_piece(part, piece, [&](off_t at) {
      std::fill(piece.begin(), piece.end(), ' ');
      return ::pwrite(journal, piece.data(), piece.size(), at);
    });
    if (error != 0) break;
  }
  return ::fcntl(journal, F_SETFL, flags) == 0 ? error : errno;
}

}  // namespace

void damage_log::add(const damaged_part& part) {
  if (++count_ <= most_shown) shown_.push_back(part.place + ": not a line of results: " + part.why);
}

std::vector<std::string> damage_log::told(const std::string& consequence) const {
  auto lines = shown_;
  if (count_ != 0) {
    lines.push_back(grouped(count_) + (count_ == 1 ? " damaged line" : " damaged lines") + ' ' +
                    consequence);
  }
  return lines;
}

void take_apart(std::string_view line, const std::function<std::string(std::string_view)>& whole,
                const std::function<void(std::string_view, const std::string&)>& damaged) {
  const auto take_rest = [&](std::string_view rest) {
    if (rest.find_first_not_of(" \t\r") == rest.npos) return;
    damaged(rest, trimmed(rest).empty() ? "NUL bytes stand there" : "what stands there is none");
  };
  auto begin = line.find(beginning);
  if (begin == 0 && line.find(beginning, 1) == line.npos && !has_nul(line)) begin = line.npos;
  if (begin == line.npos) {
    const bool empty = trimmed(line).empty();
    const std::string why = empty ? std::string() : whole(line);
    if (empty) take_rest(line);
    if (!why.empty()) damaged(line, why);
    return;
  }
  take_rest(line.substr(0, begin));
  while (begin != line.npos) {
    const auto next = line.find(beginning, begin + 1);
    const auto piece = line.substr(begin, next == line.npos ? next : next - begin);
    const auto text = trimmed(piece);
    if (const std::string why = whole(text); !why.empty()) {
      damaged(piece, why);
    } else {
      take_rest(piece.substr(text.size()));
    }
    begin = next;
  }
}

bool is_torn(std::string_view text) noexcept {
  const auto rest = trimmed(text);
  const auto size = std::min(rest.size(), beginning.size());
  return rest.substr(0, size) == beginning.substr(0, size);
}

int set_aside(int journal, const std::vector<byte_range>& parts, const std::string& path) {
  struct stat about {};
  if (::fstat(journal, &about) != 0) return errno;
  // Who may not read the journal may not read what was in it.
  const int target =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
             about.st_mode & 0777U);
  if (target < 0) return errno;
  int error = append_all(journal, parts, target);
  if (::close(target) != 0 && error == 0) error = errno;
  if (error != 0) return error;
  keep_name(path);
  return blank(journal, parts);
}

}  // namespace binarly::tools
