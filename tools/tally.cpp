// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/tally.hpp"

#include "tools/text.hpp"

#include <algorithm>
#include <string_view>

namespace binarly::tools {

namespace {

constexpr std::size_t quoted_size = 60;
constexpr std::size_t line_size = 600;

std::string in_words(const verification& outcome) {
  std::string line = "row " + std::to_string(outcome.expectation.tag) + ": ";
  if (outcome.verdict != verdict::mismatched) {
    const auto& detail = outcome.failure.detail();
    if (detail.resource.empty()) line += outcome.expectation.ref.path() + ": ";
    line += outcome.failure.message();
    // The advice is the same for the whole group, and given once.
    const std::string tail = "; " + outcome.failure.advice();
    if (tail.size() > 2 && line.ends_with(tail)) line.resize(line.size() - tail.size());
    return printable(line, line_size);
  }
  line += outcome.expectation.ref.path();
  std::string_view mark = ": ";
  for (const auto& one : outcome.mismatches) {
    line += mark;
    line += one.field + " is \"" + printable(one.found, quoted_size) + "\", expected \"" +
            printable(one.expected, quoted_size) + '"';
    mark = ", ";
  }
  return line;
}

std::string advice(const verification& outcome) {
  if (outcome.verdict == verdict::mismatched) {
    return "correct the manifest, or upload the image that was meant";
  }
  return outcome.failure.advice();
}

}  // namespace

void tally::add(const verification& outcome) {
  ++counts_[static_cast<std::size_t>(outcome.verdict)];
  if (outcome.verdict == verdict::cancelled) return;
  latencies_.add(outcome.latency);
  if (outcome.verdict == verdict::verified) return;
  const error_code code = outcome.failure.code();
  auto group = std::find_if(groups_.begin(), groups_.end(), [&](const problem_group& one) {
    return one.verdict == outcome.verdict && one.code == code;
  });
  if (group == groups_.end()) {
    problem_group fresh;
    fresh.verdict = outcome.verdict;
    fresh.code = code;
    fresh.advice = advice(outcome);
    group = groups_.insert(groups_.end(), std::move(fresh));
  }
  ++group->count;
  if (group->examples.size() < examples_kept) group->examples.push_back(in_words(outcome));
}

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

}  // namespace binarly::tools
