// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "bulk/not_ready.hpp"

#include <binarly/operation_kind.hpp>

#include <string>
#include <utility>

namespace binarly::bulk {
namespace {

failure_detail about(const verification& which, errc code, operation_kind what) {
  failure_detail detail;
  detail.code = code;
  detail.step = phase::decode;
  detail.operation = to_string(what);
  detail.resource = which.expectation.ref.path();
  detail.answered_by = responder::platform;
  return detail;
}

/// What is known of the latest scan, after "its latest scan is".
std::string scan_state_in_words(const std::optional<scan_state>& state) {
  if (!state) return "in no state";
  switch (state->progress) {
    case scan_progress::pending:
    case scan_progress::running:
      return "still " + std::string(to_string(state->progress));
    case scan_progress::unknown:
    case scan_progress::unavailable:
      return "in a state that is not known";
    default:
      return std::string(to_string(state->progress));
  }
}

std::string in_seconds(std::chrono::milliseconds span) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(span);
  if (whole == span) return std::to_string(whole.count()) + " s";
  return std::to_string(span.count()) + " ms";
}

}  // namespace

standing standing_of(const std::optional<scan_state>& state) noexcept {
  if (!state) return standing::under_way;
  switch (state->progress) {
    case scan_progress::done:
      return standing::done;
    case scan_progress::failed:
    case scan_progress::cancelled:
      return standing::ended_badly;
    case scan_progress::no_scans:
      return standing::none;
    default:
      return standing::under_way;
  }
}

readiness readiness_of(const failure& why) noexcept {
  const auto& detail = why.detail();
  if (detail.step == phase::token) return readiness::other;
  if (detail.code == errc::server_error) return readiness::in_trouble;
  switch (detail.http_status) {
    case 202:
    case 204:
    case 400:
    case 409:
    case 422:
      return readiness::not_yet;
    case 404:
      return detail.code == errc::not_found ? readiness::not_yet : readiness::other;
    default:
      return readiness::other;
  }
}

failure no_scan(const verification& which) {
  return failure(about(which, errc::no_scan, operation_kind::list_scans));
}

failure scan_goes_on(const verification& which) {
  auto detail = about(which, errc::not_ready, operation_kind::list_scans);
  detail.reason = "its latest scan is " + scan_state_in_words(which.scan) +
                  ", and the time to wait for it is " + in_seconds(which.expectation.wait_for_scan);
  return failure(std::move(detail));
}

failure unstated_checksum(const verification& which, std::string_view field) {
  auto detail = about(which, errc::not_ready, operation_kind::find_hashes);
  detail.reason = "the report does not state the image's " + std::string(field);
  return failure(std::move(detail));
}

failure untold_checksum(const verification& which) {
  auto detail = about(which, errc::bad_response, operation_kind::find_hashes);
  for (const auto& note : which.notes)
    detail.reason += (detail.reason.empty() ? "" : "; ") + note;
  return failure(std::move(detail));
}

failure no_checksum_yet(const verification& which, const failure& why) {
  failure_detail detail = why.detail();
  detail.code = which.scan ? errc::not_ready : errc::no_scan;
  std::string reason = "no checksum yet";
  if (which.scan) reason += ": its latest scan is " + scan_state_in_words(which.scan);
  if (!detail.reason.empty()) reason += "; " + detail.reason;
  detail.reason = std::move(reason);
  return failure(std::move(detail));
}

}  // namespace binarly::bulk
