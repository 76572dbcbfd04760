// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/unfinished_file.hpp"

#include "tools/descriptor_buffer.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

namespace {

constexpr std::array ending{SIGINT, SIGTERM, SIGHUP};

// The path of the one that is there; a signal's handler can reach nothing else.
std::atomic<const char*> doomed = nullptr;
static_assert(std::atomic<const char*>::is_always_lock_free);

extern "C" void remove_and_end(int number) {
  if (const char* const path = doomed.load()) ::unlink(path);
  std::signal(number, SIG_DFL);
  std::raise(number);
}

std::string name_beside(const std::string& place) {
  std::random_device random;
  const std::uint64_t number = std::uint64_t{random()} << 32U | random();
  const auto directory = std::filesystem::path(place).parent_path();
  return (directory / (".binarly-images-" + std::to_string(number) + ".new")).string();
}

}  // namespace

unfinished_file::unfinished_file(const output_place& place)
    : place_(place.path), path_(name_beside(place.path)) {
  doomed = path_.c_str();
  struct sigaction action {};
  action.sa_handler = remove_and_end;
  for (std::size_t at = 0; at < ending.size(); ++at) {
    ::sigaction(ending[at], nullptr, &before_[at]);
    // Who ignores a signal, or hears it in another way, goes on to do so.
    if (before_[at].sa_handler == SIG_DFL) ::sigaction(ending[at], &action, nullptr);
  }
  // Until it has the mode of the file that it replaces, nobody else may look into it.
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, place.exists ? 0600 : 0666);
  if (file_ < 0) {
    error_ = errno;
  } else if (place.exists) {
    adopt(place.there);
  }
}

unfinished_file::~unfinished_file() {
  if (file_ >= 0) ::close(file_);
  if (file_ >= 0 && !path_.empty()) ::unlink(path_.c_str());
  for (std::size_t at = 0; at < ending.size(); ++at) {
    if (before_[at].sa_handler == SIG_DFL) ::sigaction(ending[at], &before_[at], nullptr);
  }
  doomed = nullptr;
}

void unfinished_file::adopt(const struct stat& before) const {
  const auto none = static_cast<uid_t>(-1);
  auto mode = before.st_mode & 07777U;
  const bool owned = ::fchown(file_, before.st_uid, before.st_gid) == 0;
  // A group of which the user is a member can be kept where the owner cannot.
  const bool grouped = owned || ::fchown(file_, none, before.st_gid) == 0;
  // What gives the rights of an owner must not give those of another one.
  if (!owned) mode &= ~static_cast<unsigned>(S_ISUID);
  if (!grouped) mode &= ~static_cast<unsigned>(S_ISGID);
  [[maybe_unused]] const int kept = ::fchmod(file_, mode);
}

int unfinished_file::take_place() {
  // A network's file system tells at the close what it could not write; the file may still have to
  // be copied.
  const int copy = ::fcntl(file_, F_DUPFD_CLOEXEC, 3);
  if (copy < 0 || ::close(copy) != 0) return errno;
  if (std::rename(path_.c_str(), place_.c_str()) != 0) return errno;
  doomed = nullptr;
  path_.clear();
  return 0;
}

int unfinished_file::copy_to_place() const {
  const int target = ::open(place_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
  if (target < 0) return errno;
  std::array<char, 64 * 1024> piece;  // NOLINT(*-member-init): what is not read is not written
  int error = 0;
  for (off_t at = 0; error == 0;) {
    const auto size = ::pread(file_, piece.data(), piece.size(), at);
    if (size < 0) error = errno;
    if (size <= 0) break;
    error = write_all(target, {piece.data(), static_cast<std::size_t>(size)});
    at += size;
  }
  if (::close(target) != 0 && error == 0) error = errno;
  return error;
}

}  // namespace binarly::tools
