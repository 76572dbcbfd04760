// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/coded_body.hpp"

#include "domain/printable.hpp"

#include <utility>

namespace binarly::domain {
namespace {

constexpr std::size_t longest_shown_coding = 32;

}  // namespace

bool is_uncoded(std::string_view coding) noexcept {
  return coding.empty() || is_coding(coding, "identity");
}

coded_body::coded_body(std::string_view coding, std::size_t limit) : limit_(limit) {
  if (is_gzip(coding)) {
    gzip_.emplace();
  } else {
    refuse(errc::bad_response, "its coding is \"" + printable(coding, longest_shown_coding) +
                                   "\", of which only gzip is understood");
  }
}

void coded_body::write(std::string_view piece, const gunzip::taker& to) {
  if (enough_ || !flaw_.empty()) return;
  received_ += piece.size();
  const bool more = gzip_->write(piece, [this, &to](std::string_view part) {
    made_ += part.size();
    if (made_ > limit_) {
      refuse(errc::too_large, "its body is larger than " + std::to_string(limit_) +
                                  " bytes once its coding is undone");
      return false;
    }
    enough_ = !to(part);
    return !enough_;
  });
  if (!more && !enough_ && flaw_.empty()) {
    refuse(errc::bad_response,
           "its gzip coding is broken before byte " + std::to_string(received_));
  }
}

std::optional<failure> coded_body::end() const {
  // What the reader stumbled over comes before what it was not given any more.
  if (enough_) return std::nullopt;
  failure_detail detail;
  detail.code = code_;
  detail.step = phase::decode;
  detail.reason = flaw_;
  if (flaw_.empty()) {
    if (gzip_->complete()) return std::nullopt;
    detail.reason = "its gzip coding ends in the middle, at byte " + std::to_string(received_);
  }
  return failure(std::move(detail));
}

void coded_body::refuse(errc code, std::string why) {
  code_ = code;
  flaw_ = std::move(why);
}

}  // namespace binarly::domain
