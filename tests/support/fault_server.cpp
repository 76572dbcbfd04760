// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// TLS runs over buffers in memory rather than over the socket. So this file alone decides which
// bytes leave together, what is read and what is left unread, and when.

#include "support/fault_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <list>
#include <optional>
#include <stdexcept>
#include <utility>

namespace binarly::testing {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using kind = server_step::kind;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
/// So much is written before the client gets a chance to read.
constexpr std::size_t flood_write = 64 * 1024;

// Whoever runs the context hears of what these tests never expect.
void rethrow(const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("OpenSSL does not take ") + what);
}

std::shared_ptr<asio::ssl::context> make_face(const server_face& face) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  tls->use_certificate_chain(asio::buffer(face.identity.certificate));
  tls->use_private_key(asio::buffer(face.identity.key), asio::ssl::context::pem);
  SSL_CTX* const native = tls->native_handle();
  if (face.newest_version != 0) {
    // What is older than TLS 1.2 is not spoken at the usual level of security.
    SSL_CTX_set_security_level(native, 0);
    require(SSL_CTX_set_min_proto_version(native, TLS1_VERSION) == 1 &&
                SSL_CTX_set_max_proto_version(native, face.newest_version) == 1,
            "the version of TLS");
  }
  if (face.demands_certificate) {
    tls->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  if (!face.tickets) require(SSL_CTX_set_num_tickets(native, 0) == 1, "the number of tickets");
  return tls;
}

struct free_ssl {
  void operator()(SSL* tls) const noexcept { SSL_free(tls); }
};

/// Connections that fill the queue of a listening socket, since nobody accepts them.
class full_queue {
 public:
  full_queue(asio::io_context& context, tcp::acceptor& of) {
    constexpr int enough = 4;
    of.listen(0);
    for (int i = 0; i < enough; ++i) {
      auto& filler = fillers_.emplace_back(context, tcp::v4());
      filler.async_connect(of.local_endpoint(), [](error_code) {});
    }
  }

  /// Ends them; those that are in the queue are accepted all the same.
  void end() {
    for (auto& each : fillers_) {
      error_code ignored;
      ended_.push_back(each.local_endpoint(ignored));
      each.close(ignored);
    }
  }
  [[nodiscard]] bool held(const tcp::socket& accepted) const {
    error_code unknown;
    const auto peer = accepted.remote_endpoint(unknown);
    return unknown || std::ranges::find(ended_, peer) != ended_.end();
  }

 private:
  std::list<tcp::socket> fillers_;
  std::vector<tcp::endpoint> ended_;
};

server_step plain(kind what) { return {what, {}, 0, nullptr}; }

}  // namespace

namespace server_steps {

server_step secure() { return plain(kind::secure); }
server_step secure(const server_face& face) { return {kind::secure, {}, 0, make_face(face)}; }
server_step read_raw(std::size_t bytes) { return {kind::read_raw, {}, bytes, nullptr}; }
server_step request() { return plain(kind::request); }
server_step first_byte() { return plain(kind::first_byte); }
server_step say(std::string bytes) { return {kind::say, std::move(bytes), 0, nullptr}; }
server_step say_raw(std::string bytes) { return {kind::say_raw, std::move(bytes), 0, nullptr}; }
server_step flood(std::string bytes) { return {kind::flood, std::move(bytes), 0, nullptr}; }
server_step rest() { return plain(kind::rest); }
server_step hold() { return plain(kind::hold); }
server_step tickets(std::size_t count) { return {kind::tickets, {}, count, nullptr}; }
server_step update_key() { return plain(kind::update_key); }
server_step renegotiate() { return plain(kind::renegotiate); }
server_step goodbye() { return plain(kind::goodbye); }
server_step fin() { return plain(kind::fin); }
server_step reset() { return plain(kind::reset); }
server_step serve() { return plain(kind::serve); }

}  // namespace server_steps

std::string good_body() {
  return R"({"id":"image","name":"Firmware","version":"1.0","createTime":"2024-01-20T10:00:00Z",)"
         R"("author":"user@example.com","parent":"products/product"})";
}

