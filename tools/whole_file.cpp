// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/whole_file.hpp"

#include "tools/text.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unistd.h>

namespace binarly::tools {

void write_whole_file(const std::string& named, const std::string& what, const std::string& option,
                      exit_code code, const std::function<void(std::ostream&)>& content) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  // What a link points to is replaced, not the link.
  fs::path path = named;
  if (fs::is_symlink(path, unknown)) {
    const auto target = fs::canonical(path, unknown);
    if (!unknown) path = target;
  }
  // A device or a pipe is written to.
  const auto there = fs::status(path, unknown);
  const bool in_place = fs::exists(there) && !fs::is_regular_file(there);
  const fs::path unfinished =
      in_place ? path : fs::path(path.string() + '.' + std::to_string(::getpid()) + ".new");
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  if (file) content(file);
  file.close();
  if (file && (in_place || std::rename(unfinished.c_str(), path.c_str()) == 0)) return;
  const int why = errno;
  if (!in_place) std::remove(unfinished.c_str());
  throw command_error(code, what + " could not be written to " + printable(named) + ": " +
                                std::generic_category().message(why) + "; check " + option);
}

}  // namespace binarly::tools
