// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// What a journal's file may have come to, and what is left of it.

#include "support/process.hpp"
#include "tools/exit_code.hpp"
#include "tools/journal/damage.hpp"
#include "tools/journal/journal_file.hpp"
#include "tools/journal/journal_set.hpp"
#include "tools/journal/line.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace binarly::tools {

namespace {

using rows = std::vector<std::uint64_t>;
using testing::read_file;
using testing::temporary_directory;

std::string line_of(std::uint64_t row) {
  journal_entry entry;
  entry.row = row;
  entry.product_id = "p{\\\"row\\\":1}";
  entry.verdict = verdict::verified;
  return journal_line(entry, "");
}

/// Without its line feed.
std::string text_of(std::uint64_t row) {
  auto line = line_of(row);
  line.pop_back();
  return line;
}

struct restored {
  rows found;
  std::uint64_t damaged = 0;
  std::vector<std::string> told;
};

restored restore(const std::filesystem::path& path) {
  restored out;
  journal_file journal(path.string(), existing_journal::resume);
  journal.restore(
      [&](const journal_entry& entry, const std::string&) { out.found.push_back(entry.row); });
  out.damaged = journal.damage().count();
  out.told = journal.damage().shown();
  return out;
}

struct damage {
  std::string what;
  std::string text;   ///< the journal's
  rows left;          ///< rows that it still has
  std::string aside;  ///< what is set aside
  std::string why;    ///< what is told of the first
};

const std::string nuls(5000, '\0');
const std::string torn = text_of(7).substr(0, 40);
const std::string other_version = R"({"row":7,"digest":"0000000000000001","verdict":"new"})";

std::vector<damage> damages() {
  const auto long_line = std::string(9 * 1024 * 1024, 'x');
  return {
      {"garbage",
       line_of(1) + "x\n" + line_of(2),
       {1, 2},
       "x\n",
       "line 2: not a line of results: "},
      {"a torn line that was not the last",
       line_of(1) + torn + '\n' + line_of(2),
       {1, 2},
       torn + '\n',
       "line 2: not a line of results: it is not JSON"},
      {"a torn line that is joined with the next",
       line_of(1) + torn + line_of(2) + line_of(3),
       {1, 2, 3},
       torn + '\n',
       "line 2: "},
      {"two lines that have lost what was between them",
       line_of(1) + text_of(2) + line_of(3),
       {1, 2, 3},
       "",
       ""},
      {"NUL bytes behind a line",
       line_of(1) + text_of(2) + nuls + '\n' + line_of(3),
       {1, 2, 3},
       nuls + '\n',
       "line 2: not a line of results: NUL bytes"},
      {"NUL bytes before a line", line_of(1) + nuls + line_of(2), {1, 2}, nuls + '\n', "line 2: "},
      {"NUL bytes within a line",
       line_of(1) + torn + nuls + '\n' + line_of(2),
       {1, 2},
       torn + nuls + '\n',
       "line 2: "},
      {"another version's line",
       line_of(1) + other_version + '\n' + line_of(2),
       {1, 2},
       other_version + '\n',
       "line 2: not a line of results: it has no product_id"},
      {"a line that is too long",
       line_of(1) + long_line + '\n' + line_of(2),
       {1, 2},
       long_line + '\n',
       "line 2: not a line of results: it is longer than 8 MiB"},
      {"a tail that is too long", line_of(1) + long_line, {1}, long_line + '\n', "line 2: "},
      {"a tail that was never a line", line_of(1) + "<html>", {1}, "<html>\n", "line 2: "},
      {"a byte order mark",
       "\xef\xbb\xbf" + line_of(1) + line_of(2),
       {1, 2},
       "\xef\xbb\xbf\n",
       "line 1: "},
      {"several", "x\n" + line_of(1) + "y\n", {1}, "x\ny\n", "line 1: "},
  };
}

}  // namespace

TEST_CASE("journal damage: what is damaged is set aside, and nothing else is lost") {
  for (const auto& [what, text, left, aside, why] : damages()) {
    CAPTURE(what);
    const temporary_directory directory;
    const auto path = directory.write("out", text);
    const auto first = restore(path);
    CHECK(first.found == left);
    CHECK((first.damaged == 0) == aside.empty());
    if (!aside.empty()) {
      REQUIRE_FALSE(first.told.empty());
      CAPTURE(first.told.front());
      CHECK(first.told.front().find(why) != std::string::npos);
      CHECK(read_file(directory.path() / "out.damaged") == aside);
    }
    // From now on nobody hears of it, and the file is what other programs read, too.
    const auto again = restore(path);
    CHECK(again.found == left);
    CHECK(again.damaged == 0);
    CHECK(std::filesystem::exists(directory.path() / "out.damaged") == !aside.empty());
    CHECK(read_file(path).find('\0') == std::string::npos);
    CHECK(read_file(path).ends_with('\n'));
    // What is written behind it is read.
    {
      journal_file journal(path.string(), existing_journal::resume);
      journal.restore([](const journal_entry&, const std::string&) {});
      journal.add(line_of(9));
      journal.finish(true);
    }
    auto more = left;
    more.push_back(9);
    CHECK(restore(path).found == more);
  }
}

