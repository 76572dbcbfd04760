// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The steps of one verification: the image, its scan where that counts, its checksums.

#include "bulk/checksum_findings.hpp"
#include "bulk/not_ready.hpp"
#include "bulk/verification_run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace binarly::bulk {
namespace {

const scan* newest_of(const std::vector<scan>& scans) {
  const auto newest =
      std::max_element(scans.begin(), scans.end(), [](const scan& left, const scan& right) {
        return left.create_time && right.create_time
                   ? left.create_time->time < right.create_time->time
                   : !left.create_time && right.create_time;
      });
  return newest == scans.end() ? nullptr : &*newest;
}

const scan* latest_scan(const image& found) {
  return found.latest_scan ? &*found.latest_scan : newest_of(found.scans);
}

}  // namespace

void verification_run::look(position which) {
  ++which->outcome.looks;
  which->began = clock::now();
  which->no_checksum = failure();
  options_.call.report = which->report;
  auto on_done = [self = shared_from_this(), which](result<image>&& found) {
    self->on_looked(which, found);
  };
  service_->async_get_image(
      which->outcome.expectation.ref, options_.call,
      asio::bind_cancellation_slot(which->signal.slot(),
                                   asio::bind_executor(strand_, std::move(on_done))));
}

void verification_run::on_looked(position which, result<image>& found) {
  add_report(*which, found.has_error());
  which->outcome.limit = which->report->limit;
  if (found) return judge_image(which, *found);
  const failure why = found.error();
  if (verdict_of(why) == verdict::missing) {
    if (park(which, which->may_appear)) return;
    // It may have been there before.
    auto& outcome = which->outcome;
    outcome.image.reset();
    outcome.scan.reset();
    outcome.mismatches.clear();
    outcome.notes.clear();
    which->scan_known = false;
  }
  fail(which, why);
}

void verification_run::judge_image(position which, image& found) {
  auto& outcome = which->outcome;
  const auto& expected = outcome.expectation;
  outcome.image = std::make_shared<const image>(std::move(found));
  outcome.mismatches = compare(expected, *outcome.image);
  const scan* const latest = latest_scan(*outcome.image);
  which->scan_done = latest != nullptr && standing_of(latest->latest_state) == standing::done;
  // What differs is final already, however the scan may end.
  if (expected.wait_for_scan.count() == 0 || !outcome.mismatches.empty()) {
    return find_hashes(which);
  }
  if (!which->may_end) {
    const auto now = clock::now();
    which->may_begin = now + std::min(options_.scan_grace, expected.wait_for_scan);
    which->may_end = now + expected.wait_for_scan;
    which->waited = {};
  }
  learn_scan(which);
}

/// Ends in `on_scan`. The service may leave scans out of an image, or their states.
void verification_run::learn_scan(position which) {
  const scan* const latest = latest_scan(*which->outcome.image);
  if (latest == nullptr || !latest->latest_state) return list_scans(which);
  on_scan(which, latest);
}

void verification_run::list_scans(position which) {
  if (wish_ == wish::stop) return call_off(which, looking_);
  which->began = clock::now();
  options_.call.report = which->report;
  auto on_done = [self = shared_from_this(), which](result<std::vector<scan>>&& found) {
    self->on_scans(which, found);
  };
  service_->async_list_scans(
      which->outcome.expectation.ref, options_.call,
      asio::bind_cancellation_slot(which->signal.slot(),
                                   asio::bind_executor(strand_, std::move(on_done))));
}

void verification_run::on_scans(position which, result<std::vector<scan>>& found) {
  add_report(*which, found.has_error());
  if (!found) return fail_below(which, found.error());
  on_scan(which, newest_of(*found));
}

void verification_run::on_scan(position which, const scan* latest) {
  auto& state = which->outcome.scan;
  which->scan_known = true;
  state.reset();
  if (latest != nullptr) state = latest->latest_state;
  const auto where = latest == nullptr ? standing::none : standing_of(state);
  which->scan_done = where == standing::done;
  if (which->no_checksum.code()) return judge_checksum(which);
  judge_scan(which, where);
}

