// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/process.hpp"
#include "tools/distinct_files.hpp"
#include "tools/exit_code.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace binarly::tools {

namespace {

/// What is said of them; "fine" where they may stand together.
std::string said(const std::vector<named_file>& written, const std::vector<named_file>& read = {}) {
  try {
    require_distinct(written, read);
  } catch (const command_error& error) {
    CHECK(error.code() == exit_code::usage);
    return error.what();
  }
  return "fine";
}

}  // namespace

TEST_CASE("distinct files: one file under two names") {
  const testing::temporary_directory directory;
  const auto file = directory.write("file", "x").string();
  const auto other = directory.write("other", "x").string();
  const auto absent = (directory.path() / "absent").string();
  const auto hard = (directory.path() / "hard").string();
  const auto soft = (directory.path() / "soft").string();
  const auto early = (directory.path() / "early").string();
  std::filesystem::create_hard_link(file, hard);
  std::filesystem::create_symlink("file", soft);
  std::filesystem::create_symlink("absent", early);
  CHECK(said({{"--a", file}, {"--b", other}, {"--c", absent}, {"--d", ""}, {"--e", ""}}) == "fine");
  for (const auto& same : {file, hard, soft, directory.path().string() + "/./file"}) {
    CAPTURE(same);
    CHECK(said({{"--a", file}, {"--b", same}}).starts_with("--b would overwrite --a ("));
    CHECK(said({{"--b", same}}, {{"the manifest", file}})
              .starts_with("--b would overwrite the manifest ("));
  }
  for (const auto& same : {absent, early, directory.path().string() + "/x/../absent"})
    CHECK(said({{"--a", absent}, {"--b", same}}).starts_with("--b would overwrite --a ("));
  CHECK(
      said({{"--a", "absent-here"}, {"--b", "./absent-here"}}).starts_with("--b would overwrite"));
}

TEST_CASE("distinct files: standard output, and what is open already") {
  CHECK(said({{"--a", "-"}, {"--b", "-"}}) ==
        "--b and --a both take standard output; name a file for one");
  CHECK(said({{"--a", "-"}, {"--b", "/dev/stdout"}}).find("both take") != std::string::npos);
  // The manifest's is standard input.
  CHECK(said({{"--a", "/dev/fd/1"}}, {{"the manifest", "-"}}) == "fine");

  const testing::temporary_directory directory;
  const auto path = directory.write("file", "x").string();
  const int file = ::open(path.c_str(), O_RDWR);
  REQUIRE(file >= 0);
  const int copy = ::dup(file);
  const auto name = "/dev/fd/" + std::to_string(file);
  CHECK(said({{"--a", path}, {"--b", name}}).starts_with("--b would overwrite --a"));
  CHECK(said({{"--a", "/dev/fd/" + std::to_string(copy)}, {"--b", name}})
            .starts_with("--b would overwrite --a"));
  CHECK(said({{"--a", path}}, {{"the manifest", name}}).starts_with("--a would overwrite the"));
  ::close(copy);
  ::close(file);
}

TEST_CASE("distinct files: devices may be shared, a pipe may not") {
  const testing::temporary_directory directory;
  const auto pipe = (directory.path() / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(said({{"--a", "/dev/null"}, {"--b", "/dev/null"}}, {{"the manifest", "/dev/null"}}) ==
        "fine");
  CHECK(said({{"--a", pipe}, {"--b", pipe}}).starts_with("--b would overwrite --a"));
}

}  // namespace binarly::tools
