// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_SUPPORT_CLIENT_RAW_SERVER_HPP
#define BINARLY_TESTS_SUPPORT_CLIENT_RAW_SERVER_HPP

#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace binarly::testing {

inline std::string url_of_port(std::uint16_t port, const std::string& host = "localhost") {
  return "https://" + host + ':' + std::to_string(port);
}

/// A TLS server that answers with whatever bytes a function makes of a request's head, for what the
/// fake service never says. Its context runs on one thread, which also destroys it.
class raw_server {
 public:
  using responder = std::function<std::string(const std::string& head)>;

  raw_server(const boost::asio::any_io_executor& executor, responder answer);
  ~raw_server();
  raw_server(const raw_server&) = delete;
  raw_server& operator=(const raw_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] const std::string& ca_pem() const noexcept;
  /// Answers that have been written to their end.
  [[nodiscard]] std::size_t answered() const noexcept;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

/// Listens on loopback; the kernel accepts, and nobody ever says a word.
class silent_listener {
 public:
  explicit silent_listener(boost::asio::io_context& context)
      : acceptor_(context, {boost::asio::ip::address_v4::loopback(), 0}) {}

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// Accepts a connection, and calls the function once the client has begun its handshake.
  template <class F>
  void when_greeted(F function) {
    acceptor_.async_accept(
        [this, function](boost::system::error_code failed, boost::asio::ip::tcp::socket socket) {
          if (failed) return;
          held_.push_back(std::move(socket));
          held_.back().async_wait(boost::asio::socket_base::wait_read,
                                  [function](boost::system::error_code error) {
                                    if (!error) function();
                                  });
        });
  }

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  std::list<boost::asio::ip::tcp::socket> held_;
};

/// Listens on loopback with a queue that is full: who connects, waits.
class full_listener {
 public:
  explicit full_listener(boost::asio::io_context& context) : acceptor_(context) {
    using boost::asio::ip::tcp;
    acceptor_.open(tcp::v4());
    acceptor_.bind({boost::asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    for (int i = 0; i < 4; ++i) {
      auto& filler = fillers_.emplace_back(context, tcp::v4());
      filler.async_connect(acceptor_.local_endpoint(), [](boost::system::error_code) {});
    }
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  std::list<boost::asio::ip::tcp::socket> fillers_;
};

}  // namespace binarly::testing

#endif
