// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_TOKEN_READER_HPP
#define BINARLY_DOMAIN_TOKEN_READER_HPP

#include <binarly/credentials.hpp>
#include <binarly/failure.hpp>

#include <string>
#include <string_view>

namespace binarly::domain {

/// Reads an identity server's answer (RFC 6749, section 5.1), which comes in pieces, at most 64 KiB
/// of it; a byte order mark is passed over. What it holds is wiped.
class token_reader {
 public:
  token_reader() = default;
  ~token_reader();
  token_reader(const token_reader&) = delete;
  token_reader& operator=(const token_reader&) = delete;

  void write(std::string_view piece);
  /// After the last piece. An absent `token_type` is taken as Bearer. The reason for there being no
  /// token never repeats what was read; an error that the server states in place of a token is
  /// `errc::rejected` with the server's words, out of which `secret` is struck.
  [[nodiscard]] result<access_token> finish(std::string_view secret = {});

 private:
  std::string body_;
  bool too_long_ = false;
};

}  // namespace binarly::domain

#endif
