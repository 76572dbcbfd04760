// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_GUNZIP_HPP
#define BINARLY_DOMAIN_GUNZIP_HPP

#include <functional>
#include <memory>
#include <string_view>

namespace binarly::domain {

/// Whether a Content-Encoding is the one of that name, which is in small letters.
[[nodiscard]] bool is_coding(std::string_view coding, std::string_view name) noexcept;

/// Whether a Content-Encoding is gzip's, by either of its names (RFC 9110, section 8.4.1.3).
[[nodiscard]] bool is_gzip(std::string_view coding) noexcept;

/// Undoes the gzip coding (RFC 1952) of bytes that come in pieces; a file of several members is the
/// sum of them. It holds some 75 KiB, and hands the bytes on in pieces of at most 32 KiB, so that
/// whoever takes them can stop where too much comes out of too little. All of it is wiped when it
/// goes: a token may have come out.
class gunzip {
 public:
  /// Takes the next bytes; false when there is no use in more.
  using taker = std::function<bool(std::string_view)>;

  gunzip();
  ~gunzip();
  gunzip(const gunzip&) = delete;
  gunzip& operator=(const gunzip&) = delete;

  /// False when the bytes cannot be gzip's, whatever follows, or `to` said so. Not to be called
  /// again then.
  [[nodiscard]] bool write(std::string_view piece, const taker& to);
  /// Whether what was written is whole.
  [[nodiscard]] bool complete() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace binarly::domain

#endif
