// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/row_marks.hpp"

#include <algorithm>

namespace binarly::tools {

namespace {

// A final row has the top bit and 31 bits of its digest. Another one has 12 bits of its digest, or
// the next bit, for any; whether it was reopened, and is final all the same; and below them the
// number of its lines, since it was reopened if it was, and how many of these have been read again.
// Zero is a row without any.
constexpr std::uint32_t final_bit = 0x80000000U;
constexpr std::uint32_t any_bit = 0x40000000U;
constexpr std::uint32_t reopened_bit = 0x20000000U;
constexpr std::uint32_t settled_bit = 0x10000000U;
constexpr std::uint32_t digest_bits = 0x0fff0000U;
constexpr std::uint32_t line_bits = 8;
constexpr std::uint32_t most_lines = 0xffU;

constexpr std::uint32_t final_mark(std::uint64_t digest) {
  return final_bit | static_cast<std::uint32_t>(digest & 0x7fffffffU);
}
constexpr std::uint32_t unfinished_mark(std::uint64_t digest, std::uint32_t lines) {
  return (static_cast<std::uint32_t>(digest << (2 * line_bits)) & digest_bits) | lines << line_bits;
}
constexpr std::uint32_t lines_of(std::uint32_t mark) { return mark >> line_bits & most_lines; }
/// Its one final line is its last word.
constexpr bool is_final_mark(std::uint32_t mark) { return (mark & final_bit) != 0; }
constexpr bool is_reopened_mark(std::uint32_t mark) {
  return !is_final_mark(mark) && (mark & reopened_bit) != 0;
}
constexpr bool is_settled_mark(std::uint32_t mark) {
  return is_final_mark(mark) || (mark & settled_bit) != 0;
}
constexpr bool same(std::uint32_t mark, std::uint64_t digest) {
  if (is_final_mark(mark)) return mark == final_mark(digest);
  return (mark & any_bit) != 0 || (mark & digest_bits) == unfinished_mark(digest, 0);
}

/// A row that could not be used may have been corrected since.
bool was_bad(const journal_entry& entry) {
  return !is_final(entry.verdict) && entry.failure &&
         entry.failure->code == to_string(errc::invalid_argument);
}

}  // namespace

row_marks::mark row_marks::find(std::uint64_t row) const noexcept {
  const auto found = pages_.find(row / page_size);
  return found == pages_.end() ? 0 : (*found->second)[row % page_size];
}

row_marks::mark& row_marks::at(std::uint64_t row) {
  auto& found = pages_[row / page_size];
  if (!found) found = std::make_unique<page>();
  return (*found)[row % page_size];
}

row_marks::trouble row_marks::add(const journal_entry& entry) {
  mark& known = at(entry.row);
  const bool final = is_final(entry.verdict);
  if (known == 0) {
    ++rows_;
    last_row_ = std::max(last_row_, entry.row);
  } else {
    // An expectation may have been mended before the row was looked up again.
    const bool mended = was_bad(entry) || entry.again;
    if (!same(known, entry.digest) && !mended) return trouble::another;
    repeated_ = true;
    // What was wrong with a row may have been corrected since, whichever of its lines comes first.
    if (was_bad(entry) && !entry.again && is_settled_mark(known)) return trouble::none;
    if (is_final_mark(known) && !entry.again) return final ? trouble::twice : trouble::none;
  }
  if (entry.again) {
    if (!is_reopened_mark(known)) reopen(entry.row);
    count_line(known, entry);
    if (final) known |= settled_bit;
  } else if (is_reopened_mark(known)) {
    return trouble::none;
  } else if (final) {
    known = final_mark(entry.digest);
  } else {
    count_line(known, entry);
  }
  return trouble::none;
}

void row_marks::reopen(std::uint64_t row) {
  reopened_ = true;
  mark& known = at(row);
  // The low bits of a final mark are those of its digest.
  const mark digest = is_final_mark(known) ? unfinished_mark(known, 0) : known & digest_bits;
  const mark lines = is_reopened_mark(known) ? known & (most_lines << line_bits) : 0;
  known = digest | lines | reopened_bit | any_bit;
}

bool row_marks::is_reopened(std::uint64_t row) const noexcept {
  return is_reopened_mark(find(row));
}

void row_marks::count_line(mark& known, const journal_entry& entry) {
  const auto lines = std::min(lines_of(known) + 1, most_lines);
  if (lines == most_lines) ++many_[entry.row].beyond;
  known = unfinished_mark(entry.digest, lines) | (known & reopened_bit);
  if (was_bad(entry)) known |= any_bit;
}

row_marks::state row_marks::state_of(std::uint64_t row) const noexcept {
  const mark known = find(row);
  if (known == 0) return state::absent;
  return is_settled_mark(known) ? state::final : state::unfinished;
}

bool row_marks::agrees(std::uint64_t row, std::uint64_t digest) const noexcept {
  return same(find(row), digest);
}

bool row_marks::may_be_corrected(std::uint64_t row) const noexcept {
  const mark known = find(row);
  return !is_settled_mark(known) && (known & any_bit) != 0;
}

bool row_marks::is_last(const journal_entry& entry) {
  mark& known = at(entry.row);
  if (is_final_mark(known)) return is_final(entry.verdict);
  // Those from before it was reopened were not counted.
  if (is_reopened_mark(known) && !entry.again) return false;
  if (lines_of(known) == most_lines) {
    auto& count = many_[entry.row];
    // The first of those beyond is the 255th.
    const bool last = ++count.seen == count.beyond + most_lines - 1;
    if (last) count.seen = 0;
    return last;
  }
  const auto seen = (known & most_lines) + 1;
  const bool last = seen == lines_of(known);
  known = (known & ~most_lines) | (last ? 0 : seen);
  return last;
}

}  // namespace binarly::tools
