// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/journal/entry_of.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

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
  if (detail.answered_by != responder::none) out.answered_by = to_string(detail.answered_by);
  out.server_message = detail.server_message;
  return out;
}

void count(std::vector<retry_cause>& causes, std::string_view code) {
  const auto found = std::find_if(causes.begin(), causes.end(),
                                  [&](const retry_cause& one) { return one.code == code; });
  if (found != causes.end()) {
    ++found->count;
  } else {
    causes.push_back({std::string(code), 1});
  }
}

}  // namespace

journal_entry entry_of(verification& outcome) {
  const auto& ref = outcome.expectation.ref;
  journal_entry out;
  out.row = outcome.expectation.tag;
  out.product_id = ref.product_id();
  out.image_id = ref.image_id();
  out.verdict = outcome.verdict;
  out.mismatches = std::move(outcome.mismatches);
  out.notes = std::move(outcome.notes);
  if (outcome.scan) out.scan = outcome.scan->type;
  out.archived = outcome.image && outcome.image->is_archived.value_or(false);
  if (outcome.failure.code()) out.failure = failure_of(outcome.failure);
  out.attempts = static_cast<std::uint64_t>(std::max(outcome.attempts, 0));
  for (const auto& attempt : outcome.retried)
    count(out.retries, to_string(attempt.code));
  out.limit = outcome.limit;
  out.at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  out.latency = outcome.latency;
  return out;
}

}  // namespace binarly::tools
