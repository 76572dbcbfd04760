// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CREDENTIALS_HPP
#define BINARLY_CREDENTIALS_HPP

#include <binarly/detail/config.hpp>

#include <memory>
#include <string>

namespace binarly {

namespace detail {
class token_source;
}

/// What a client shows the service to be let in. It is asked for each attempt.
///
/// Copies share the same secret, which is wiped when the last of them goes. Nothing prints it.
class BINARLY_IMAGES_DECL credentials {
 public:
  /// No credentials: no `Authorization` header is sent.
  credentials() noexcept;
  /// A fixed bearer token (RFC 6750 section 2.1), with surrounding white space removed, as a file
  /// or a variable often has it. Throws `failure_error` when it is empty, longer than 16 KiB, or
  /// holds a character that RFC 6750 does not allow; the message never repeats it.
  [[nodiscard]] static credentials bearer(std::string token);

  /// For the library's own use.
  [[nodiscard]] const std::shared_ptr<const detail::token_source>& source() const noexcept {
    return source_;
  }

 private:
  std::shared_ptr<const detail::token_source> source_;
};

}  // namespace binarly

#endif
