// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_FAULT_SERVER_HPP
#define BINARLY_TESTS_SUPPORT_FAULT_SERVER_HPP

#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio::ssl {
class context;
}

namespace binarly::testing {

/// One thing that a server does on a connection. Made by the functions of `server_steps`.
struct server_step {
  enum class kind {
    secure,
    read_raw,
    request,
    first_byte,
    say,
    say_raw,
    flood,
    rest,
    hold,
    tickets,
    update_key,
    renegotiate,
    goodbye,
    fin,
    reset,
    serve,
  };

  kind what;
  std::string bytes{};
  std::size_t count = 0;
  std::shared_ptr<boost::asio::ssl::context> face{};
};

/// All that a server does on one connection, in order. What follows the last step is silence: the
/// server reads what comes, and closes when the client has.
using server_script = std::vector<server_step>;

/// How a server shows itself in the handshake.
struct server_face {
  certificate_and_key identity{};
  /// OpenSSL's number of the newest version of TLS that it speaks; 0 for the newest there is.
  int newest_version = 0;
  /// Whether session tickets follow the handshake of TLS 1.3 on their own.
  bool tickets = true;
  /// Refuse clients that show no certificate.
  bool demands_certificate = false;
};

/// What a step sends leaves together with what the steps before it sent, in one write; the next
/// step that waits, or that ends the connection, sends it off. So an answer and the goodbye that
/// follows it travel as one.
namespace server_steps {

/// The server's side of the handshake, with the server's own good certificate or another face.
[[nodiscard]] server_step secure();
[[nodiscard]] server_step secure(const server_face& face);
/// Waits until so many bytes have come, and does not look at them.
[[nodiscard]] server_step read_raw(std::size_t bytes);
/// Reads the head of a request.
[[nodiscard]] server_step request();
/// Waits until the client has sent something, and leaves it unread.
[[nodiscard]] server_step first_byte();
/// Sends bytes over TLS, in a record of their own.
[[nodiscard]] server_step say(std::string bytes);
/// Sends bytes beneath TLS.
[[nodiscard]] server_step say_raw(std::string bytes);
/// Sends the bytes over TLS again and again, for as long as the client takes them.
[[nodiscard]] server_step flood(std::string bytes);
/// Waits until everybody else has come to rest; see `fault_server::resting`.
[[nodiscard]] server_step rest();
/// Waits until the test says so; see `fault_server::held`.
[[nodiscard]] server_step hold();
/// Sends session tickets (TLS 1.3).
[[nodiscard]] server_step tickets(std::size_t count);
/// Changes its key and asks the client to do so, too (TLS 1.3).
[[nodiscard]] server_step update_key();
/// Asks for a new handshake (TLS 1.2).
[[nodiscard]] server_step renegotiate();
/// Sends TLS's close_notify.
[[nodiscard]] server_step goodbye();
/// Ends its own direction of the TCP connection.
[[nodiscard]] server_step fin();
/// Resets the TCP connection.
[[nodiscard]] server_step reset();
/// Answers every request with the image until the client goes.
[[nodiscard]] server_step serve();

}  // namespace server_steps

/// The body of the image that a `fault_server` has: `products/product/images/image`.
[[nodiscard]] std::string good_body();
/// A proper answer with that image; each further header line ends in CRLF.
[[nodiscard]] std::string good_answer(const std::string& headers = {});

/// A server on loopback whose every step is scripted. Its context runs on one thread, which also
/// calls all of this.
class fault_server {
 public:
  /// How it meets those who connect before `serve_now`.
  enum class welcome {
    accepts,
    refuses,         ///< nothing listens on its port
    overflows,       ///< its queue is full: who connects, waits
    half_overflows,  ///< it accepts, but the queue of the same port of 127.0.0.2 is full
  };

  /// The first connections meet the scripts, in order; those that follow are served well.
  fault_server(boost::asio::io_context& context, const certificate_authority& authority,
               std::vector<server_script> scripts, welcome how = welcome::accepts);
  ~fault_server();
  fault_server(const fault_server&) = delete;
  fault_server& operator=(const fault_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// Accepts from now on, if it does not yet.
  void serve_now();
  /// A connection is at a `rest`.
  [[nodiscard]] bool resting() const noexcept;
  /// A connection is at a `hold`.
  [[nodiscard]] bool held() const noexcept;
  /// Ends every `rest` and `hold` that has been reached.
  void go_on();
  /// Connections that were accepted, those of them that are still there, and requests read.
  [[nodiscard]] std::size_t connections() const noexcept;
  [[nodiscard]] std::size_t open() const noexcept;
  [[nodiscard]] std::size_t requests() const noexcept;
  /// Connections whose script has come to `serve`.
  [[nodiscard]] std::size_t serving() const noexcept;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace binarly::testing

#endif
