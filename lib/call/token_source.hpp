// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_TOKEN_SOURCE_HPP
#define BINARLY_CALL_TOKEN_SOURCE_HPP

#include <string>
#include <string_view>

namespace binarly::detail {

/// Where the token of an attempt comes from. Wiped at its end; it does not copy, and nothing prints
/// it.
class token_source {
 public:
  explicit token_source(std::string token) noexcept;
  ~token_source();
  token_source(const token_source&) = delete;
  token_source& operator=(const token_source&) = delete;

  [[nodiscard]] std::string_view token() const noexcept { return token_; }

 private:
  std::string token_;
};

}  // namespace binarly::detail

#endif
