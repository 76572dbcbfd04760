// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/process.hpp"
#include "tools/exit_code.hpp"
#include "tools/journal/journal_set.hpp"
#include "tools/journal/line.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

std::string line_of(std::uint64_t row, verdict what, std::uint64_t digest = 1) {
  journal_entry entry;
  entry.row = row;
  entry.digest = digest;
  entry.verdict = what;
  entry.attempts = 1;
  return journal_line(entry, "");
}

/// Journals with these contents.
class files {
 public:
  explicit files(const std::vector<std::string>& contents) {
    for (const auto& content : contents) {
      const auto name = std::to_string(members_.size());
      const auto path = directory_.write(name, content).string();
      members_.push_back({::open(path.c_str(), O_RDONLY | O_CLOEXEC), name});
    }
  }
  ~files() {
    for (const auto& each : members_)
      ::close(each.file);
  }
  files(const files&) = delete;
  files& operator=(const files&) = delete;

  [[nodiscard]] const std::vector<journal_set::member>& members() const { return members_; }
  void append(const std::string& name, const std::string& lines) const {
    std::ofstream(directory_.path() / name, std::ios::app) << lines;
  }

 private:
  testing::temporary_directory directory_;
  std::vector<journal_set::member> members_;
};

std::map<std::uint64_t, verdict> rows_of(journal_set& set) {
  std::map<std::uint64_t, verdict> rows;
  set.for_each_row(
      [&](const journal_entry& row) { CHECK(rows.emplace(row.row, row.verdict).second); });
  return rows;
}

std::string error_of(const std::vector<std::string>& contents) {
  const files given(contents);
  try {
    const journal_set set(given.members());
  } catch (const command_error& error) {
    CHECK(error.code() == exit_code::usage);
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("journal set: shards are one, and of each row the last word counts") {
  const files given(
      {line_of(1, verdict::failed) + line_of(3, verdict::verified) +
           line_of(1, verdict::mismatched),
       "",
       line_of(2, verdict::failed) + line_of(4, verdict::failed) + line_of(4, verdict::failed)});
  journal_set set(given.members());
  const std::map<std::uint64_t, verdict> wanted{
      {1, verdict::mismatched}, {2, verdict::failed}, {3, verdict::verified}, {4, verdict::failed}};
  CHECK(rows_of(set) == wanted);
  CHECK(rows_of(set) == wanted);
  CHECK(set.whole().total() == 4);
  CHECK(set.whole().count(verdict::failed) == 2);
  CHECK(set.whole().count(verdict::mismatched) == 1);
  CHECK(set.marks().rows() == 4);
}

TEST_CASE("journal set: a failure that was retried in another file stands behind its success") {
  const files given({line_of(1, verdict::verified), line_of(1, verdict::failed)});
  journal_set set(given.members());
  CHECK(rows_of(set) == std::map<std::uint64_t, verdict>{{1, verdict::verified}});
  CHECK(set.whole().total() == 1);
}

TEST_CASE("journal set: what is written meanwhile belongs to the next reading") {
  const files given(
      {line_of(1, verdict::failed) + line_of(2, verdict::verified) + "{\"row\":", ""});
  journal_set set(given.members());
  given.append("0", "7}\n" + line_of(2, verdict::failed));
  given.append("1", line_of(1, verdict::verified) + line_of(3, verdict::verified));
  CHECK(rows_of(set) ==
        std::map<std::uint64_t, verdict>{{1, verdict::failed}, {2, verdict::verified}});
  CHECK(set.whole().total() == 2);
}

TEST_CASE("journal set: contradictions are refused") {
  const auto once = line_of(5, verdict::verified);
  CHECK(error_of({once, once}).starts_with("1, line 1: row 5 has a final verdict already"));
  CHECK(error_of({once, line_of(5, verdict::failed, 2)})
            .starts_with("1, line 1: row 5 has other contents than before"));
  CHECK(error_of({once, "x\n"}).starts_with("1, line 1: not a line of results"));
  CHECK(error_of({once}) == "none");
}

TEST_CASE("journal set: what cannot be read twice is refused") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  CHECK_THROWS_AS(journal_set({{ends[0], "a pipe"}}), command_error);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace binarly::tools
