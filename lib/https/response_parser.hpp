// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_RESPONSE_PARSER_HPP
#define BINARLY_HTTPS_RESPONSE_PARSER_HPP

#include "connect/transport_failure.hpp"
#include "https/messages.hpp"
#include "https/reuse_terms.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace binarly::https {

/// HTTP/1.1 answers out of the bytes of one connection (RFC 9112): Beast's grammar under our own
/// bounds. It owns the connection's input buffer, so that it can tell whether anything is left
/// over.
///
/// Beast's own header limit does not hold when bytes are put in piece by piece, and nothing limits
/// chunk extensions and trailers. So all that is framing rather than body is counted here: heads,
/// interim heads, chunk headers beyond their due, trailers. More than the limit is an error.
class response_parser {
 public:
  enum class state {
    need_more,  ///< the answer goes on
    complete,   ///< the answer has ended
    failed,     ///< see `error`
  };

  /// `head_limit` bounds the framing of one answer, in bytes.
  explicit response_parser(std::size_t head_limit);
  ~response_parser();

  /// Begins to expect an answer. The reader must live until the answer is complete, or failed, or
  /// `forget_reader` was called.
  void start(response_reader& reader, std::size_t body_limit);
  void forget_reader() noexcept;

  /// Forgets the reader, and goes on only with an answer whose length is known and whose body has
  /// at most so many bytes left. False when the head, if it is there, rules that out already.
  [[nodiscard]] bool drain(std::size_t most) noexcept;

  /// Where the next bytes go.
  [[nodiscard]] std::span<char> prepare();
  /// `count` bytes were read into what `prepare` gave.
  state commit(std::size_t count);
  /// The peer closed its side properly.
  state end_of_stream();

  /// Whether a byte of the answer, or of an interim one, has arrived.
  [[nodiscard]] bool got_some() const noexcept;
  /// Whether the answer's own head is complete.
  [[nodiscard]] bool got_head() const noexcept;
  /// On what terms the connection may serve again once the answer is complete: it allows that by
  /// itself, and left no byte that nobody asked for.
  [[nodiscard]] reuse_terms terms() const noexcept;
  /// Why the state is `failed`.
  [[nodiscard]] const connect::transport_failure& error() const noexcept;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace binarly::https

#endif
