// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/distinct_files.hpp"

#include "tools/exit_code.hpp"
#include "tools/output_place.hpp"
#include "tools/text.hpp"

#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace binarly::tools {

namespace {

namespace fs = std::filesystem;

/// A file, and what the system knows it by.
struct known_file {
  known_file(const named_file& file, bool read) : named(&file) {
    if (file.path.empty()) return;
    descriptor = read && file.path == "-" ? STDIN_FILENO : descriptor_named(file.path);
    // What holds the place of a closed descriptor is a directory.
    exists = descriptor ? ::fstat(*descriptor, &about) == 0 && !S_ISDIR(about.st_mode)
                        : ::stat(file.path.c_str(), &about) == 0;
  }

  const named_file* named;
  std::optional<int> descriptor;
  bool exists = false;
  struct stat about {};
};

/// The one name of a file that need not be there. A link whose target is not there leads to it all
/// the same.
std::optional<fs::path> full_name(const std::string& path) {
  std::error_code ec;
  auto name = fs::absolute(find_place(path).path, ec);
  if (!ec) name = fs::weakly_canonical(name, ec);
  if (ec) return std::nullopt;
  return name;
}

bool is_same_path(const std::string& left, const std::string& right) {
  const auto one = full_name(left);
  return one && one == full_name(right);
}

bool is_same(const known_file& left, const known_file& right) {
  if (left.named->path.empty() || right.named->path.empty()) return false;
  if (left.descriptor && left.descriptor == right.descriptor) return true;
  if (left.exists && right.exists) {
    return left.about.st_dev == right.about.st_dev && left.about.st_ino == right.about.st_ino &&
           !S_ISCHR(left.about.st_mode);
  }
  return !left.exists && !right.exists && !left.descriptor && !right.descriptor &&
         is_same_path(left.named->path, right.named->path);
}

void refuse_same(const known_file& file, const known_file& other) {
  if (!is_same(file, other)) return;
  if (file.descriptor == STDOUT_FILENO && other.descriptor == STDOUT_FILENO) {
    throw command_error(exit_code::usage, file.named->name + " and " + other.named->name +
                                              " both take standard output; name a file for one");
  }
  throw command_error(exit_code::usage, file.named->name + " would overwrite " + other.named->name +
                                            " (" + printable(file.named->path) +
                                            "); choose another file");
}

}  // namespace

void require_distinct(const std::vector<named_file>& written, const std::vector<named_file>& read) {
  std::vector<known_file> sources;
  sources.reserve(read.size());
  for (const auto& each : read)
    sources.emplace_back(each, true);
  std::vector<known_file> targets;
  targets.reserve(written.size());
  for (const auto& each : written) {
    const known_file file(each, false);
    for (const auto& other : sources) {
      // A socket or a terminal has two directions.
      const bool shared = file.exists && !S_ISREG(file.about.st_mode);
      if (!shared) refuse_same(file, other);
    }
    for (const auto& other : targets)
      refuse_same(file, other);
    targets.push_back(file);
  }
}

}  // namespace binarly::tools
