// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_DELIVERY_HPP
#define BINARLY_LIB_TESTING_FAKE_DELIVERY_HPP

#include <binarly/testing/fake_service.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace binarly::testing {

/// An answer before it is bytes.
struct fake_answer {
  unsigned status = 200;
  std::string_view type = "application/json";
  /// Further header lines, each with its line end.
  std::string headers;
  std::string body;
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
  /// When positive, the bytes go out a few at a time over this long.
  std::chrono::milliseconds spread{0};
  /// So many more bytes of no meaning go out after them.
  std::uint64_t filler = 0;
  ending then = ending::next_request;
};

/// What an answer's head says beside the answer itself.
struct framing {
  std::uint64_t request_number = 0;
  bool keep_alive = true;
  /// The request was a HEAD: no body follows.
  bool head_only = false;
};

/// Writes the answer down and spoils its transport as the fault asks for. Faults that are about the
/// answer's contents leave the transport alone.
[[nodiscard]] delivery deliver(const fake_answer& answer, const misbehaviour& wrong,
                               const framing& frame);

}  // namespace binarly::testing

#endif
