// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "call/long_token.hpp"

namespace binarly::call {
namespace {

/// nginx, Apache and others allow 8 kB for a field or for the whole head.
constexpr std::size_t usual_token = 4096;

/// 9,214
std::string grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

bool may_be_its_length(const failure_detail& wrong) noexcept {
  switch (wrong.http_status) {
    case 400:
    case 431:
      return true;
    case 0:
      return wrong.code == errc::connection_lost &&
             (wrong.step == phase::write || wrong.step == phase::head);
    default:
      return false;
  }
}

}  // namespace

std::string about_long_token(const failure_detail& wrong, std::size_t token_size) {
  if (token_size <= usual_token || !may_be_its_length(wrong)) return "";
  return "the request carried a token of " + grouped(token_size) +
         " bytes; servers often allow 8 kB of header";
}

}  // namespace binarly::call
