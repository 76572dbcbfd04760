// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/row_marks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace binarly::tools {

namespace {

using state = row_marks::state;
using trouble = row_marks::trouble;

journal_entry entry_of(std::uint64_t row, verdict what, std::uint64_t digest = 1) {
  journal_entry entry;
  entry.row = row;
  entry.verdict = what;
  entry.digest = digest;
  return entry;
}

/// For each of the lines whether it is its row's last word.
std::vector<bool> last_words(row_marks& marks, const std::vector<journal_entry>& lines) {
  std::vector<bool> out;
  for (const auto& line : lines)
    out.push_back(marks.is_last(line));
  return out;
}

}  // namespace

TEST_CASE("row marks: what is final and what is not") {
  row_marks marks;
  CHECK(marks.state_of(1) == state::absent);
  std::uint64_t row = 0;
  for (const auto what : {verdict::verified, verdict::mismatched, verdict::missing,
                          verdict::forbidden, verdict::failed, verdict::cancelled}) {
    CHECK(marks.add(entry_of(++row, what)) == trouble::none);
    CHECK(marks.state_of(row) == (row <= 4 ? state::final : state::unfinished));
  }
  CHECK(marks.rows() == 6);
  CHECK(marks.last_row() == 6);
  CHECK(!marks.repeated());
  CHECK(marks.state_of(7) == state::absent);
  CHECK(marks.state_of(std::uint64_t{1} << 48U) == state::absent);
}

TEST_CASE("row marks: digests tell rows of another manifest") {
  row_marks marks;
  std::mt19937_64 random(7);
  for (std::uint64_t row = 1; row <= 1000; ++row) {
    const auto digest = random();
    CHECK(marks.add(entry_of(row, row % 2 == 0 ? verdict::verified : verdict::failed, digest)) ==
          trouble::none);
    CHECK(marks.agrees(row, digest));
    CHECK(!marks.agrees(row, digest + 1));
    CHECK(marks.add(entry_of(row, verdict::failed, digest + 1)) == trouble::another);
  }
  row_marks zero;
  CHECK(zero.add(entry_of(1, verdict::failed, 0)) == trouble::none);
  CHECK(zero.add(entry_of(2, verdict::verified, 0)) == trouble::none);
  CHECK(zero.state_of(1) == state::unfinished);
  CHECK(zero.state_of(2) == state::final);
  CHECK(zero.agrees(1, 0));
  CHECK(zero.agrees(2, 0));
}

TEST_CASE("row marks: a row that could not be used may be corrected") {
  row_marks marks;
  auto bad = entry_of(1, verdict::failed, 1);
  bad.failure.emplace().code = "invalid_argument";
  CHECK(marks.add(bad) == trouble::none);
  CHECK(marks.agrees(1, 7));
  CHECK(marks.add(entry_of(1, verdict::failed, 7)) == trouble::none);
  CHECK(!marks.agrees(1, 1));
  CHECK(marks.add(entry_of(1, verdict::verified, 7)) == trouble::none);
  CHECK(marks.add(entry_of(1, verdict::failed, 8)) == trouble::another);
  row_marks twice;
  CHECK(twice.add(bad) == trouble::none);
  bad.digest = 2;
  CHECK(twice.add(bad) == trouble::none);
  CHECK(last_words(twice, {bad, bad}) == std::vector<bool>{false, true});
  CHECK(last_words(twice, {bad, bad}) == std::vector<bool>{false, true});
}

TEST_CASE("row marks: one final verdict for each row") {
  row_marks marks;
  CHECK(marks.add(entry_of(1, verdict::failed)) == trouble::none);
  CHECK(marks.add(entry_of(1, verdict::cancelled)) == trouble::none);
  CHECK(marks.add(entry_of(1, verdict::missing)) == trouble::none);
  CHECK(marks.repeated());
  CHECK(marks.add(entry_of(1, verdict::verified)) == trouble::twice);
  CHECK(marks.state_of(1) == state::final);
  CHECK(marks.rows() == 1);
}

TEST_CASE("row marks: the last word of each row, as often as the lines are read") {
  const std::vector<journal_entry> lines{
      entry_of(1, verdict::failed),   entry_of(2, verdict::failed),
      entry_of(1, verdict::failed),   entry_of(300, verdict::failed),
      entry_of(2, verdict::missing),  entry_of(1, verdict::cancelled),
      entry_of(3, verdict::verified), entry_of(2, verdict::failed)};
  row_marks marks;
  for (const auto& line : lines)
    CHECK(marks.add(line) == trouble::none);
  for (int pass = 0; pass < 3; ++pass) {
    CHECK(last_words(marks, lines) ==
          std::vector<bool>{false, false, false, true, true, true, true, false});
  }
}

