// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/attempt_reader.hpp"

#include "domain/printable.hpp"
#include "domain/retry_after.hpp"

#include <string>
#include <utility>

namespace binarly::call {
namespace {

constexpr std::size_t longest_header_text = 256;

errc code_of(unsigned status) noexcept {
  switch (status) {
    case 401:
      return errc::unauthorized;
    case 403:
      return errc::forbidden;
    case 404:
      return errc::not_found;
    case 408:
      return errc::server_error;
    case 429:
      return errc::throttled;
    default:
      break;
  }
  if (status >= 500) return errc::server_error;
  return status >= 400 ? errc::rejected : errc::redirected;
}

std::string shown(std::string_view text, std::string_view secret) {
  return domain::printable(domain::without_secret(text, secret), longest_header_text);
}

}  // namespace

attempt_reader::attempt_reader(decoder_maker make_decoder) : make_decoder_(make_decoder) {}

void attempt_reader::on_head(https::response_head head) {
  head_ = std::move(head);
  if (success()) decoder_ = make_decoder_();
}

void attempt_reader::on_body(std::string_view piece) {
  bytes_ += piece.size();
  if (success()) {
    decoder_->write(piece);
  } else {
    if (!error_) error_ = std::make_unique<domain::error_reader>();
    error_->write(piece);
  }
}

std::optional<failure_detail> attempt_reader::judge(std::string_view secret) {
  failure_detail detail;
  detail.step = phase::decode;
  if (success()) {
    const auto decoded = decoder_->finish();
    if (decoded) return std::nullopt;
    const failure why = decoded.error();
    detail.code = why.detail().code;
    detail.reason = domain::without_secret(why.detail().reason, secret);
    return detail;
  }
  detail.code = code_of(head_.status);
  if (auto envelope = error_ ? error_->finish(secret) : std::nullopt) {
    detail.server_message = std::move(envelope->message);
    detail.details = std::move(envelope->details);
    detail.permission = std::move(envelope->permission);
    detail.resource_name = std::move(envelope->resource_name);
  }
  if (detail.code == errc::redirected && !head_.location.empty()) {
    detail.reason = "to " + shown(head_.location, secret);
  }
  return detail;
}

void attempt_reader::describe(failure_detail& detail, std::chrono::sys_seconds now,
                              std::string_view secret) const {
  detail.http_status = head_.status;
  detail.request_id = shown(head_.request_id, secret);
  detail.retry_after = domain::parse_retry_after(head_.retry_after, head_.date, now);
}

}  // namespace binarly::call
