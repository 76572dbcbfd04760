// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/entry_of.hpp"

#include <algorithm>

namespace binarly::tools {

namespace {

journal_failure failure_of(const failure& why) {
  const failure_detail& detail = why.detail();
  journal_failure out;
  out.code = to_string(detail.code);
  out.step = to_string(detail.step);
  out.http_status = detail.http_status;
  out.message = why.message();
  out.advice = why.advice();
  out.request_id = detail.request_id;
  return out;
}

}  // namespace

journal_entry entry_of(const verification& outcome) {
  const auto& ref = outcome.expectation.ref;
  journal_entry out;
  out.row = outcome.expectation.tag;
  out.product_id = ref.product_id();
  out.image_id = ref.image_id();
  out.verdict = outcome.verdict;
  out.mismatches = outcome.mismatches;
  if (outcome.failure.code()) out.failure = failure_of(outcome.failure);
  out.attempts = static_cast<std::uint64_t>(std::max(outcome.failure.detail().attempts, 0));
  // An image that came took one attempt at the least; a verification does not say how many.
  if (outcome.image) out.attempts = 1;
  out.at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  out.latency = outcome.latency;
  return out;
}

}  // namespace binarly::tools
