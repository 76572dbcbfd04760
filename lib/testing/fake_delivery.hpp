// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_DELIVERY_HPP
#define BINARLY_LIB_TESTING_FAKE_DELIVERY_HPP

#include "testing/byte_source.hpp"

#include <binarly/testing/fake_service.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace binarly::testing {

/// An answer before it is bytes.
struct fake_answer {
  unsigned status = 200;
  /// Of the content; empty for none.
  std::string type = "application/json";
  /// Further header lines, each with its line end.
  std::string headers;
  std::string body;
  /// Where the answer is large: makes its body, of a length that nobody knows, in place of `body`.
  std::unique_ptr<byte_source> source;
};

/// How a connection goes on after the bytes were sent.
enum class ending {
  next_request,  ///< serve the next request
  close,         ///< close properly, with TLS's goodbye
  cut,           ///< close without it
  reset,         ///< reset the connection
  hang,          ///< read, and never answer
};

/// What a session is to do for one request.
struct delivery {
  /// From the request's arrival to the first byte.
  std::chrono::milliseconds wait{0};
  std::string bytes;
  /// When positive, the bytes go out a few at a time over this long; or the source's, if there is
  /// one.
  std::chrono::milliseconds spread{0};
  /// So many more bytes of no meaning go out after them.
  std::uint64_t filler = 0;
  /// Then what it makes, as chunks or as it is.
  std::unique_ptr<byte_source> source;
  bool in_chunks = false;
  /// It is broken off after so many bytes; 0 for never.
  std::uint64_t source_limit = 0;
  ending then = ending::next_request;
};

/// What an answer's head says beside the answer itself.
struct framing {
  std::uint64_t request_number = 0;
  bool keep_alive = true;
  /// The request was a HEAD: no body follows.
  bool head_only = false;
};

/// A chunk of a body (RFC 9112, section 7.1), or its end where the piece is empty.
void append_chunk(std::string& out, std::string_view piece);

/// Writes the answer down and spoils its transport as the fault asks for. Faults that are about the
/// answer's contents leave the transport alone.
[[nodiscard]] delivery deliver(fake_answer answer, const misbehaviour& wrong, const framing& frame);

}  // namespace binarly::testing

#endif
