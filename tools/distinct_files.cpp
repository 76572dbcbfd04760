// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/distinct_files.hpp"

#include "tools/exit_code.hpp"
#include "tools/text.hpp"

#include <filesystem>
#include <system_error>

namespace binarly::tools {

namespace {

namespace fs = std::filesystem;

bool is_none(const named_file& file) { return file.path.empty() || file.path == "-"; }

bool is_same(const named_file& left, const named_file& right) {
  if (is_none(left) || is_none(right)) return false;
  std::error_code ec;
  const auto there = fs::status(left.path, ec);
  if (fs::exists(there) && !fs::is_regular_file(there)) return false;
  if (fs::equivalent(left.path, right.path, ec) && !ec) return true;
  const auto one = fs::weakly_canonical(left.path, ec);
  if (ec) return false;
  const auto other = fs::weakly_canonical(right.path, ec);
  return !ec && one == other;
}

}  // namespace

void require_distinct(const std::vector<named_file>& written, const std::vector<named_file>& read) {
  const auto refuse_same = [](const named_file& file, const named_file& other) {
    if (!is_same(file, other)) return;
    throw command_error(exit_code::usage, file.name + " would overwrite " + other.name + " (" +
                                              printable(file.path) + "); choose another file");
  };
  for (std::size_t at = 0; at < written.size(); ++at) {
    for (const auto& other : read)
      refuse_same(written[at], other);
    for (std::size_t before = 0; before < at; ++before)
      refuse_same(written[at], written[before]);
  }
}

}  // namespace binarly::tools