std::string good_answer(const std::string& headers) {
  const std::string body = good_body();
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

struct fault_server::impl {
  /// One connection and its script.
  class session {
   public:
    session(impl& server, tcp::socket socket, server_script script)
        : server_(server),
          socket_(std::move(socket)),
          wake_(socket_.get_executor(), std::chrono::steady_clock::time_point::max()),
          script_(std::move(script)) {
      socket_.non_blocking(true);
      socket_.set_option(tcp::no_delay(true));
    }

    void go_on() { wake_.cancel(); }
    void end() {
      error_code ignored;
      socket_.close(ignored);
      wake_.cancel();
    }

    static asio::awaitable<void> run(std::shared_ptr<impl> server, std::shared_ptr<session> self) {
      bool more = true;
      for (const server_step& step : self->script_) {
        more = co_await self->carry_out(step);
        if (!more) break;
      }
      if (more) more = co_await self->flush();
      while (more)
        more = co_await self->pull();
      self->end();
      std::erase(server->sessions, self);
    }

   private:
    /// False when the connection is over.
    asio::awaitable<bool> carry_out(const server_step& step) {
      bool more = true;
      switch (step.what) {
        case kind::secure:
          more = co_await secure(step.face ? *step.face : *server_.face);
          break;
        case kind::read_raw:
          more = co_await flush();
          while (more && received_ < step.count)
            more = co_await pull();
          break;
        case kind::request:
          more = co_await read_request();
          break;
        case kind::first_byte: {
          more = co_await flush();
          const auto [failed] = co_await socket_.async_wait(tcp::socket::wait_read, as_result);
          more = more && !failed;
          break;
        }
        case kind::say:
          say(step.bytes);
          break;
        case kind::say_raw:
          output_ += step.bytes;
          break;
        case kind::flood:
          while (more) {
            while (output_.size() < flood_write)
              say(step.bytes);
            more = co_await flush();
          }
          break;
        case kind::rest:
          more = co_await wait(server_.resting);
          break;
        case kind::hold:
          more = co_await wait(server_.held);
          break;
        case kind::tickets:
          for (std::size_t i = 0; i < step.count; ++i)
            require(SSL_new_session_ticket(tls_.get()) == 1, "a ticket's request");
          require(SSL_do_handshake(tls_.get()) == 1, "to send a ticket");
          collect();
          break;
        case kind::update_key:
          require(SSL_key_update(tls_.get(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
                      SSL_do_handshake(tls_.get()) == 1,
                  "to update its key");
          collect();
          break;
        case kind::renegotiate:
          require(SSL_renegotiate(tls_.get()) == 1 && SSL_do_handshake(tls_.get()) == 1,
                  "to ask for a handshake");
          collect();
          break;
        case kind::goodbye:
          SSL_shutdown(tls_.get());
          collect();
          break;
        case kind::fin: {
          more = co_await flush();
          error_code failed;
          socket_.shutdown(tcp::socket::shutdown_send, failed);
          more = more && !failed;
          break;
        }
        case kind::reset: {
          more = co_await flush();
          error_code ignored;
          socket_.set_option(asio::socket_base::linger(true, 0), ignored);
          socket_.close(ignored);
          more = false;
          break;
        }
        case kind::serve:
          ++server_.serving;
          while (more) {
            more = co_await read_request();
            if (more) say(good_answer());
          }
          break;
      }
      co_return more;
    }

    asio::awaitable<bool> secure(asio::ssl::context& shown) {
      tls_.reset(SSL_new(shown.native_handle()));
      require(tls_ != nullptr, "its context");
      BIO* const in = BIO_new(BIO_s_mem());
      BIO* const out = BIO_new(BIO_s_mem());
      require(in != nullptr && out != nullptr, "to make a buffer");
      BIO_set_mem_eof_return(in, -1);
      SSL_set_bio(tls_.get(), in, out);
      feed(std::exchange(unread_, {}));
      for (;;) {
        ERR_clear_error();
        const int done = SSL_accept(tls_.get());
        collect();
        const int why = SSL_get_error(tls_.get(), done);
        // An alert that says why it failed has its way, too.
        const bool sent = co_await flush();
        if (done == 1) co_return sent;
        if (!sent || why != SSL_ERROR_WANT_READ) co_return false;
        const bool more = co_await pull();
        if (!more) co_return false;
      }
    }

    asio::awaitable<bool> read_request() {
      for (;;) {
        const auto end = request_.find("\r\n\r\n");
        if (end != request_.npos) {
          request_.erase(0, end + 4);
          ++server_.requests;
          co_return true;
        }
        ERR_clear_error();
        std::array<char, 4096> room{};
        const int size = SSL_read(tls_.get(), room.data(), static_cast<int>(room.size()));
        collect();
        if (size > 0) {
          request_.append(room.data(), static_cast<std::size_t>(size));
          continue;
        }
        if (SSL_get_error(tls_.get(), size) != SSL_ERROR_WANT_READ) co_return false;
        bool more = co_await flush();
        if (more) more = co_await pull();
        if (!more) co_return false;
      }
    }

    void say(const std::string& bytes) {
      require(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
                  static_cast<int>(bytes.size()),
              "what is to be sent");
      collect();
    }

    /// What TLS wants to be sent goes behind what is waiting to be.
    void collect() {
      BIO* const out = SSL_get_wbio(tls_.get());
      const std::size_t before = output_.size();
      const std::size_t size = BIO_ctrl_pending(out);
      if (size == 0) return;
      output_.resize(before + size);
      BIO_read(out, output_.data() + before, static_cast<int>(size));
    }

    void feed(const std::string& bytes) {
      BIO_write(SSL_get_rbio(tls_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }

    asio::awaitable<bool> flush() {
      std::size_t sent = 0;
      while (sent < output_.size()) {
        error_code failed;
        sent +=
            socket_.write_some(asio::buffer(output_.data() + sent, output_.size() - sent), failed);
        if (failed == asio::error::would_block) {
          const auto [cancelled] = co_await socket_.async_wait(tcp::socket::wait_write, as_result);
          failed = cancelled;
        }
        if (failed) co_return false;
      }
      output_.clear();
      co_return true;
    }

    asio::awaitable<bool> pull() {
      std::string bytes(4096, '\0');
      const auto [failed, size] = co_await socket_.async_read_some(asio::buffer(bytes), as_result);
      if (failed) co_return false;
      received_ += size;
      bytes.resize(size);
      if (tls_) {
        feed(bytes);
      } else {
        unread_ += bytes;
      }
      co_return true;
    }

    asio::awaitable<bool> wait(std::size_t& waiting) {
      const bool sent = co_await flush();
      if (!sent) co_return false;
      ++waiting;
      (void)co_await wake_.async_wait(as_result);
      --waiting;
      co_return socket_.is_open();
    }

    impl& server_;
    tcp::socket socket_;
    asio::steady_timer wake_;
    const server_script script_;
    std::unique_ptr<SSL, free_ssl> tls_;
    std::string unread_;  // before TLS
    std::string request_;
    std::string output_;
    std::size_t received_ = 0;
  };

  impl(asio::io_context& on, const certificate_authority& authority,
       std::vector<server_script> scripts)
      : context(on), acceptor(on, tcp::v4()) {
    server_face own;
    own.identity = authority.issue(certificate_request());
    face = make_face(own);
    for (auto& each : scripts)
      left.push_back(std::move(each));
    acceptor.bind({asio::ip::address_v4::loopback(), 0});
  }

  static asio::awaitable<void> accept(std::shared_ptr<impl> self) {
    for (;;) {
      auto [failed, socket] = co_await self->acceptor.async_accept(as_result);
      if (failed) co_return;
      if (self->queue && self->queue->held(socket)) continue;
      ++self->connections;
      server_script script{server_steps::secure(), server_steps::serve()};
      if (!self->left.empty()) {
        script = std::move(self->left.front());
        self->left.pop_front();
      }
      const auto made = std::make_shared<session>(*self, std::move(socket), std::move(script));
      self->sessions.push_back(made);
      asio::co_spawn(self->context, session::run(self, made), rethrow);
    }
  }

  asio::io_context& context;
  tcp::acceptor acceptor;
  std::shared_ptr<asio::ssl::context> face;
  std::list<server_script> left;
  std::vector<std::shared_ptr<session>> sessions;
  std::optional<full_queue> queue;
  std::optional<tcp::acceptor> dead;
  bool accepting = false;
  std::size_t connections = 0;
  std::size_t requests = 0;
  std::size_t serving = 0;
  std::size_t resting = 0;
  std::size_t held = 0;
};

fault_server::fault_server(asio::io_context& context, const certificate_authority& authority,
                           std::vector<server_script> scripts, welcome how)
    : impl_(std::make_shared<impl>(context, authority, std::move(scripts))) {
  // A port that is taken, but not listened on, refuses connections, and stays ours.
  switch (how) {
    case welcome::accepts:
      serve_now();
      break;
    case welcome::refuses:
      break;
    case welcome::overflows:
      impl_->queue.emplace(context, impl_->acceptor);
      break;
    case welcome::half_overflows: {
      const auto address = asio::ip::make_address_v4("127.0.0.2");
      impl_->dead.emplace(context, tcp::v4());
      impl_->dead->bind({address, port()});
      impl_->queue.emplace(context, *impl_->dead);
      serve_now();
      break;
    }
  }
}

fault_server::~fault_server() {
  error_code ignored;
  impl_->acceptor.close(ignored);
  for (const auto& each : impl_->sessions)
    each->end();
}

void fault_server::serve_now() {
  if (std::exchange(impl_->accepting, true)) return;
  if (impl_->queue && !impl_->dead) impl_->queue->end();
  impl_->acceptor.listen();
  asio::co_spawn(impl_->context, impl::accept(impl_), rethrow);
}

std::uint16_t fault_server::port() const noexcept {
  return impl_->acceptor.local_endpoint().port();
}

bool fault_server::resting() const noexcept { return impl_->resting > 0; }
bool fault_server::held() const noexcept { return impl_->held > 0; }

void fault_server::go_on() {
  for (const auto& each : impl_->sessions)
    each->go_on();
}

std::size_t fault_server::connections() const noexcept { return impl_->connections; }
std::size_t fault_server::open() const noexcept { return impl_->sessions.size(); }
std::size_t fault_server::requests() const noexcept { return impl_->requests; }
std::size_t fault_server::serving() const noexcept { return impl_->serving; }

}  // namespace binarly::testing
