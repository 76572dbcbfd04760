// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_STREAM_HPP
#define BINARLY_CONNECT_STREAM_HPP

#include <binarly/failure.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace binarly::connect {

/// The bytes to and from an origin: a TCP socket, and TLS on it where the origin speaks that.
///
/// Nothing here waits. Each operation does what can be done at once, and tells what the socket must
/// be waited for before it is tried again. So OpenSSL can read and write the socket itself: Asio's
/// TLS stream carries every byte through 17 kB buffers of its own, four for each connection. Not
/// thread-safe.
class stream {
 public:
  using socket_type = boost::asio::ip::tcp::socket;

  /// What an operation came to.
  struct outcome {
    std::size_t count = 0;
    error_code failed;
    /// What to wait for when `must_wait`.
    socket_type::wait_type awaits = socket_type::wait_read;

    outcome() = default;
    [[nodiscard]] bool must_wait() const noexcept {
      return failed == boost::asio::error::would_block;
    }
  };

  /// Without a context it is plain TCP. Throws `std::bad_alloc` when OpenSSL is out of memory.
  stream(const boost::asio::any_io_executor& executor, boost::asio::ssl::context* context);
  ~stream();
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Goes on with a socket that has been connected.
  error_code adopt(socket_type connected);

  [[nodiscard]] socket_type& socket() noexcept { return socket_; }
  /// Null without TLS.
  [[nodiscard]] SSL* tls() const noexcept { return tls_.get(); }
  /// Whether a byte has come; with TLS.
  [[nodiscard]] bool heard() const noexcept { return heard_; }
  /// Whether the handshake went on with an earlier session.
  [[nodiscard]] bool resumed() const noexcept;

  /// The client's side of it; only with TLS.
  [[nodiscard]] outcome handshake();
  /// Reads at least one byte, or fails: with `asio::error::eof` after a proper end, and with
  /// `asio::ssl::error::stream_truncated` when TLS's goodbye is missing.
  [[nodiscard]] outcome read_some(std::span<char> room);
  /// After it had to wait, it must be called again with the same text, wherever that is then.
  [[nodiscard]] outcome write_some(std::string_view text);
  /// Tells the peer that nothing more will come. We do not wait for its own goodbye: nothing more
  /// is expected from it, and RFC 8446, section 6.1 allows to close the whole connection then.
  [[nodiscard]] outcome say_goodbye();

  /// Whether more has been received than was read, apart from TLS's own messages: a goodbye, or
  /// bytes that the peer was not asked for.
  [[nodiscard]] bool has_more();
  /// Gives back what memory it can; to be called after `read_some` found nothing, when nothing is
  /// expected for a while.
  void rest() noexcept;

 private:
  friend struct socket_bio;
  struct freer {
    void operator()(SSL* tls) const noexcept { SSL_free(tls); }
  };

  /// Before each of OpenSSL's functions.
  void prepare();
  /// `returned` is what OpenSSL's function returned, when that was no success.
  outcome explain(int returned);

  socket_type socket_;
  error_code trouble_;  // the socket's, when OpenSSL last used it
  int reads_left_ = 0;  // of the socket, in this operation
  bool heard_ = false;
  bool broken_ = false;  // TLS, not the socket
  std::unique_ptr<SSL, freer> tls_;
};

}  // namespace binarly::connect

#endif
