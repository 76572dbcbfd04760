// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The steps of one verification: the image, its scan where that counts, its checksums.

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
  which->unstated.clear();
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
  const bool was_there = which->outcome.image != nullptr;
  const bool may_appear = verdict_of(why) == verdict::missing && !was_there;
  if (!may_appear || !park(which, which->may_appear)) fail(which, why);
}

void verification_run::judge_image(position which, image& found) {
  auto& outcome = which->outcome;
  const auto& expected = outcome.expectation;
  outcome.image = std::make_shared<const image>(std::move(found));
  outcome.mismatches = compare(expected, *outcome.image);
  if (expected.wait_for_scan.count() == 0) return find_hashes(which);
  if (!which->may_end) {
    const auto now = clock::now();
    which->may_begin = now + std::min(options_.scan_grace, expected.wait_for_scan);
    which->may_end = now + expected.wait_for_scan;
    which->waited = {};
  }
  learn_scan(which);
}

/// Ends in `on_scan`. The service may leave scans out of an image.
void verification_run::learn_scan(position which) {
  const scan* const latest = latest_scan(*which->outcome.image);
  if (latest == nullptr) return list_scans(which);
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
  auto where = latest == nullptr ? standing::none : standing::under_way;
  if (state) {
    switch (state->progress) {
      case scan_progress::done:
        where = standing::done;
        break;
      case scan_progress::failed:
      case scan_progress::cancelled:
        where = standing::ended_badly;
        break;
      case scan_progress::no_scans:
        where = standing::none;
        break;
      default:
        break;
    }
  }
  if (which->no_checksum.code()) return judge_checksum(which, where);
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
      if (park(which, which->may_begin)) return;
      break;
    case standing::under_way:
      if (park(which, which->may_end)) return;
      break;
  }
  // What differs is final already.
  if (!outcome.mismatches.empty()) return conclude(which);
  fail(which, where == standing::none ? no_scan(outcome) : scan_goes_on(outcome));
}

void verification_run::find_hashes(position which) {
  const auto& expected = which->outcome.expectation;
  if (!expected.sha256 && !expected.sha1 && !expected.md5) return conclude(which);
  if (wish_ == wish::stop) return call_off(which, looking_);
  which->began = clock::now();
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
  const failure why = found.error();
  const auto ready = readiness_of(why);
  const bool may_come = ready == readiness::not_yet ||
                        (ready == readiness::in_trouble && waits(which->outcome.expectation));
  if (may_come) return await_checksum(which, why);
  fail_below(which, why);
}

void verification_run::on_report(position which, const image_hashes& found) {
  auto& outcome = which->outcome;
  auto& all = outcome.mismatches;
  for (auto& difference : compare(outcome.expectation, found))
    (difference.found.empty() ? which->unstated : all).push_back(std::move(difference));
  if (which->unstated.empty()) return conclude(which);
  await_checksum(which, unstated(outcome, which->unstated.front().field));
}

/// Looks again while there is time; then the state of the scan tells what the lack means.
void verification_run::await_checksum(position which, failure why) {
  // Absent is before all times.
  if (park(which, std::max(which->may_appear, which->may_end))) return;
  which->no_checksum = std::move(why);
  learn_scan(which);
}

void verification_run::judge_checksum(position which, standing where) {
  auto& outcome = which->outcome;
  auto& all = outcome.mismatches;
  const bool stated_none = !which->unstated.empty();
  if (where == standing::done && stated_none) {
    std::move(which->unstated.begin(), which->unstated.end(), std::back_inserter(all));
  }
  if (!all.empty()) return conclude(which);
  if (where == standing::done) return fail_below(which, which->no_checksum);
  fail(which, no_checksum_yet(outcome, which->no_checksum));
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
