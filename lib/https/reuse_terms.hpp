// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_REUSE_TERMS_HPP
#define BINARLY_HTTPS_REUSE_TERMS_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace binarly::https {

/// On what terms a connection may serve again, as its last answer has it.
struct reuse_terms {
  /// The answer was complete, keep-alive holds, and nothing is left over.
  bool reusable = false;
  /// For how long the server keeps the connection without a request (`Keep-Alive: timeout`).
  std::optional<std::chrono::seconds> idle_timeout;
  /// How many requests the server says it takes (`Keep-Alive: max`).
  std::optional<std::uint32_t> max_requests;

  reuse_terms() = default;
  explicit reuse_terms(bool may_reuse) : reusable(may_reuse) {}
};

/// Reads the value of a Keep-Alive header (RFC 2068, section 19.7.1, which is all that was ever
/// written down of it) into the terms. What cannot be understood is passed over.
void read_keep_alive(std::string_view value, reuse_terms& terms) noexcept;

}  // namespace binarly::https

#endif
