// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_TALLY_HPP
#define BINARLY_TOOLS_TALLY_HPP

#include "tools/exit_code.hpp"
#include "tools/journal/entry.hpp"
#include "tools/latency_bins.hpp"
#include "tools/timeline.hpp"

#include <binarly/latency_histogram.hpp>
#include <binarly/verify_images.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

/// Problems of one kind, for which the same is to be done: so many, the first of them in words, and
/// what to do.
struct problem_group {
  binarly::verdict verdict = binarly::verdict::failed;
  /// Its kind: the word of the failure's code, if it has one; `other` for those of this verdict
  /// that came when there were groups enough.
  std::string code;
  std::vector<std::string> fields;  ///< its kind for `mismatched`: what differs, sorted
  std::uint64_t count = 0;
  std::vector<std::string> examples;
  std::string advice;
};

/// Rows with a remark: so many, and the first of them in words.
struct remarks {
  std::uint64_t count = 0;
  std::vector<std::string> examples;
};

/// What a run has come to so far; its memory does not grow with the run.
class tally {
 public:
  static constexpr std::size_t examples_kept = 3;
  /// Kinds that get a group, and causes of retries that get a number; the rest is `other`.
  static constexpr std::size_t kinds_kept = 32;
  static constexpr std::string_view other = "other";

  void add(const journal_entry& row);

  [[nodiscard]] std::uint64_t count(verdict value) const noexcept {
    return counts_[static_cast<std::size_t>(value)];
  }
  [[nodiscard]] std::uint64_t total() const noexcept;
  /// Those that got an answer which was not the hoped-for one, or none at all.
  [[nodiscard]] std::uint64_t problems() const noexcept;
  [[nodiscard]] const latency_histogram& latencies() const noexcept { return latencies_; }
  [[nodiscard]] const latency_bins& latency_shape() const noexcept { return latency_shape_; }
  [[nodiscard]] const timeline& times() const noexcept { return times_; }
  /// Requests made, those of cancelled lookups included.
  [[nodiscard]] std::uint64_t attempts() const noexcept { return attempts_; }
  /// Attempts that failed and were made again, by cause, the most frequent first.
  [[nodiscard]] std::vector<retry_cause> retries() const;
  /// Of the latest scans that were asked for, so many in each state, in the service's words; `none`
  /// for images without one. The most frequent first.
  [[nodiscard]] std::vector<retry_cause> scans() const;
  /// Images that were found, and are archived.
  [[nodiscard]] std::uint64_t archived() const noexcept { return archived_; }
  /// Remarks about checksums, such as that a report states two values and one of them agrees.
  [[nodiscard]] const remarks& notes() const noexcept { return notes_; }
  /// In the order in which they first occurred.
  [[nodiscard]] const std::vector<problem_group>& groups() const noexcept { return groups_; }
  [[nodiscard]] exit_code code() const noexcept;

 private:
  problem_group& group_of(const journal_entry& row);

  std::array<std::uint64_t, verdict_count> counts_{};
  std::uint64_t attempts_ = 0;
  std::vector<retry_cause> retries_;
  std::vector<retry_cause> scans_;
  std::uint64_t archived_ = 0;
  remarks notes_;
  latency_histogram latencies_;
  latency_bins latency_shape_;
  timeline times_;
  std::vector<problem_group> groups_;
};

/// So many in so much time; a microsecond at the least, so that it is always a number.
[[nodiscard]] double per_second(std::uint64_t count, std::chrono::nanoseconds time) noexcept;

}  // namespace binarly::tools

#endif
