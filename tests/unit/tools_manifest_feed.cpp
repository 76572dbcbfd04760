// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/process.hpp"
#include "tools/exit_code.hpp"
#include "tools/manifest_feed.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <sys/stat.h>
#include <thread>

namespace binarly::tools {

namespace {

std::string manifest_of(int rows) {
  std::string text = "product_id,image_id\n";
  for (int row = 1; row <= rows; ++row)
    text += "p,i" + std::to_string(row) + '\n';
  return text;
}

std::string file_with(const testing::temporary_directory& directory, const std::string& text) {
  const auto path = (directory.path() / "manifest").string();
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace

TEST_CASE("rows come in order and in batches, and then the end") {
  const testing::temporary_directory directory;
  manifest_feed feed(file_with(directory, manifest_of(1000)));
  CHECK_FALSE(feed.take().has_value());
  int seen = 0;
  int reads = 0;
  while (!feed.ended()) {
    feed.read();
    ++reads;
    int batch = 0;
    while (const auto row = feed.take()) {
      CHECK(row->image_id == "i" + std::to_string(++seen));
      ++batch;
    }
    CHECK(batch <= 256);
  }
  CHECK(seen == 1000);
  CHECK(reads == 5);
  CHECK(feed.error().empty());
}

TEST_CASE("bad rows are delivered among the good ones") {
  const testing::temporary_directory directory;
  manifest_feed feed(file_with(directory, manifest_of(3) + "p\n" + "p,i5\n"));
  feed.read();
  for (int row = 1; row <= 5; ++row) {
    const auto got = feed.take();
    REQUIRE(got.has_value());
    CHECK(got->trouble.empty() == (row != 4));
  }
}

TEST_CASE("a manifest that is none is an error, which names it") {
  const testing::temporary_directory directory;
  const auto path = file_with(directory, "p\n");
  manifest_feed feed(path);
  feed.read();
  CHECK(feed.ended());
  CHECK_FALSE(feed.take().has_value());
  CHECK(feed.error().starts_with("manifest " + path + ", line 1, column 1: unknown column"));
}

TEST_CASE("a manifest that cannot be opened or read") {
  const testing::temporary_directory directory;
  CHECK_THROWS_AS(manifest_feed((directory.path() / "absent").string()), command_error);
  manifest_feed feed(directory.path().string());
  feed.read();
  CHECK(feed.ended());
  CHECK(feed.error().find("is a directory; name a file") != std::string::npos);
}

TEST_CASE("a row is had while the writer of a pipe is still at work, and waiting can be ended") {
  const testing::temporary_directory directory;
  const auto path = (directory.path() / "pipe").string();
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  // Opened for both, a pipe neither blocks nor ends.
  std::fstream writer(path, std::ios::in | std::ios::out);
  writer << "product_id,image_id\np,i\np" << std::flush;
  manifest_feed feed(path);
  feed.read();
  CHECK_FALSE(feed.ended());
  CHECK(feed.take().has_value());
  std::thread reader([&feed] { feed.read(); });
  feed.interrupt();
  reader.join();
  CHECK(feed.ended());
  CHECK(feed.error().empty());
}

TEST_CASE("the manifest is known under another name") {
  const testing::temporary_directory directory;
  const auto path = file_with(directory, manifest_of(1));
  manifest_feed feed(path);
  const auto alias = directory.path() / "alias";
  std::filesystem::create_symlink(path, alias);
  CHECK(feed.is_same_file(alias.string()));
  CHECK_FALSE(feed.is_same_file((directory.path() / "other").string()));
}

}  // namespace binarly::tools
