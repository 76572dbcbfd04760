// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_MESSAGES_HPP
#define BINARLY_HTTPS_MESSAGES_HPP

#include <binarly/secret.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace binarly::https {

/// A request, complete but for what belongs to the connection (Host and the framing headers).
struct request {
  std::string_view method = "GET";  ///< of static life
  std::string target;               ///< origin form: an absolute path, with its query
  /// Header lines that bear what shows who asks, each ended by CRLF; shared, since most requests
  /// send the same ones.
  std::shared_ptr<const secret> fields;
  /// Further header lines, likewise, for the requests of one call.
  std::shared_ptr<const std::string> more_fields;
  /// Sent as `X-Request-Id`, if there is one. Short, so that it takes no memory of its own.
  std::string id;
  std::shared_ptr<const secret> body;
  /// A larger answer is `errc::too_large`; in bytes.
  std::size_t answer_limit = 0;
  bool takes_gzip = false;  ///< the answer may be coded so; else it is asked not to be coded

  request() = default;
};

/// The head of an answer: its status, and the fields that somebody above asks for. Fields that are
/// absent are empty; of repeated ones the first counts.
struct response_head {
  unsigned status = 0;
  std::string date;  ///< only where the status is not 2xx
  std::string location;
  std::string content_encoding;  ///< all of them, should the field be repeated
  std::string request_id;        ///< X-Request-Id, or what load balancers call it
  std::string retry_after;

  response_head() = default;
};

/// Takes one answer in as it arrives. Each attempt makes its own.
class response_reader {
 public:
  virtual ~response_reader() = default;
  /// Once, before any piece of the body; interim answers (1xx) are not shown.
  virtual void on_head(response_head head) = 0;
  /// A piece of the body, its coding removed. Not reading on until this returns is what keeps
  /// memory bounded.
  virtual void on_body(std::string_view piece) = 0;
};

}  // namespace binarly::https

#endif
