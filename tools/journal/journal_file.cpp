// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/journal_file.hpp"

#include "tools/descriptor_buffer.hpp"
#include "tools/exit_code.hpp"
#include "tools/journal/journal_reader.hpp"
#include "tools/output_place.hpp"
#include "tools/text.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

constexpr std::size_t enough = 64 * 1024;
constexpr std::uint64_t most_damaged = 100'000;

[[noreturn]] void refuse(const std::string& name, const std::string& why,
                         exit_code code = exit_code::usage) {
  throw command_error(code, "the results " + name + ' ' + why);
}

std::string words(int error) { return std::generic_category().message(error); }

}  // namespace

journal_file::journal_file(const std::string& path, existing_journal existing)
    : path_(path), name_(path == "-" ? "on standard output" : "in " + printable(path)) {
  if (const auto descriptor = descriptor_named(path)) {
    if (existing == existing_journal::resume) {
      refuse(name_, "cannot be resumed; name a file with --results");
    }
    int why = why_not_writable(*descriptor);
    // A copy stands where the descriptor stands.
    if (why == 0) file_ = ::fcntl(*descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (why == 0 && file_ < 0) why = errno;
    if (why == 0) return;
    refuse(name_, "cannot be written: " + words(why) + "; nothing was looked up; check --results");
  }
  struct stat about {};
  regular_ = ::stat(path.c_str(), &about) != 0 || S_ISREG(about.st_mode) || S_ISDIR(about.st_mode);
  if (!regular_ && existing == existing_journal::resume) {
    refuse(name_, "cannot be resumed: it is no file");
  }
  // For a pipe, whoever also reads it would never hear that its reader is gone.
  file_ =
      ::open(path.c_str(), (regular_ ? O_RDWR | O_CREAT : O_WRONLY) | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0 || ::fstat(file_, &about) != 0) {
    const int why = errno;
    refuse(name_, "cannot be written: " + words(why) + "; nothing was looked up; check --results");
  }
  if (!regular_) return;
  const auto give_back = [this](const std::string& why, exit_code code = exit_code::usage) {
    ::close(std::exchange(file_, -1));
    refuse(name_, why, code);
  };
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    give_back("are being written by another run; wait for it, or choose another file",
              exit_code::unavailable);
  }
  if (about.st_size == 0 || existing == existing_journal::resume) return;
  if (existing == existing_journal::refuse) {
    give_back(
        "are there already; --resume goes on with them, --overwrite begins anew; nothing was "
        "looked up");
  }
  if (::ftruncate(file_, 0) != 0) give_back("cannot be emptied: " + words(errno));
}

journal_file::journal_file() : name_("in a temporary file") {
  std::error_code none;
  const auto directory = std::filesystem::temp_directory_path(none).string();
  if (none) refuse(name_, "cannot be written: " + none.message() + "; check TMPDIR");
  file_ = ::open(directory.c_str(), O_RDWR | O_TMPFILE | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) {
    // Not every file system has files without a name.
    std::string path = directory + "/binarly-images-XXXXXX";
    file_ = ::mkostemp(path.data(), O_APPEND | O_CLOEXEC);
    if (file_ >= 0) ::unlink(path.c_str());
  }
  if (file_ < 0) {
    const int why = errno;
    refuse(name_, "cannot be written: " + words(why) + "; nothing was looked up; name a file " +
                      "with --results, or another directory in TMPDIR");
  }
  regular_ = true;
}

journal_file::~journal_file() {
  if (file_ >= 0) ::close(file_);
}

void journal_file::restore(
    const std::function<void(const journal_entry&, const std::string& place)>& take) {
  if (!regular_) return;
  ::lseek(file_, 0, SEEK_SET);
  std::vector<byte_range> damaged;
  bool any = false;
  journal_reader reader(file_, "the results " + name_, [&](const damaged_part& part) {
    damage_.add(part);
    if (damage_.count() > most_damaged) {
      refuse(name_, "have more than " + grouped(most_damaged) +
                        " damaged lines; is this a file of results? Nothing in it was changed");
    }
    damaged.push_back(part.bytes);
  });
  while (const auto entry = reader.next()) {
    any = true;
    take(*entry, reader.place());
  }
  if (!damaged.empty()) {
    if (!any) {
      throw command_error(exit_code::usage,
                          damage_.shown().front() + "; nothing in the file was changed");
    }
    if (const int why = set_aside(file_, damaged, set_aside_in()); why != 0) {
      refuse(name_, "have damaged lines, which cannot be set aside in " +
                        printable(set_aside_in()) + ": " + words(why) +
                        "; nothing was looked up; make that file writable, or begin anew in "
                        "another one");
    }
  }
  if (::ftruncate(file_, static_cast<off_t>(reader.size())) != 0) {
    refuse(name_, "end in a torn line, which cannot be cut off: " + words(errno));
  }
}

bool journal_file::due(time_point now) const noexcept {
  return gathered_.size() >= enough ||
         (!gathered_.empty() && now - taken_ >= std::chrono::seconds(1));
}

std::string journal_file::take(time_point now) {
  taken_ = now;
  return std::exchange(gathered_, {});
}

void journal_file::write(std::string_view lines) {
  if (const int why = write_all(file_, lines); why != 0) give_up(why);
}

void journal_file::flush() {
  if (regular_ && ::fdatasync(file_) != 0) give_up(errno);
}

void journal_file::finish(bool durable) {
  write(std::exchange(gathered_, {}));
  if (durable) flush();
  // What a network's file system could not write is told at the close of a descriptor; the file
  // itself may be read again.
  const int copy = ::fcntl(file_, F_DUPFD_CLOEXEC, 0);
  if (copy < 0 || ::close(copy) != 0) give_up(errno);
}

void journal_file::give_up(int why) const {
  throw command_error(
      exit_code::unavailable,
      "the results " + name_ + " could not be written to their end: " + words(why) +
          (regular_ ? "; what was written before is good: make room, and go on with --resume"
                    : "; choose another place with --results"));
}

}  // namespace binarly::tools
