// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_REQUEST_TEXT_HPP
#define BINARLY_HTTPS_REQUEST_TEXT_HPP

#include "domain/wipe.hpp"
#include "https/messages.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace binarly::https {

/// A request as it is sent, in a place of its own up to `usual` bytes, and wiped when it goes: it
/// bears what shows who asks.
template <std::size_t usual>
class request_text {
 public:
  /// `host_line`: what stands between the target and the request's own fields.
  request_text(const request& what, std::string_view host_line) {
    const std::string length = what.body ? std::to_string(what.body->reveal().size()) : "";
    // By default a server may send any coding (RFC 9110, section 12.5.3).
    const std::array<std::string_view, 15> parts{
        what.method,
        " ",
        what.target,
        host_line,
        what.takes_gzip ? "Accept-Encoding: gzip\r\n" : "Accept-Encoding: identity\r\n",
        what.fields ? what.fields->reveal() : "",
        what.more_fields ? std::string_view(*what.more_fields) : "",
        what.id.empty() ? "" : "X-Request-Id: ",
        what.id,
        what.id.empty() ? "" : "\r\n",
        what.body ? "Content-Length: " : "",
        length,
        what.body ? "\r\n" : "",
        "\r\n",
        what.body ? what.body->reveal() : "",
    };
    for (const auto part : parts)
      size_ += part.size();
    if (size_ > usual) large_.reset(new char[size_]);
    char* end = bytes();
    for (const auto part : parts)
      end = std::copy(part.begin(), part.end(), end);
  }
  ~request_text() { domain::wipe(bytes(), size_); }
  request_text(const request_text&) = delete;
  request_text& operator=(const request_text&) = delete;

  [[nodiscard]] std::string_view view() const noexcept {
    return {large_ ? large_.get() : room_.data(), size_};
  }

 private:
  [[nodiscard]] char* bytes() noexcept { return large_ ? large_.get() : room_.data(); }

  std::array<char, usual> room_;
  std::unique_ptr<char[]> large_;
  std::size_t size_ = 0;
};

}  // namespace binarly::https

#endif
