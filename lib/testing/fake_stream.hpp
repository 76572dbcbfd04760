// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_LIB_TESTING_FAKE_STREAM_HPP
#define BINARLY_LIB_TESTING_FAKE_STREAM_HPP

#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <memory>

namespace boost::asio::ssl {
class context;
}

namespace binarly::testing {

namespace asio = boost::asio;

using strand_type = asio::strand<asio::any_io_executor>;
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, strand_type>;
template <class T>
using task = asio::awaitable<T, strand_type>;
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<strand_type>> as_task;

/// A connection to a client, secured or plain. Keeps the TLS stream's templates in one file.
class byte_stream {
 public:
  virtual ~byte_stream() = default;

  /// Agrees on TLS; true on a plain connection.
  virtual task<bool> handshake() = 0;
  /// 0 when the peer ended properly, or anything failed.
  virtual task<std::size_t> read_some(asio::mutable_buffer room) = 0;
  /// Writes all of it; false when that failed.
  virtual task<bool> write(asio::const_buffer bytes) = 0;
  /// TLS's closing alert, and the peer's; nothing on a plain connection.
  virtual task<void> say_goodbye() = 0;
  virtual tcp_socket& socket() noexcept = 0;
};

/// A context that shows this certificate. Throws `failure_error` when it cannot be used.
[[nodiscard]] std::shared_ptr<asio::ssl::context> make_tls_context(
    const certificate_and_key& identity);

/// A plain connection when there is no context.
[[nodiscard]] std::unique_ptr<byte_stream> make_stream(
    tcp_socket socket, const std::shared_ptr<asio::ssl::context>& tls);

}  // namespace binarly::testing

#endif
