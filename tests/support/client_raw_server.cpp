// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "support/client_raw_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <exception>
#include <utility>
#include <vector>

namespace binarly::testing {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using tls_stream = asio::ssl::stream<tcp::socket>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// Whoever runs the context hears of what these tests never expect.
void rethrow(const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

struct raw_server::impl {
  impl(const asio::any_io_executor& executor, responder function)
      : answer(std::move(function)),
        tls(asio::ssl::context::tls_server),
        acceptor(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    const certificate_and_key identity = authority.issue(certificate_request());
    tls.use_certificate_chain(asio::buffer(identity.certificate));
    tls.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
  }

  static asio::awaitable<void> accept(std::shared_ptr<impl> self) {
    for (;;) {
      auto [failed, socket] = co_await self->acceptor.async_accept(as_result);
      if (failed) co_return;
      const auto stream = std::make_shared<tls_stream>(std::move(socket), self->tls);
      self->streams.push_back(stream);
      asio::co_spawn(self->acceptor.get_executor(), serve(self, stream), rethrow);
    }
  }

  static asio::awaitable<void> serve(std::shared_ptr<impl> self,
                                     std::shared_ptr<tls_stream> stream) {
    const auto [unsecured] = co_await stream->async_handshake(tls_stream::server, as_result);
    if (unsecured) co_return;
    std::string buffer;
    for (;;) {
      const auto [unread, size] = co_await asio::async_read_until(
          *stream, asio::dynamic_buffer(buffer), "\r\n\r\n", as_result);
      if (unread) co_return;
      const std::string bytes = self->answer(buffer.substr(0, size));
      buffer.erase(0, size);
      const auto [unwritten, count] =
          co_await asio::async_write(*stream, asio::buffer(bytes), as_result);
      if (unwritten) co_return;
      ++self->answered;
    }
  }

  const responder answer;
  certificate_authority authority;
  asio::ssl::context tls;
  tcp::acceptor acceptor;
  std::vector<std::weak_ptr<tls_stream>> streams;
  std::size_t answered = 0;
};

raw_server::raw_server(const asio::any_io_executor& executor, responder answer)
    : impl_(std::make_shared<impl>(executor, std::move(answer))) {
  asio::co_spawn(executor, impl::accept(impl_), rethrow);
}

raw_server::~raw_server() {
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  for (const auto& each : impl_->streams) {
    if (const auto stream = each.lock()) stream->next_layer().close(ignored);
  }
}

std::uint16_t raw_server::port() const noexcept { return impl_->acceptor.local_endpoint().port(); }

const std::string& raw_server::ca_pem() const noexcept { return impl_->authority.ca_pem(); }

std::size_t raw_server::answered() const noexcept { return impl_->answered; }

}  // namespace binarly::testing
