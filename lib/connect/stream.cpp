// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

namespace binarly::connect {

namespace asio = boost::asio;

namespace {

/// OpenSSL goes on reading while nothing but TLS's own messages comes: a peer that has no end of
/// them would keep the thread.
constexpr int reads_at_once = 8;

int at_most(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

/// How OpenSSL gets at the socket. Its own BIO for sockets raises SIGPIPE when the peer is gone,
/// and a library must leave the process's signals alone; Asio's functions do not.
///
/// OpenSSL never learns that the socket has failed: it would hold that against the session, which
/// is as good as before. It is told to try again, and the stream knows better.
struct socket_bio {
  static stream& of(BIO* bio) { return *static_cast<stream*>(BIO_get_data(bio)); }

  static int done(const stream& self, std::size_t count) {
    return self.trouble_ ? -1 : static_cast<int>(count);
  }

  static int read(BIO* bio, char* data, int size) {
    auto& self = of(bio);
    BIO_clear_retry_flags(bio);
    std::size_t count = 0;
    if (self.reads_left_ > 0) {
      --self.reads_left_;
      count =
          self.socket_.read_some(asio::buffer(data, static_cast<std::size_t>(size)), self.trouble_);
      self.heard_ = self.heard_ || count > 0;
    } else {
      self.trouble_ = asio::error::would_block;
    }
    if (self.trouble_) BIO_set_retry_read(bio);
    return done(self, count);
  }

  static int write(BIO* bio, const char* data, int size) {
    auto& self = of(bio);
    BIO_clear_retry_flags(bio);
    const auto count =
        self.socket_.write_some(asio::buffer(data, static_cast<std::size_t>(size)), self.trouble_);
    if (self.trouble_) BIO_set_retry_write(bio);
    return done(self, count);
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    // Never freed: a stream may outlive whatever is destroyed when the process ends.
    static BIO_METHOD* const made = [] {
      BIO_METHOD* const fresh =
          BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "binarly-images socket");
      if (fresh == nullptr) throw std::bad_alloc();
      BIO_meth_set_read(fresh, &socket_bio::read);
      BIO_meth_set_write(fresh, &socket_bio::write);
      BIO_meth_set_ctrl(fresh, &socket_bio::control);
      return fresh;
    }();
    return made;
  }
};

stream::stream(const asio::any_io_executor& executor, asio::ssl::context* context)
    : socket_(executor) {
  if (context == nullptr) return;
  tls_.reset(SSL_new(context->native_handle()));
  BIO* const bio = tls_ ? BIO_new(socket_bio::method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(tls_.get(), bio, bio);
  SSL_set_connect_state(tls_.get());
  SSL_set_mode(tls_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One call to the system for each record, rather than one more for its five bytes of head.
  SSL_set_read_ahead(tls_.get(), 1);
}

stream::~stream() {
  // OpenSSL lets no session be resumed whose connection was not shut down; that the peer, or the
  // network, dropped it without a word says nothing against the session.
  if (tls_ && !broken_ && SSL_is_init_finished(tls_.get()) == 1) {
    SSL_set_shutdown(tls_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

error_code stream::adopt(socket_type connected) {
  socket_ = std::move(connected);
  error_code failed;
  // A request is one write: waiting for more to send would only delay it. Without the option the
  // connection is as good, only slower.
  socket_.set_option(asio::ip::tcp::no_delay(true), failed);
  socket_.non_blocking(true, failed);
  return failed;
}

bool stream::resumed() const noexcept { return tls_ && SSL_session_reused(tls_.get()) == 1; }

stream::outcome stream::handshake() {
  prepare();
  const int returned = SSL_do_handshake(tls_.get());
  return returned == 1 ? outcome() : explain(returned);
}

stream::outcome stream::read_some(std::span<char> room) {
  outcome got;
  if (!tls_) {
    got.count = socket_.read_some(asio::buffer(room.data(), room.size()), got.failed);
    return got;
  }
  // OpenSSL may still hold what came before it was closed.
  if (!socket_.is_open()) {
    got.failed = asio::error::bad_descriptor;
    return got;
  }
  prepare();
  const int returned = SSL_read(tls_.get(), room.data(), at_most(room.size()));
  if (returned <= 0) return explain(returned);
  got.count = static_cast<std::size_t>(returned);
  return got;
}

stream::outcome stream::write_some(std::string_view text) {
  outcome sent;
  if (!tls_) {
    sent.awaits = socket_type::wait_write;
    sent.count = socket_.write_some(asio::buffer(text), sent.failed);
    return sent;
  }
  prepare();
  const int returned = SSL_write(tls_.get(), text.data(), at_most(text.size()));
  if (returned <= 0) return explain(returned);
  sent.count = static_cast<std::size_t>(returned);
  return sent;
}

stream::outcome stream::say_goodbye() {
  if (!tls_) return outcome();
  // Told that the peer's goodbye has come already, OpenSSL is content with sending ours.
  SSL_set_shutdown(tls_.get(), SSL_get_shutdown(tls_.get()) | SSL_RECEIVED_SHUTDOWN);
  prepare();
  const int returned = SSL_shutdown(tls_.get());
  return returned == 1 ? outcome() : explain(returned);
}

void stream::rest() noexcept {
  // Only between records: OpenSSL up to 3.0.13 frees what it is in the middle of (CVE-2024-4741).
  if (tls_ && SSL_rstate_string(tls_.get()) == std::string_view("RH")) SSL_free_buffers(tls_.get());
}

bool stream::has_more() {
  if (!tls_) {
    error_code ignored;
    return socket_.available(ignored) > 0;
  }
  if (SSL_has_pending(tls_.get()) == 0) return false;
  prepare();
  char byte = 0;
  const int returned = SSL_peek(tls_.get(), &byte, 1);
  return returned > 0 || !explain(returned).must_wait();
}

void stream::prepare() {
  // Others in this thread may have left errors of theirs, which OpenSSL would take for this one's.
  if (ERR_peek_error() != 0) ERR_clear_error();
  reads_left_ = reads_at_once;
}

stream::outcome stream::explain(int returned) {
  outcome seen;
  switch (SSL_get_error(tls_.get(), returned)) {
    case SSL_ERROR_WANT_WRITE:
      seen.awaits = socket_type::wait_write;
      seen.failed = trouble_;
      break;
    case SSL_ERROR_WANT_READ:
      seen.failed = trouble_ == asio::error::eof ? asio::ssl::error::stream_truncated : trouble_;
      break;
    case SSL_ERROR_ZERO_RETURN:
      seen.failed = asio::error::eof;
      break;
    default:
      broken_ = true;
      seen.failed = error_code(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
      break;
  }
  if (!seen.failed) seen.failed = asio::ssl::error::unexpected_result;
  return seen;
}

}  // namespace binarly::connect
