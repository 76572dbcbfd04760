// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/wire_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/x509_vfy.h>

#include <stdexcept>
#include <tuple>
#include <utility>

namespace binarly::testing {

namespace asio = boost::asio;
using asio::awaitable;
using asio::use_awaitable;

namespace {

asio::ssl::context context_for(const std::string& ca_pem) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  if (ca_pem.empty()) return context;
  context.add_certificate_authority(asio::buffer(ca_pem));
  context.set_verify_mode(asio::ssl::verify_peer);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.native_handle()), X509_V_FLAG_X509_STRICT);
  return context;
}

}  // namespace

struct wire_client::impl {
  impl(const asio::any_io_executor& executor, const std::string& ca_pem)
      : secured(!ca_pem.empty()), context(context_for(ca_pem)), stream(executor, context) {}

  bool secured;
  asio::ssl::context context;
  asio::ssl::stream<asio::ip::tcp::socket> stream;
  std::string received;
};

wire_client::wire_client(const asio::any_io_executor& executor, const std::string& ca_pem)
    : impl_(std::make_unique<impl>(executor, ca_pem)) {}
wire_client::~wire_client() = default;

awaitable<void> wire_client::connect_only(std::uint16_t port) {
  const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  co_await impl_->stream.next_layer().async_connect(endpoint, use_awaitable);
}

awaitable<void> wire_client::connect(std::uint16_t port, std::string host_name) {
  co_await connect_only(port);
  if (!impl_->secured) co_return;
  impl_->stream.set_verify_callback(asio::ssl::host_name_verification(host_name));
  co_await impl_->stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
}

awaitable<void> wire_client::send(std::string bytes) {
  if (impl_->secured) {
    co_await asio::async_write(impl_->stream, asio::buffer(bytes), use_awaitable);
  } else {
    co_await asio::async_write(impl_->stream.next_layer(), asio::buffer(bytes), use_awaitable);
  }
}

awaitable<wire_end> wire_client::read_to_end(std::size_t most) {
  wire_end end;
  end.bytes = std::exchange(impl_->received, {});
  std::string room(std::size_t{16} * 1024, '\0');
  while (!end.error && end.bytes.size() < most) {
    std::size_t size = 0;
    if (impl_->secured) {
      std::tie(end.error, size) =
          co_await impl_->stream.async_read_some(asio::buffer(room), asio::as_tuple(use_awaitable));
    } else {
      std::tie(end.error, size) = co_await impl_->stream.next_layer().async_read_some(
          asio::buffer(room), asio::as_tuple(use_awaitable));
    }
    end.bytes.append(room, 0, size);
  }
  co_return end;
}

awaitable<void> wire_client::receive(std::size_t least) {
  wire_end read = co_await read_to_end(least);
  impl_->received = std::move(read.bytes);
  if (read.error) throw boost::system::system_error(read.error);
}

awaitable<wire_answer> wire_client::read_answer() {
  std::string& received = impl_->received;
  std::size_t end_of_head = received.find("\r\n\r\n");
  while (end_of_head == std::string::npos) {
    co_await receive(received.size() + 1);
    end_of_head = received.find("\r\n\r\n");
  }
  wire_answer answer;
  answer.head = received.substr(0, end_of_head + 2);
  answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
  received.erase(0, end_of_head + 4);

  const std::string field = "\r\nContent-Length: ";
  const std::size_t at = answer.head.find(field);
  if (at == std::string::npos) throw std::runtime_error("an answer of unknown length");
  const std::size_t length = std::stoul(answer.head.substr(at + field.size()));
  if (received.size() < length) co_await receive(length);
  answer.body = received.substr(0, length);
  received.erase(0, length);
  co_return answer;
}

awaitable<wire_answer> wire_client::ask(std::string bytes) {
  co_await send(std::move(bytes));
  co_return co_await read_answer();
}

awaitable<void> wire_client::close() {
  if (impl_->secured) co_await impl_->stream.async_shutdown(asio::as_tuple(use_awaitable));
  impl_->stream.next_layer().close();
}

}  // namespace binarly::testing
