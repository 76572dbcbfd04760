// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/output_place.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <fcntl.h>
#include <filesystem>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <system_error>
#include <unistd.h>

namespace binarly::tools {

namespace {

namespace fs = std::filesystem;

// As many as the system follows.
constexpr int most_links = 40;

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// The links of a process to what it has open, which are none that could be read and followed.
bool is_on_procfs(const fs::path& path) {
  struct statfs about {};
  return ::statfs(directory_of(path).c_str(), &about) == 0 && about.f_type == PROC_SUPER_MAGIC;
}

/// The descriptor, where the path is `/proc/self/fd/N` under whatever name.
std::optional<int> own_descriptor(const fs::path& path) {
  const std::string name = path.filename().string();
  int number = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number < 0) return std::nullopt;
  std::error_code unknown;
  const auto directory = fs::canonical(directory_of(path), unknown);
  if (unknown) return std::nullopt;
  for (const auto* const own : {"/proc/self/fd", "/proc/thread-self/fd"}) {
    if (directory == fs::canonical(own, unknown) && !unknown) return number;
  }
  return std::nullopt;
}

struct followed {
  std::optional<int> descriptor;
  fs::path path;
  bool magic = false;
};

followed follow(fs::path path) {
  for (int links = 0; links < most_links; ++links) {
    if (auto own = own_descriptor(path)) return {own, path};
    std::error_code none;
    const auto target = fs::read_symlink(path, none);
    if (none) break;
    if (is_on_procfs(path)) return {std::nullopt, path, true};
    path = target.is_absolute() ? target : directory_of(path) / target;
  }
  return {std::nullopt, path};
}

bool is_replaceable(const output_place& place) {
  replacement file;
  file.user = ::geteuid();
  file.owner = place.there.st_uid;
  struct stat directory {};
  if (::stat(directory_of(place.path).c_str(), &directory) == 0) {
    file.directory_owner = directory.st_uid;
    file.sticky = (directory.st_mode & S_ISVTX) != 0;
  }
  struct statx more {};
  if (::statx(AT_FDCWD, place.path.c_str(), 0, STATX_BASIC_STATS, &more) == 0) {
    const auto has = [&more](std::uint64_t flag) {
      return (more.stx_attributes & more.stx_attributes_mask & flag) != 0;
    };
    file.mounted = has(STATX_ATTR_MOUNT_ROOT);
    file.fixed = has(STATX_ATTR_IMMUTABLE) || has(STATX_ATTR_APPEND);
  }
  return can_be_replaced(file);
}

}  // namespace

std::optional<int> descriptor_named(const std::string& path) {
  return path == "-" ? STDOUT_FILENO : follow(path).descriptor;
}

output_place find_place(const std::string& path) {
  output_place place;
  if (path == "-") {
    place.how = writing::descriptor;
    place.descriptor = STDOUT_FILENO;
    return place;
  }
  const followed end = follow(path);
  place.path = end.path.string();
  if (end.descriptor) {
    place.how = writing::descriptor;
    place.descriptor = *end.descriptor;
    return place;
  }
  place.exists = ::stat(place.path.c_str(), &place.there) == 0;
  if (!place.exists) {
    place.error = errno == ENOENT ? 0 : errno;
    return place;
  }
  if (!S_ISREG(place.there.st_mode)) {
    place.how = writing::device;
  } else if (end.magic || !is_replaceable(place)) {
    place.how = writing::in_place;
  }
  return place;
}

int why_not_writable(int descriptor) {
  const int own = ::fcntl(descriptor, F_GETFD);
  // Whatever this process has opened itself is closed when it executes another program, unlike what
  // it was handed.
  if (own < 0 || (own & FD_CLOEXEC) != 0) return EBADF;
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags < 0 || (flags & O_ACCMODE) == O_RDONLY ? EBADF : 0;
}

bool can_be_replaced(const replacement& file) noexcept {
  if (file.mounted || file.fixed) return false;
  return !file.sticky || file.user == 0 || file.user == file.owner ||
         file.user == file.directory_owner;
}

bool may_write_in_place(int error) noexcept {
  constexpr std::array reasons{EACCES, EPERM, EROFS, EBUSY, EXDEV, ENAMETOOLONG};
  for (const int reason : reasons) {
    if (error == reason) return true;
  }
  return false;
}

}  // namespace binarly::tools
