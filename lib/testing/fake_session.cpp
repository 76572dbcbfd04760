// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t filler_piece = 64 * 1024;
constexpr std::size_t slow_piece = 7;
// Of a body that is made while it is sent.
constexpr int slow_pieces = 16;
// What is read over from a peer that goes on sending after the service closed its side.
constexpr std::size_t most_drained = 1024 * 1024;

class session final : public fake_connection {
 public:
  session(std::shared_ptr<fake_service_state> service, tcp_socket socket)
      : service_(std::move(service)),
        timer_(service_->strand),
        stream_(make_stream(std::move(socket), service_->tls)),
        reader_(service_->backend.records_heads ? request_reader::heads::keep
                                                : request_reader::heads::drop) {
    service_->connections.add(*this);
    live_counters& counters = service_->backend.counters;
    const auto open = ++counters.open_connections;
    ++counters.connections;
    counters.most_open_connections = std::max(counters.most_open_connections.load(), open);
  }
  ~session() {
    service_->connections.remove(*this);
    --service_->backend.counters.open_connections;
  }

  void abort(abort_how how) noexcept override {
    boost::system::error_code ignored;
    if (how == abort_how::reset) {
      stream_->socket().set_option(asio::socket_base::linger(true, 0), ignored);
    }
    stream_->socket().close(ignored);
    timer_.cancel();
  }

  static task<void> run(std::shared_ptr<session> self) {
    // Named, here and below: at -O0, g++ 12 miscompiles a co_await inside a condition.
    const bool secured = co_await self->stream_->handshake();
    if (!secured) co_return;
    if (self->service_->tls) ++self->service_->backend.counters.handshakes;
    bool more = true;
    while (more)
      more = co_await self->serve_one();
  }

 private:
  /// False when the connection is over.
  task<bool> serve_one() {
    auto read = reader_.next(request_);
    while (read == request_reader::outcome::need_more) {
      const auto room = reader_.prepare();
      const std::size_t size =
          co_await stream_->read_some(asio::mutable_buffer(room.data(), room.size()));
      if (size == 0) {
        co_await stream_->say_goodbye();
        co_return false;
      }
      silent_ticks = 0;
      arrival_ = steady_clock::now();
      reader_.commit(size);
      read = reader_.next(request_);
    }
    delivery next = read == request_reader::outcome::complete
                        ? service_->backend.answer_to(request_, answered_++)
                        : service_->backend.refuse(read);
    co_return co_await carry_out(std::move(next));
  }

  task<bool> carry_out(delivery what) {
    if (what.wait > milliseconds::zero()) co_await wait_until(arrival_ + what.wait);
    const bool sent = co_await send(what);
    if (!sent) co_return false;
    switch (what.then) {
      case ending::next_request:
        co_return true;
      case ending::close:
        co_await stream_->say_goodbye();
        [[fallthrough]];
      case ending::cut:
        co_await close_gently();
        break;
      case ending::reset:
        abort(abort_how::reset);
        break;
      case ending::hang:
        co_await read_over();
        break;
    }
    co_return false;
  }

  task<bool> send(delivery& what) {
    const bool slow = what.spread > milliseconds::zero();
    if (slow && !what.source) co_return co_await send_slowly(what);
    if (!what.bytes.empty()) {
      const bool written = co_await stream_->write(asio::buffer(what.bytes));
      if (!written) co_return false;
      silent_ticks = 0;
    }
    if (what.source) co_return co_await send_source(what);
    if (what.filler == 0) co_return true;
    const std::string piece(filler_piece, 'x');
    for (std::uint64_t left = what.filler; left > 0;) {
      const std::size_t size =
          static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
      const bool written = co_await stream_->write(asio::buffer(piece.data(), size));
      if (!written) co_return false;
      silent_ticks = 0;
      left -= size;
    }
    co_return true;
  }

  task<bool> send_source(delivery& what) {
    std::string piece;
    std::string out;
    std::uint64_t sent = 0;
    bool more = true;
    for (int pieces = 0; more; ++pieces) {
      if (what.spread > milliseconds::zero() && pieces < slow_pieces) {
        co_await wait_until(steady_clock::now() + what.spread / slow_pieces);
      }
      piece.clear();
      out.clear();
      more = what.source->next(piece);
      const bool cut = what.source_limit != 0 && sent + piece.size() >= what.source_limit;
      if (cut) {
        piece.resize(static_cast<std::size_t>(what.source_limit - sent));
        more = false;
      }
      sent += piece.size();
      if (!what.in_chunks) {
        out = piece;
      } else if (!piece.empty() || !cut) {
        append_chunk(out, piece);
      }
      if (out.empty()) continue;
      const bool written = co_await stream_->write(asio::buffer(out));
      if (!written) co_return false;
      silent_ticks = 0;
    }
    co_return true;
  }

  task<bool> send_slowly(const delivery& what) {
    const std::string_view bytes = what.bytes;
    // At most one piece a millisecond, which is as fine as a timer goes.
    const auto most_pieces = static_cast<std::size_t>(what.spread.count());
    const std::size_t piece = std::max(slow_piece, bytes.size() / most_pieces + 1);
    const auto start = steady_clock::now();
    for (std::size_t sent = 0; sent < bytes.size(); sent += piece) {
      const bool written = co_await stream_->write(asio::buffer(bytes.substr(sent, piece)));
      if (!written) co_return false;
      silent_ticks = 0;
      const double share = static_cast<double>(sent) / static_cast<double>(bytes.size());
      co_await wait_until(start + std::chrono::duration_cast<milliseconds>(share * what.spread));
    }
    co_return true;
  }

  task<void> wait_until(steady_clock::time_point when) {
    // An aborted session must not begin to wait: nobody would wake it.
    if (!stream_->socket().is_open()) co_return;
    timer_.expires_at(when);
    const auto ticks = (when - steady_clock::now()) / fake_connections::tick_length;
    silent_ticks = -static_cast<int>(ticks);
    co_await timer_.async_wait(as_task);
    silent_ticks = 0;
  }

  task<void> read_over() {
    std::array<char, 1024> unread;
    for (;;) {
      const std::size_t size = co_await stream_->read_some(asio::buffer(unread));
      if (size == 0) break;
    }
  }

  /// Lets the peer have all that was sent: closing at once over unread bytes would reset it.
  task<void> close_gently() {
    boost::system::error_code error;
    stream_->socket().shutdown(asio::socket_base::shutdown_send, error);
    std::array<char, 1024> unread;
    for (std::size_t drained = 0; !error && drained < most_drained;) {
      const auto [failed, size] =
          co_await stream_->socket().async_read_some(asio::buffer(unread), as_task);
      drained += size;
      error = failed;
    }
  }

  std::shared_ptr<fake_service_state> service_;
  asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, strand_type> timer_;
  std::unique_ptr<byte_stream> stream_;
  request_reader reader_;
  fake_request request_;
  steady_clock::time_point arrival_;
  std::size_t answered_ = 0;
};

}  // namespace

void start_fake_session(std::shared_ptr<fake_service_state> service, tcp_socket socket) {
  const strand_type strand = service->strand;
  const auto made = std::make_shared<session>(std::move(service), std::move(socket));
  // A session that fails for want of memory, say, ends alone.
  asio::co_spawn(strand, session::run(made), [made](const std::exception_ptr& thrown) {
    if (thrown) made->abort(abort_how::reset);
  });
}

}  // namespace binarly::testing
