// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_CODED_BODY_HPP
#define BINARLY_DOMAIN_CODED_BODY_HPP

#include "domain/gunzip.hpp"

#include <binarly/failure.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace binarly::domain {

/// Whether a Content-Encoding says that the body is not coded (RFC 9110, section 8.4.1).
[[nodiscard]] bool is_uncoded(std::string_view coding) noexcept;

/// A coded body on its way to whoever reads it: undoes gzip, of which no more than a bound may come
/// out, and refuses every other coding.
class coded_body {
 public:
  /// `coding` is the answer's Content-Encoding; `limit` is in bytes.
  coded_body(std::string_view coding, std::size_t limit);

  /// Takes the next piece, and hands on what it holds. `to` returns false when it has no use for
  /// more, whatever follows.
  void write(std::string_view piece, const gunzip::taker& to);
  /// Once the body has ended: what is wrong with its coding (`errc::bad_response`, or
  /// `errc::too_large`; `phase::decode`). Nothing where the taker had enough.
  [[nodiscard]] std::optional<failure> end() const;

 private:
  void refuse(errc code, std::string why);

  const std::size_t limit_;
  std::optional<gunzip> gzip_;
  std::size_t received_ = 0;
  std::size_t made_ = 0;
  bool enough_ = false;
  errc code_ = errc::bad_response;
  std::string flaw_;
};

}  // namespace binarly::domain

#endif
