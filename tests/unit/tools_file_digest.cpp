// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/process.hpp"
#include "tools/file_digest.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <sys/stat.h>

namespace binarly::tools {

TEST_CASE("file digest: SHA-256, whatever the size") {
  const testing::temporary_directory directory;
  const std::atomic<bool> never = false;
  CHECK(digest_file(directory.write("abc", "abc").string(), never).sha256 ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest_file(directory.write("empty", "").string(), never).sha256 ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest_file(directory.write("many", std::string(1'000'000, 'a')).string(), never).sha256 ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("file digest: what cannot be hashed says why, and holds nobody up") {
  const testing::temporary_directory directory;
  std::atomic<bool> never = false;
  const auto trouble = [&](const std::string& path) {
    const auto found = digest_file(path, never);
    CHECK(found.sha256.empty());
    return found.trouble;
  };
  CHECK(trouble((directory.path() / "absent").string()) ==
        "cannot be opened: No such file or directory");
  CHECK(trouble(directory.path().string()) == "is no regular file");
  const auto pipe = (directory.path() / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(trouble(pipe) == "is no regular file");
  CHECK(trouble("/dev/zero") == "is no regular file");
  const auto file = directory.write("abc", "abc").string();
  never = true;
  CHECK(trouble(file) == "was not read to its end: the run was stopped");
}

}  // namespace binarly::tools
