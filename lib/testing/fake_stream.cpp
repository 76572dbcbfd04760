// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_stream.hpp"

#include <binarly/failure.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

namespace binarly::testing {
namespace {

class plain_stream final : public byte_stream {
 public:
  explicit plain_stream(tcp_socket socket) : socket_(std::move(socket)) {}

  task<bool> handshake() override { co_return true; }
  task<std::size_t> read_some(asio::mutable_buffer room) override {
    const auto [error, size] = co_await socket_.async_read_some(room, as_task);
    co_return error ? 0 : size;
  }
  task<bool> write(asio::const_buffer bytes) override {
    const auto [error, size] = co_await asio::async_write(socket_, bytes, as_task);
    co_return !error;
  }
  task<void> say_goodbye() override { co_return; }
  tcp_socket& socket() noexcept override { return socket_; }

 private:
  tcp_socket socket_;
};

class tls_stream final : public byte_stream {
 public:
  tls_stream(tcp_socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  task<bool> handshake() override {
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, as_task);
    co_return !error;
  }
  task<std::size_t> read_some(asio::mutable_buffer room) override {
    const auto [error, size] = co_await stream_.async_read_some(room, as_task);
    co_return error ? 0 : size;
  }
  task<bool> write(asio::const_buffer bytes) override {
    const auto [error, size] = co_await asio::async_write(stream_, bytes, as_task);
    co_return !error;
  }
  task<void> say_goodbye() override {
    // Whether the peer answers it or just goes makes no difference.
    co_await stream_.async_shutdown(as_task);
  }
  tcp_socket& socket() noexcept override { return stream_.next_layer(); }

 private:
  std::shared_ptr<asio::ssl::context> context_;
  asio::ssl::stream<tcp_socket> stream_;
};

}  // namespace

std::shared_ptr<asio::ssl::context> make_tls_context(const certificate_and_key& identity) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  boost::system::error_code error;
  context->use_certificate_chain(asio::buffer(identity.certificate), error);
  if (!error) {
    context->use_private_key(asio::buffer(identity.key), asio::ssl::context::pem, error);
  }
  if (error) {
    failure_detail detail;
    detail.reason = "certificate: not a certificate and its private key in PEM form";
    detail.cause = error;
    throw failure_error(failure(std::move(detail)));
  }
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) {
    throw failure_error(failure(errc::invalid_argument, "certificate: OpenSSL lacks TLS 1.2"));
  }
  return context;
}

std::unique_ptr<byte_stream> make_stream(tcp_socket socket,
                                         const std::shared_ptr<asio::ssl::context>& tls) {
  if (tls) return std::make_unique<tls_stream>(std::move(socket), tls);
  return std::make_unique<plain_stream>(std::move(socket));
}

}  // namespace binarly::testing
