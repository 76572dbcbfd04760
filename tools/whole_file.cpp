// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/whole_file.hpp"

#include "tools/text.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace binarly::tools {

void write_whole_file(const std::string& path, const std::string& what, const std::string& option,
                      exit_code code, const std::function<void(std::ostream&)>& content) {
  std::error_code unknown;
  // A device or a pipe is written to, not replaced.
  const auto there = std::filesystem::status(path, unknown);
  const bool in_place = std::filesystem::exists(there) && !std::filesystem::is_regular_file(there);
  const std::string unfinished = in_place ? path : path + ".new";
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  if (file) content(file);
  file.close();
  if (file && (in_place || std::rename(unfinished.c_str(), path.c_str()) == 0)) return;
  const int why = errno;
  if (!in_place) std::remove(unfinished.c_str());
  throw command_error(code, what + " could not be written to " + printable(path) + ": " +
                                std::generic_category().message(why) + "; check " + option);
}

}  // namespace binarly::tools