TEST_CASE("row marks: however many lines a row has, one of them is the last") {
  for (const std::size_t count : {1U, 2U, 254U, 255U, 256U, 300U, 509U, 510U, 600U}) {
    CAPTURE(count);
    const std::vector<journal_entry> lines(count, entry_of(1, verdict::failed));
    row_marks marks;
    for (const auto& line : lines)
      CHECK(marks.add(line) == trouble::none);
    for (int pass = 0; pass < 2; ++pass) {
      const auto last = last_words(marks, lines);
      CHECK(std::count(last.begin(), last.end(), true) == 1);
      CHECK(last.back());
    }
  }
}

TEST_CASE("row marks: a bad line is no contradiction, whichever comes first") {
  row_marks marks;
  auto bad = entry_of(1, verdict::failed, 1);
  bad.failure.emplace().code = "invalid_argument";
  CHECK(marks.add(entry_of(1, verdict::verified, 7)) == trouble::none);
  CHECK(marks.add(bad) == trouble::none);
  CHECK(marks.agrees(1, 7));
  CHECK(!marks.may_be_corrected(1));
  CHECK(!marks.is_last(bad));
}

TEST_CASE("row marks: a row that is looked up again ends with its last line of that kind") {
  const auto again = [](std::uint64_t row, verdict what) {
    auto entry = entry_of(row, what, 0x1234567890abcdefU);
    entry.again = true;
    return entry;
  };
  const auto first = [](std::uint64_t row, verdict what) {
    return entry_of(row, what, 0x1234567890abcdefU);
  };
  const std::vector<journal_entry> lines{
      first(1, verdict::failed),  first(1, verdict::missing),  first(2, verdict::mismatched),
      again(1, verdict::failed),  again(1, verdict::verified), again(2, verdict::cancelled),
      first(3, verdict::verified)};
  row_marks marks;
  for (const auto& line : lines)
    CHECK(marks.add(line) == trouble::none);
  CHECK(marks.reopened());
  CHECK(marks.state_of(1) == state::final);
  CHECK(marks.state_of(2) == state::unfinished);
  CHECK(marks.is_reopened(2));
  CHECK_FALSE(marks.is_reopened(3));
  CHECK(marks.agrees(1, 0x1234567890abcdefU));
  CHECK_FALSE(marks.agrees(1, 0x1234567890abcde0U));
  CHECK(last_words(marks, lines) ==
        std::vector<bool>{false, false, false, false, true, true, true});
  // Once more, and after a further run.
  CHECK(last_words(marks, lines) ==
        std::vector<bool>{false, false, false, false, true, true, true});
  CHECK(marks.add(first(3, verdict::verified)) == trouble::twice);

  marks.reopen(1);
  CHECK(marks.state_of(1) == state::unfinished);
  CHECK(marks.agrees(1, 0x42));
  CHECK(marks.add(again(1, verdict::missing)) == trouble::none);
  CHECK(marks.state_of(1) == state::final);
  auto more = lines;
  more.push_back(again(1, verdict::missing));
  CHECK(last_words(marks, more) ==
        std::vector<bool>{false, false, false, false, false, true, true, true});
}

TEST_CASE(
    "row marks: a row that is looked up again, and cannot be used, is there to be corrected") {
  row_marks marks;
  auto again = entry_of(1, verdict::mismatched);
  again.again = true;
  auto bad = entry_of(1, verdict::failed, 2);
  bad.again = true;
  bad.failure.emplace().code = "invalid_argument";
  const std::vector<journal_entry> lines{entry_of(1, verdict::mismatched), again, bad};
  for (const auto& line : lines)
    CHECK(marks.add(line) == trouble::none);
  CHECK(marks.state_of(1) == state::unfinished);
  CHECK(marks.may_be_corrected(1));
  CHECK(last_words(marks, lines) == std::vector<bool>{false, false, true});
}

TEST_CASE("row marks: of many lines of a row that is looked up again, the last one counts") {
  row_marks marks;
  std::vector<journal_entry> lines{entry_of(1, verdict::missing)};
  for (int each = 0; each < 600; ++each) {
    lines.push_back(entry_of(1, verdict::failed));
    lines.back().again = true;
  }
  for (const auto& line : lines)
    CHECK(marks.add(line) == trouble::none);
  const auto last = last_words(marks, lines);
  CHECK(std::count(last.begin(), last.end(), true) == 1);
  CHECK(last.back());
}

}  // namespace binarly::tools
