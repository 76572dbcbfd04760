// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_OPTIONS_HPP
#define BINARLY_CALL_OPTIONS_HPP

#include <binarly/call_report.hpp>
#include <binarly/retry_policy.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace binarly {

/// What one call may set otherwise than its client did. Absent members leave the client's choice.
/// What cannot be used fails the call with `errc::invalid_argument` before anything is sent.
struct call_options {
  /// The whole call's bound, from its start; positive, at most 24 hours.
  std::optional<std::chrono::milliseconds> deadline;
  /// Whether the deadline covers the time that the call waits for its turns under the client's
  /// limits; absent: yes, and no for the lookups of a bulk run, where others of the same run are
  /// what it waits for. Where it does not, 24 hours from the start are the bound of such a wait,
  /// and those who join each other go by the latest of their deadlines.
  std::optional<bool> deadline_covers_limits;
  std::optional<retry_policy> retry;
  /// Whether the call is under the adaptive limit; absent: as `client_options::concurrency` has it,
  /// and yes for the lookups of a bulk run.
  std::optional<bool> adaptive_limit;
  /// Whether slow attempts are hedged; absent: as `client_options::hedge` has it.
  std::optional<bool> hedge;
  /// For lookups of images: join a lookup of the same image that is in flight, with the same
  /// options but for the deadline, and be joined: all get the one answer, which may have been begun
  /// before some of them asked, and each keeps its own deadline and cancellation. Absent: no, and
  /// yes for the lookups of a bulk run. Those whose retry policy has functions of the caller's own
  /// join none but their own kind, where that is the client's.
  std::optional<bool> join;
  /// For lookups of images: ask the service for the image's counts.
  bool with_counts = false;
  /// Sent with each attempt as `traceparent` (W3C Trace Context, version 00): the identity of the
  /// caller's span. Empty for none.
  std::string traceparent;
  /// Further header fields for each attempt, names and values; at most 64, and 8 KiB in all. A name
  /// is a token (RFC 9110, section 5.6.2); a value holds no control characters but tabs. Those that
  /// the client sets itself are refused (such as `Host`, `Authorization`, `X-Request-Id`), and so
  /// are those that would change what an answer means (such as `Range`, `Accept-Encoding`, `TE`).
  std::vector<std::pair<std::string, std::string>> headers;
  /// Where the call writes down what it went through, right before it completes; null for nowhere.
  /// Until then nobody else may touch it, another call least of all.
  std::shared_ptr<call_report> report;

  call_options() = default;
};

}  // namespace binarly

#endif
