// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/attempt_reader.hpp"

#include "domain/error_reader.hpp"
#include "domain/gunzip.hpp"
#include "domain/printable.hpp"
#include "domain/retry_after.hpp"
#include "domain/shown_location.hpp"

#include <string>
#include <utility>

namespace binarly::call {
namespace {

constexpr std::size_t longest_header_text = 256;
constexpr std::size_t most_made = 1024 * 1024;

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

/// Only the platform may say these of what was asked for: a load balancer's default, or the server
/// behind a wrong address, answers so whatever it is asked.
bool speaks_of_resource(errc code) noexcept {
  return code == errc::not_found || code == errc::forbidden;
}

std::string shown(std::string_view text, std::string_view secret) {
  return domain::printable(domain::without_secret(text, secret), longest_header_text);
}

}  // namespace

/// The body of an error, which a server may have coded where that of a success may be.
struct attempt_reader::error_body {
  explicit error_body(std::string_view coding) {
    if (domain::is_gzip(coding)) coded.emplace();
  }

  void write(std::string_view piece) {
    if (!coded) return reader.write(piece);
    if (broken) return;
    broken = !coded->write(piece, [this](std::string_view part) {
      reader.write(part);
      // More than this is no message to anybody.
      return (made += part.size()) < most_made;
    });
  }

  domain::error_reader reader;
  std::optional<domain::gunzip> coded;
  std::size_t made = 0;
  bool broken = false;
};

attempt_reader::attempt_reader(const decoder_maker& make_decoder, std::size_t answer_limit)
    : make_decoder_(make_decoder), answer_limit_(answer_limit) {}

attempt_reader::~attempt_reader() = default;

void attempt_reader::on_head(https::response_head head) {
  head_ = std::move(head);
  if (!success()) return;
  decoder_ = make_decoder_();
  if (!domain::is_uncoded(head_.content_encoding)) {
    coded_ = std::make_unique<domain::coded_body>(head_.content_encoding, answer_limit_);
  }
}

void attempt_reader::on_body(std::string_view piece) {
  bytes_ += piece.size();
  if (coded_) {
    coded_->write(piece, [this](std::string_view part) {
      decoder_->write(part);
      return !decoder_->has_enough();
    });
  } else if (success()) {
    decoder_->write(piece);
  } else {
    if (!error_) error_ = std::make_unique<error_body>(head_.content_encoding);
    error_->write(piece);
  }
}

responder attempt_reader::answered_by(bool recognised) const noexcept {
  if (make_decoder_.asked != responder::platform) return make_decoder_.asked;
  return recognised ? responder::platform : responder::stranger;
}

result<void> attempt_reader::finish(std::string_view resource) {
  if (coded_) {
    if (auto why = coded_->end()) return std::move(*why);
  }
  auto decoded = decoder_->finish();
  if (decoded) decoded = decoder_->check(resource);
  return decoded;
}

std::optional<failure_detail> attempt_reader::judge(std::string_view secret,
                                                    std::string_view resource) {
  failure_detail detail;
  detail.step = phase::decode;
  if (success()) {
    const auto decoded = finish(resource);
    if (decoded) return std::nullopt;
    const failure why = decoded.error();
    detail.code = why.detail().code;
    detail.reason = domain::without_secret(why.detail().reason, secret);
    detail.server_message = why.detail().server_message;
    detail.answered_by = answered_by(why.detail().answered_by == responder::platform);
    const bool empty_handed = head_.status == 202 || head_.status == 204;
    if (empty_handed && make_decoder_.asked == responder::platform) {
      detail.code = errc::not_ready;
      detail.reason = "it is accepted, and not made yet";
    }
    return detail;
  }
  detail.code = code_of(head_.status);
  auto envelope = error_ ? error_->reader.finish(secret) : std::nullopt;
  detail.answered_by = answered_by(envelope && envelope->of_platform);
  if (detail.answered_by == responder::stranger && speaks_of_resource(detail.code)) {
    detail.code = errc::bad_response;
    detail.reason =
        "the answer does not have the form of the platform's errors, so it says nothing "
        "about the image";
  }
  if (envelope) {
    detail.server_message = std::move(envelope->message);
    detail.details = std::move(envelope->details);
    detail.permission = std::move(envelope->permission);
    detail.resource_name = std::move(envelope->resource_name);
  }
  if (detail.code == errc::redirected && !head_.location.empty()) {
    const auto safe = domain::without_secret(head_.location, secret);
    detail.reason = "to " + shown(domain::shown_location(safe), secret);
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
