// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_WIRE_CLIENT_HPP
#define BINARLY_TESTS_SUPPORT_WIRE_CLIENT_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace binarly::testing {

/// An answer whose head announces its length.
struct wire_answer {
  unsigned status = 0;
  std::string head;
  std::string body;
};

/// All bytes up to a connection's end, and how it ended: `eof`, `stream_truncated` for a TLS
/// connection without goodbye, `connection_reset`.
struct wire_end {
  std::string bytes;
  boost::system::error_code error;
};

/// A client that knows nothing: it sends and shows bytes as they are.
class wire_client {
 public:
  /// Over TLS, strictly verified against the authority; plain when it is empty.
  wire_client(const boost::asio::any_io_executor& executor, const std::string& ca_pem);
  ~wire_client();
  wire_client(const wire_client&) = delete;
  wire_client& operator=(const wire_client&) = delete;

  /// Each of these throws `boost::system::system_error` when it fails.
  boost::asio::awaitable<void> connect(std::uint16_t port, std::string host_name = "localhost");
  /// Without the TLS handshake.
  boost::asio::awaitable<void> connect_only(std::uint16_t port);
  boost::asio::awaitable<void> send(std::string bytes);
  boost::asio::awaitable<wire_answer> read_answer();
  boost::asio::awaitable<wire_answer> ask(std::string bytes);
  /// Stops at `most` bytes, then with no error.
  boost::asio::awaitable<wire_end> read_to_end(std::size_t most = std::size_t{1} << 20U);
  /// TLS's goodbye, as far as it goes, and the end.
  boost::asio::awaitable<void> close();

 private:
  boost::asio::awaitable<void> receive(std::size_t least);

  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace binarly::testing

#endif