void verification_run::judge_scan(position which, standing where) {
  auto& outcome = which->outcome;
  switch (where) {
    case standing::done:
      return find_hashes(which);
    case standing::ended_badly:
      if (options_.accept_failed_scans) return find_hashes(which);
      outcome.mismatches.push_back({"scan", "done", outcome.scan->type});
      return conclude(which);
    case standing::none:
      if (!park(which, which->may_begin)) fail(which, no_scan(outcome));
      return;
    case standing::under_way:
      if (!park(which, which->may_end)) fail(which, scan_goes_on(outcome));
      return;
  }
}

void verification_run::find_hashes(position which) {
  const auto& expected = which->outcome.expectation;
  if (!expected.sha256 && !expected.sha1 && !expected.md5) return conclude(which);
  if (wish_ == wish::stop) return call_off(which, looking_);
  which->began = clock::now();
  which->no_checksum = failure();
  options_.call.report = which->report;
  hash_query query;
  query.format = options_.report;
  auto on_done = [self = shared_from_this(), which](result<image_hashes>&& found) {
    self->on_hashes(which, found);
  };
  service_->async_find_hashes(
      expected.ref, std::move(query), options_.call,
      asio::bind_cancellation_slot(which->signal.slot(),
                                   asio::bind_executor(strand_, std::move(on_done))));
}

void verification_run::on_hashes(position which, result<image_hashes>& found) {
  add_report(*which, found.has_error());
  if (found) return on_report(which, *found);
  if (!which->outcome.mismatches.empty()) return conclude(which);
  failure why = found.error();
  const auto ready = readiness_of(why);
  const bool may_come = ready == readiness::not_yet ||
                        (ready == readiness::in_trouble && waits(which->outcome.expectation));
  if (may_come && park_for_checksum(which)) return;
  if (!may_come || which->scan_done) return fail_below(which, why);
  which->no_checksum = std::move(why);
  learn_scan(which);
}

void verification_run::on_report(position which, const image_hashes& found) {
  auto& outcome = which->outcome;
  auto& all = outcome.mismatches;
  auto findings = compare_checksums(outcome.expectation, found);
  const auto add = [&all](std::vector<mismatch>& more) {
    std::move(more.begin(), more.end(), std::back_inserter(all));
  };
  add(findings.differing);
  outcome.notes = std::move(findings.notes);
  // The report of a scan that was done before will not state more.
  if (which->scan_done) add(findings.absent);
  if (!all.empty()) return conclude(which);
  if (!findings.untold.empty()) return fail(which, untold_checksum(outcome));
  if (findings.absent.empty()) return conclude(which);
  which->no_checksum = unstated_checksum(outcome, findings.absent.front().field);
  learn_scan(which);
}

void verification_run::judge_checksum(position which) {
  // The report may be from before the scan's end.
  if (which->scan_done) return find_hashes(which);
  if (park_for_checksum(which)) return;
  fail(which, no_checksum_yet(which->outcome, which->no_checksum));
}

bool verification_run::park_for_checksum(position which) {
  // A scan that ended so makes none.
  const auto& scan = which->outcome.scan;
  if (scan && standing_of(scan) == standing::ended_badly) return false;
  // Absent is before all times.
  return park(which, std::max(which->may_appear, which->may_end));
}

void verification_run::conclude(position which) {
  finish(which, which->outcome.mismatches.empty() ? verdict::verified : verdict::mismatched);
}

void verification_run::add_report(task& which, bool failed) {
  auto& outcome = which.outcome;
  const auto& report = *which.report;
  outcome.latency += clock::now() - which.began;
  if (report.joined) return;
  outcome.attempts += report.attempts;
  summary_.attempts += static_cast<std::uint64_t>(report.attempts);
  summary_.limited += report.limited;
  summary_.bytes += report.bytes;
  // The last one was not made again.
  auto again = report.failed_attempts.size();
  if (failed && again != 0) --again;
  for (std::size_t each = 0; each < again; ++each) {
    ++summary_.retries[report.failed_attempts[each].code];
    outcome.retried.push_back(report.failed_attempts[each]);
  }
}

void verification_run::fail(position which, failure why) {
  const verdict value = verdict_of(why);
  which->outcome.failure = std::move(why);
  finish(which, value);
}

/// For what is asked about an image that was found: it is not the image that is missing.
void verification_run::fail_below(position which, const failure& why) {
  const verdict value = verdict_of(why);
  which->outcome.failure = why;
  finish(which, value == verdict::missing ? verdict::failed : value);
}

}  // namespace binarly::bulk
