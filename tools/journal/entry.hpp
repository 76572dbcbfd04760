// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_JOURNAL_ENTRY_HPP
#define BINARLY_TOOLS_JOURNAL_ENTRY_HPP

#include <binarly/verify_images.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace binarly::tools {

/// Why an upload has no verdict, or a bad one, as the journal keeps it.
struct journal_failure {
  std::string code;  ///< the word of the `errc`, such as `not_found`
  std::string step;  ///< the word of the `phase`
  unsigned http_status = 0;
  std::string message;  ///< the whole line, advice included
  std::string advice;
  std::string request_id;
  std::string answered_by;     ///< the word of the `responder`; empty for nobody, or not known
  std::string server_message;  ///< what the answer said

  friend bool operator==(const journal_failure&, const journal_failure&) = default;
};

/// Attempts that failed of one cause and were made again.
struct retry_cause {
  std::string code;  ///< the word of the `errc`
  std::uint64_t count = 0;

  friend bool operator==(const retry_cause&, const retry_cause&) = default;
};

/// What became of one row of a manifest: a line of the journal.
struct journal_entry {
  std::uint64_t row = 0;     ///< its number, from 1
  std::uint64_t digest = 0;  ///< of its contents, so that another manifest's row is told apart
  std::string product_id;
  std::string image_id;
  binarly::verdict verdict = binarly::verdict::failed;
  std::vector<mismatch> mismatches;
  std::string scan;  ///< the latest scan's state, where it was asked for
  bool archived = false;
  std::vector<std::string> notes;  ///< remarks about checksums
  /// The row had a final verdict, and was looked up again: this line takes its place.
  bool again = false;
  std::optional<journal_failure> failure;
  std::uint64_t attempts = 0;
  std::vector<retry_cause> retries;
  std::size_t limit = 0;  ///< the adaptive limit when it finished; 0 for unknown
  std::chrono::sys_time<std::chrono::milliseconds> at{};  ///< when it finished
  std::chrono::nanoseconds latency{};
};

}  // namespace binarly::tools

#endif
