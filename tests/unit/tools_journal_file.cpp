// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/process.hpp"
#include "tools/exit_code.hpp"
#include "tools/journal/journal_file.hpp"
#include "tools/journal/line.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace binarly::tools {

namespace {

using namespace std::chrono_literals;
using testing::read_file;

std::string line_of(std::uint64_t row) {
  journal_entry entry;
  entry.row = row;
  entry.verdict = verdict::verified;
  return journal_line(entry, "");
}

/// What `restore` hands over.
std::vector<std::uint64_t> rows_in(const std::filesystem::path& path) {
  std::vector<std::uint64_t> rows;
  journal_file journal(path.string(), existing_journal::resume);
  journal.restore([&](const journal_entry& entry, const std::string& place) {
    rows.push_back(entry.row);
    CHECK(place.ends_with("line " + std::to_string(rows.size())));
  });
  return rows;
}

template <class Function>
command_error error_of(Function function) {
  try {
    function();
  } catch (const command_error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return {exit_code::good, ""};
}

bool says(const command_error& error, const std::string& part) {
  return std::string(error.what()).find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("journal file: lines in the order in which they came") {
  const testing::temporary_directory directory;
  const auto path = directory.path() / "out.jsonl";
  journal_file journal(path.string(), existing_journal::refuse);
  journal.add("a\n");
  journal.write(journal.take({}));
  journal.add("b\n");
  journal.flush();
  journal.finish(true);
  CHECK(read_file(path) == "a\nb\n");
}

TEST_CASE("journal file: lines are due when they are many or a second old") {
  const testing::temporary_directory directory;
  journal_file journal((directory.path() / "out").string(), existing_journal::refuse);
  const journal_file::time_point now{};
  CHECK(journal.take(now).empty());
  CHECK_FALSE(journal.due(now + 1h));
  journal.add("a\n");
  CHECK_FALSE(journal.due(now + 999ms));
  CHECK(journal.due(now + 1s));
  journal.add(std::string(64 * 1024, 'x'));
  CHECK(journal.due(now));
}

TEST_CASE("journal file: what is there is refused, emptied or gone on with, as is asked for") {
  const testing::temporary_directory directory;
  const auto path = directory.write("out", line_of(1));
  const auto refused = error_of([&] { journal_file(path.string(), existing_journal::refuse); });
  CHECK(refused.code() == exit_code::usage);
  CHECK(says(refused, "--resume"));
  CHECK(read_file(path) == line_of(1));
  {
    journal_file journal(path.string(), existing_journal::resume);
    journal.restore([](const journal_entry&, const std::string&) {});
    journal.add(line_of(2));
    journal.finish(false);
  }
  CHECK(read_file(path) == line_of(1) + line_of(2));
  CHECK(rows_in(path) == std::vector<std::uint64_t>{1, 2});
  journal_file(path.string(), existing_journal::overwrite);
  CHECK(read_file(path).empty());
  CHECK(rows_in(directory.path() / "new").empty());
}

TEST_CASE("journal file: a torn last line is cut off, wherever it is torn") {
  const testing::temporary_directory directory;
  const std::string whole = line_of(1) + line_of(2);
  const std::string last = line_of(3);
  for (std::size_t size = 0; size < last.size(); ++size) {
    CAPTURE(size);
    const auto path = directory.write("out", whole + last.substr(0, size));
    CHECK(rows_in(path) == std::vector<std::uint64_t>{1, 2});
    CHECK(read_file(path) == whole);
  }
  const auto path = directory.write("out", whole + last);
  CHECK(rows_in(path).size() == 3);
  CHECK(read_file(path) == whole + last);
}

TEST_CASE(
    "journal file: where no line is one of results, that is an error, and nothing is changed") {
  const testing::temporary_directory directory;
  for (const std::string& bad :
       {std::string("a manifest\n"), std::string("x\ny\n"), std::string(9 * 1024 * 1024, 'x')}) {
    const auto path = directory.write("out", bad);
    const auto error = error_of([&] { (void)rows_in(path); });
    CHECK(error.code() == exit_code::usage);
    CHECK(says(error, "line 1: not a line of results"));
    CHECK(read_file(path) == bad);
  }
}

TEST_CASE("journal file: long lines are read whole") {
  const testing::temporary_directory directory;
  journal_entry entry;
  entry.row = 1;
  entry.mismatches = {{"name", std::string(500'000, '\x01'), ""}};
  const auto path = directory.write("out", journal_line(entry, "") + line_of(2));
  CHECK(rows_in(path) == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("journal file: one run at a time") {
  const testing::temporary_directory directory;
  const auto path = (directory.path() / "out").string();
  const journal_file mine(path, existing_journal::resume);
  const auto error = error_of([&] { journal_file(path, existing_journal::resume); });
  CHECK(says(error, "by another run"));
  // Waiting helps.
  CHECK(error.code() == exit_code::unavailable);
}

TEST_CASE("journal file: places that cannot be written, and those that have no end") {
  const testing::temporary_directory directory;
  const auto absent = (directory.path() / "absent" / "out").string();
  const auto error = error_of([&] { journal_file(absent, existing_journal::refuse); });
  CHECK(error.code() == exit_code::usage);
  CHECK(says(error, "nothing was looked up"));
  CHECK(says(error_of([&] { journal_file(directory.path().string(), existing_journal::refuse); }),
             "Is a directory"));
  const auto pipe = (directory.path() / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(says(error_of([&] { journal_file(pipe, existing_journal::resume); }), "it is no file"));
  CHECK(says(error_of([&] { journal_file("-", existing_journal::resume); }), "--results"));
}

TEST_CASE("journal file: a full disk is noticed, and what to do about it said") {
  if (!std::filesystem::exists("/dev/full")) return;
  journal_file journal("/dev/full", existing_journal::refuse);
  journal.add("a\n");
  const auto error = error_of([&] { journal.finish(false); });
  CHECK(error.code() == exit_code::unavailable);
  CHECK(says(error, "No space left"));
}

TEST_CASE("journal file: one without a name leaves nothing behind") {
  journal_file journal;
  journal.add(line_of(5));
  journal.finish(false);
  struct stat about {};
  REQUIRE(::fstat(journal.descriptor(), &about) == 0);
  CHECK(about.st_nlink == 0);
  CHECK(static_cast<std::size_t>(about.st_size) == line_of(5).size());
}

}  // namespace binarly::tools
