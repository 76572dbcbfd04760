// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/tally.hpp"

#include "tools/entry_text.hpp"
#include "tools/text.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace binarly::tools {

namespace {

constexpr std::size_t cause_size = 40;
constexpr std::size_t advice_size = 300;

/// Those of one word together, and of more words than a person reads those of the later ones.
void add_to(std::vector<retry_cause>& into, const retry_cause& more) {
  const auto find = [&into](const std::string& code) {
    return std::find_if(into.begin(), into.end(),
                        [&code](const retry_cause& one) { return one.code == code; });
  };
  std::string code = printable(more.code, cause_size);
  auto place = find(code);
  if (place == into.end() && into.size() >= tally::kinds_kept) {
    code = tally::other;
    place = find(code);
  }
  if (place == into.end()) place = into.insert(place, {std::move(code), 0});
  place->count += more.count;
}

/// One more of a kind; the first few are kept in words.
template <typename Kind>
void add_example(Kind& kind, const journal_entry& row, const std::string& words) {
  ++kind.count;
  if (kind.examples.size() < tally::examples_kept) {
    kind.examples.push_back("row " + std::to_string(row.row) + ": " + words);
  }
}

}  // namespace

void tally::add(const journal_entry& row) {
  ++counts_[static_cast<std::size_t>(row.verdict)];
  attempts_ += row.attempts;
  for (const auto& cause : row.retries)
    add_to(retries_, cause);
  if (row.archived) ++archived_;
  if (!row.notes.empty()) add_example(notes_, row, notes_of(row));
  const bool no_scan = row.failure && row.failure->code == to_string(errc::no_scan);
  if (no_scan || !row.scan.empty()) add_to(scans_, {no_scan ? "none" : row.scan, 1});
  if (row.verdict == verdict::cancelled) return;
  latencies_.add(row.latency);
  latency_shape_.add(row.latency);
  times_.add(row);
  if (row.verdict == verdict::verified) return;
  add_example(group_of(row), row, problem_of(row));
}

problem_group& tally::group_of(const journal_entry& row) {
  problem_group fresh;
  fresh.verdict = row.verdict;
  if (row.verdict == verdict::mismatched) {
    fresh.fields = fields_of(row);
  } else {
    fresh.code = code_of(row);
  }
  fresh.advice = printable(advice_of(row), advice_size);
  const auto find = [this, &fresh] {
    return std::find_if(groups_.begin(), groups_.end(), [&fresh](const problem_group& one) {
      return one.verdict == fresh.verdict && one.code == fresh.code && one.fields == fresh.fields &&
             one.advice == fresh.advice;
    });
  };
  auto place = find();
  if (place != groups_.end()) return *place;
  if (groups_.size() >= kinds_kept) {
    fresh.code = other;
    fresh.fields.clear();
    fresh.advice.clear();
    place = find();
    if (place != groups_.end()) return *place;
  }
  return *groups_.insert(place, std::move(fresh));
}

namespace {

std::vector<retry_cause> by_count(std::vector<retry_cause> out) {
  std::sort(out.begin(), out.end(), [](const retry_cause& left, const retry_cause& right) {
    return std::tie(right.count, left.code) < std::tie(left.count, right.code);
  });
  return out;
}

}  // namespace

std::vector<retry_cause> tally::retries() const { return by_count(retries_); }

std::vector<retry_cause> tally::scans() const { return by_count(scans_); }

std::uint64_t tally::total() const noexcept {
  std::uint64_t sum = 0;
  for (const auto part : counts_)
    sum += part;
  return sum;
}

std::uint64_t tally::problems() const noexcept {
  return total() - count(verdict::verified) - count(verdict::cancelled);
}

exit_code tally::code() const noexcept {
  if (count(verdict::failed) != 0) return exit_code::unavailable;
  return problems() != 0 ? exit_code::problems : exit_code::good;
}

double per_second(std::uint64_t count, std::chrono::nanoseconds time) noexcept {
  return static_cast<double>(count) / std::max(std::chrono::duration<double>(time).count(), 1e-6);
}

}  // namespace binarly::tools