TEST_CASE("journal damage: wherever a line is torn, those around it are read") {
  const temporary_directory directory;
  const auto lost = text_of(7);
  for (std::size_t size = 1; size < lost.size(); ++size) {
    CAPTURE(size);
    for (const auto* const feed : {"", "\n"}) {
      const auto piece = lost.substr(0, size);
      const auto path = directory.write("out", line_of(1) + piece + feed + line_of(2));
      std::filesystem::remove(directory.path() / "out.damaged");
      CHECK(restore(path).found == rows{1, 2});
      CHECK(read_file(directory.path() / "out.damaged") == piece + '\n');
      CHECK(read_file(path) == line_of(1) + std::string(size, ' ') + feed + line_of(2));
    }
  }
}

TEST_CASE("journal damage: a reader tells it, and changes nothing") {
  for (const auto& [what, text, left, aside, why] : damages()) {
    CAPTURE(what);
    const temporary_directory directory;
    const auto path = directory.write("out", text);
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    journal_set set({{file, "out"}});
    CHECK((set.damage().count() == 0) == aside.empty());
    for (int times = 0; times < 2; ++times) {
      rows found;
      set.for_each_row([&](const journal_entry& row) { found.push_back(row.row); });
      CHECK(found == left);
    }
    CHECK(set.whole().total() == left.size());
    ::close(file);
    CHECK(read_file(path) == text);
    CHECK_FALSE(std::filesystem::exists(directory.path() / "out.damaged"));
  }
}

TEST_CASE("journal damage: what was set aside before stays, and a torn line there, too") {
  const temporary_directory directory;
  directory.write("out.damaged", "older\ntorn");
  const auto path = directory.write("out", line_of(1) + "x\n");
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  CHECK(restore(path).damaged == 1);
  CHECK(read_file(directory.path() / "out.damaged") == "older\ntorn\nx\n");
  std::filesystem::remove(directory.path() / "out.damaged");
  const auto more = directory.write("out", line_of(1) + "y\n");
  CHECK(restore(more).damaged == 1);
  struct stat about {};
  REQUIRE(::stat((directory.path() / "out.damaged").c_str(), &about) == 0);
  CHECK((about.st_mode & 0037U) == 0);
}

TEST_CASE("journal damage: where it cannot be set aside, nothing is changed") {
  const temporary_directory directory;
  const std::string text = line_of(1) + "x\n" + line_of(2) + "{\"row\"";
  const auto path = directory.write("out", text);
  const auto aside = directory.path() / "out.damaged";
  const auto refused = [&] {
    try {
      (void)restore(path);
    } catch (const command_error& error) {
      CHECK(error.code() == exit_code::usage);
      return std::string(error.what());
    }
    return std::string();
  };
  std::filesystem::create_directory(aside);
  CHECK(refused().find("cannot be set aside in") != std::string::npos);
  CHECK(read_file(path) == text);
  std::filesystem::remove(aside);
  std::filesystem::create_symlink("/dev/full", aside);
  CHECK(refused().find("cannot be set aside in") != std::string::npos);
  CHECK(read_file(path) == text);
}

TEST_CASE("journal damage: a kill between the steps loses nothing") {
  const temporary_directory directory;
  const std::string text = line_of(1) + "xyz\n" + line_of(2) + torn;
  const auto path = directory.write("out", text);
  const auto aside = directory.path() / "out.damaged";
  // Set aside in part; then wholly, and not yet blanked; then blanked in part.
  for (const auto& [before, journal] : {std::pair<std::string, std::string>{"x", text},
                                        {"xyz\n", text},
                                        {"xyz\n", line_of(1) + "  z\n" + line_of(2) + torn},
                                        {"xyz\n", line_of(1) + "   \n" + line_of(2) + torn}}) {
    directory.write("out.damaged", before);
    directory.write("out", journal);
    CHECK(restore(path).found == rows{1, 2});
    CHECK(read_file(path) == line_of(1) + "   \n" + line_of(2));
    CHECK(read_file(aside).starts_with(before));
    CHECK(read_file(aside).find("xyz\n") != std::string::npos);
  }
}

TEST_CASE("journal damage: what is no journal at all is refused, and not touched") {
  const temporary_directory directory;
  for (const std::string& text : {std::string("a manifest\n"), std::string("a manifest"),
                                  std::string(9 * 1024 * 1024, 'x'), nuls + "x\n", nuls + '\n'}) {
    const auto path = directory.write("out", text);
    CHECK_THROWS_AS((void)restore(path), command_error);
    CHECK(read_file(path) == text);
    CHECK_FALSE(std::filesystem::exists(directory.path() / "out.damaged"));
  }
  std::string many = line_of(1);
  for (int line = 0; line <= 100'000; ++line)
    many += "x\n";
  const auto path = directory.write("out", many);
  CHECK_THROWS_AS((void)restore(path), command_error);
  CHECK(read_file(path) == many);
}

TEST_CASE("journal damage: what a power cut leaves at the end is cut off") {
  const temporary_directory directory;
  for (const std::string& tail : {nuls, torn + nuls, nuls + torn, std::string("{")}) {
    const auto path = directory.write("out", line_of(1) + tail);
    CHECK(restore(path).damaged == 0);
    CHECK(read_file(path) == line_of(1));
  }
}

TEST_CASE("journal damage: all is counted, and the first few are shown") {
  damage_log log;
  CHECK(log.told("gone").empty());
  log.add({"out, line 1", "why", {}});
  CHECK(log.told("gone") ==
        std::vector<std::string>{"out, line 1: not a line of results: why", "1 damaged line gone"});
  for (int each = 0; each < 1999; ++each)
    log.add({"out, line 2", "why", {}});
  CHECK(log.told("gone").size() == damage_log::most_shown + 1);
  CHECK(log.told("gone").back() == "2,000 damaged lines gone");
}

}  // namespace binarly::tools
