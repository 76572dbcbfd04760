// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/connection.hpp"

#include "connect/connector.hpp"
#include "https/response_parser.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <exception>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace binarly::https {
namespace {

namespace asio = boost::asio;
using connect::tcp_stream;
using connect::tls_stream;
using connect::transport_failure;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// Reading so much of an answer that nobody wants is cheaper than a handshake.
constexpr std::size_t largest_drain = 64 * 1024;

/// Why a body that had begun, or an answer that had not, will not come any more.
transport_failure explain_break(const error_code& cause, phase step) {
  if (cause == asio::error::eof) {
    return {errc::connection_lost, step, "the server closed the connection", cause};
  }
  if (cause == asio::ssl::error::stream_truncated) {
    return {errc::connection_lost, step,
            "the connection was closed without TLS's goodbye, by the server or on the way", cause};
  }
  return {errc::connection_lost, step, cause.message(), cause};
}

/// Everything happens on one executor, a strand where the context has several threads.
///
/// One coroutine, `live`, owns the stream's reading side from birth to death; it alone reports
/// `on_open`, `on_answer` and `on_closed`. Writing is one operation beside it for each exchange.
/// Closing and aborting from outside only mark the wish and end the pending operation, and the
/// coroutine does the rest: so there is no second path on which a connection can end.
template <class Stream>
class stream_connection final : public connection,
                                public std::enable_shared_from_this<stream_connection<Stream>> {
 public:
  template <class... Context>
  stream_connection(const asio::any_io_executor& executor,
                    const std::shared_ptr<const connect::destination>& target,
                    std::size_t head_limit, std::weak_ptr<connection_listener> listener,
                    Context&... context)
      : target_(target),
        stream_(executor, context...),
        connector_(target, progress_),
        parser_(head_limit),
        host_line_(" HTTP/1.1\r\nHost: " + target->where.host_header() + "\r\n"),
        listener_(std::move(listener)) {}

  ~stream_connection() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      if (secured_) connect::tls_client::keep_resumable(stream_.native_handle());
    }
  }
  stream_connection(const stream_connection&) = delete;
  stream_connection& operator=(const stream_connection&) = delete;

  void open() override {
    progress_.enter(phase::resolve);
    asio::co_spawn(stream_.get_executor(), live(this->shared_from_this()),
                   [self = this->shared_from_this()](std::exception_ptr thrown) {
                     if (thrown) self->on_exception(thrown);
                   });
  }

  void send(std::shared_ptr<const request> what, std::shared_ptr<response_reader> reader) override {
    if (doing_ != activity::idle) return;
    doing_ = activity::exchanging;
    progress_.enter(phase::write);
    reader_ = std::move(reader);
    parser_.start(*reader_, what->answer_limit);
    output_.clear();
    output_.append(what->method).append(1, ' ').append(what->target).append(host_line_);
    if (what->fields) output_.append(*what->fields);
    if (!what->body.empty()) {
      output_.append("Content-Length: ").append(std::to_string(what->body.size())).append("\r\n");
    }
    output_.append("\r\n").append(what->body);
    writing_ = true;
    asio::async_write(stream_, asio::buffer(output_),
                      [self = this->shared_from_this()](error_code failed, std::size_t) {
                        self->on_written(failed);
                      });
  }

  void release() override {
    if (doing_ != activity::exchanging) return;
    reader_.reset();
    if (!parser_.drain(largest_drain)) cut_off();
  }

  void close() override {
    if (doing_ != activity::idle) return;
    doing_ = activity::closing;
    error_code ignored;
    socket().cancel(ignored);
  }

  void abort() override {
    doing_ = activity::aborted;
    listener_.reset();
    let_go();
    connector_.cancel();
    cut_off();
  }

  connect::progress::snapshot doing() const override { return progress_.look(); }

 private:
  enum class activity {
    opening,     ///< resolving, connecting, agreeing on TLS
    idle,        ///< open, with nothing to do but to watch the server
    exchanging,  ///< a request is on its way, or its answer
    closing,     ///< the owner asked for it
    aborted,     ///< the owner wants to hear no more
  };

  /// Ends what is pending, at once and without a word.
  void cut_off() {
    error_code ignored;
    socket().close(ignored);
  }

  void let_go() {
    parser_.forget_reader();
    reader_.reset();
  }

  tcp_stream& socket() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  bool resumed() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      return SSL_session_reused(stream_.native_handle()) == 1;
    } else {
      return false;
    }
  }

  // The first parameter keeps the connection alive for as long as the coroutine lives.
  asio::awaitable<void> live(std::shared_ptr<stream_connection>) {
    auto failed = co_await connector_.open(stream_);
    if (doing_ == activity::aborted) co_return;
    if (failed) co_return finish(std::move(*failed));
    secured_ = true;
    doing_ = activity::idle;
    progress_.enter(phase::acquire);
    if (const auto listener = listener_.lock()) listener->on_open(resumed());

    transport_failure end(errc::connection_lost, phase::acquire, "closed by the client");
    while (doing_ == activity::idle || doing_ == activity::exchanging) {
      const std::span<char> room = parser_.prepare();
      const auto [cause, count] =
          co_await stream_.async_read_some(asio::buffer(room.data(), room.size()), as_result);
      if (doing_ == activity::closing || doing_ == activity::aborted) break;
      if (doing_ == activity::idle) {
        // Between exchanges a server has nothing to say but goodbye. The owner learns of it before
        // anything else is waited for, or it could lend what is gone.
        end = cause ? explain(cause, phase::acquire)
                    : transport_failure(errc::malformed_answer, phase::acquire,
                                        "the server sent bytes that nobody asked for");
        break;
      } else if (auto broken = cause ? on_read_failed(cause) : on_bytes(count)) {
        end = std::move(*broken);
        break;
      }
      if (answered_) {
        if (writing_) co_await request_sent();
        if (doing_ == activity::exchanging) report_answer();
      }
    }
    if (doing_ == activity::closing) co_await say_goodbye();
    if (doing_ != activity::aborted) finish(std::move(end));
  }

  std::optional<transport_failure> on_bytes(std::size_t count) {
    switch (parser_.commit(count)) {
      case response_parser::state::need_more:
        progress_.enter(parser_.got_head() ? phase::body : phase::head, true);
        return std::nullopt;
      case response_parser::state::complete:
        terms_ = parser_.terms();
        answered_ = true;
        return std::nullopt;
      case response_parser::state::failed:
        break;
    }
    return parser_.error();
  }

  std::optional<transport_failure> on_read_failed(const error_code& cause) {
    // Only a proper goodbye may end an answer that states no length (RFC 9112, section 8).
    if (cause == asio::error::eof && parser_.got_some()) {
      if (parser_.end_of_stream() == response_parser::state::complete) {
        terms_ = reuse_terms(false);
        answered_ = true;
        return std::nullopt;
      }
      return parser_.error();
    }
    if (cause.category() == asio::error::get_ssl_category()) secured_ = false;
    if (parser_.got_some()) {
      auto broken = explain_break(cause, progress_.step());
      broken.code = errc::truncated;
      return broken;
    }
    if (write_error_ && !connect::tls_client::wants_certificate(cause)) {
      return explain_break(write_error_, phase::write);
    }
    return explain(cause, progress_.step());
  }

  transport_failure explain(const error_code& cause, phase step) const {
    // In TLS 1.3 a client learns of this once its own handshake is over.
    if (connect::tls_client::wants_certificate(cause)) {
      return target_->tls->explain_certificate_wanted(cause);
    }
    return explain_break(cause, step);
  }

  /// A server may answer before it has read the whole request. Nothing is read meanwhile: what came
  /// after the answer would be out of sight of `said_more`.
  asio::awaitable<void> request_sent() {
    asio::steady_timer waits(stream_.get_executor(), asio::steady_timer::time_point::max());
    waits_ = &waits;
    (void)co_await waits.async_wait(as_result);
    waits_ = nullptr;
  }

  void on_written(error_code failed) {
    writing_ = false;
    if (waits_ != nullptr) waits_->cancel();
    if (doing_ != activity::exchanging) return;
    if (failed) {
      // The pending read fails too, and may find that the server had answered first.
      write_error_ = failed;
    }
    if (progress_.step() == phase::write) progress_.enter(phase::head);
  }

  void report_answer() {
    answered_ = false;
    doing_ = activity::idle;
    progress_.enter(phase::acquire);
    let_go();
    if (write_error_ || said_more()) terms_.reusable = false;
    if (const auto listener = listener_.lock()) listener->on_answer(terms_);
  }

  /// Whether more has come with the answer than TLS's own messages: a goodbye, or bytes that nobody
  /// asked for yet. Lent at once, the connection would take them for the next answer.
  bool said_more() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      SSL* const tls = stream_.native_handle();
      if (SSL_pending(tls) == 0 && BIO_ctrl_pending(SSL_get_rbio(tls)) == 0) return false;
      ERR_clear_error();
      char byte = 0;
      const int got = SSL_peek(tls, &byte, 1);
      return SSL_get_error(tls, got) != SSL_ERROR_WANT_READ;
    } else {
      error_code ignored;
      return stream_.available(ignored) > 0;
    }
  }

  /// TLS's close_notify. We do not wait for the server's: nothing more is expected from it, and
  /// RFC 8446, section 6.1 allows to close the whole connection then. Told that the server's has
  /// come already, OpenSSL is content with sending ours. The owner bounds the time it takes.
  asio::awaitable<void> say_goodbye() {
    if constexpr (std::is_same_v<Stream, tls_stream>) {
      SSL* const tls = stream_.native_handle();
      SSL_set_shutdown(tls, SSL_get_shutdown(tls) | SSL_RECEIVED_SHUTDOWN);
      (void)co_await stream_.async_shutdown(as_result);
    }
    co_return;
  }

  void finish(transport_failure why) {
    const bool answer_begun = doing_ == activity::exchanging && parser_.got_some();
    doing_ = activity::aborted;
    let_go();
    cut_off();
    if (const auto listener = std::exchange(listener_, {}).lock()) {
      listener->on_closed(std::move(why), answer_begun);
    }
  }

  void on_exception(const std::exception_ptr& thrown) {
    if (doing_ == activity::aborted) return;
    transport_failure why(errc::connection_lost, progress_.step(), "an internal error");
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& problem) {
      why.reason = problem.what();
    }
    finish(std::move(why));
  }

  const std::shared_ptr<const connect::destination> target_;  // outlives the stream made from it
  connect::progress progress_;
  Stream stream_;
  connect::connector connector_;
  response_parser parser_;
  std::shared_ptr<response_reader> reader_;
  const std::string host_line_;
  std::weak_ptr<connection_listener> listener_;
  std::string output_;
  error_code write_error_;
  bool secured_ = false;  // and nothing has broken TLS since
  activity doing_ = activity::opening;
  bool writing_ = false;
  bool answered_ = false;
  asio::steady_timer* waits_ = nullptr;  // for the write to end
  reuse_terms terms_;
};

}  // namespace

std::shared_ptr<connection> make_connection(asio::any_io_executor executor,
                                            std::shared_ptr<const connect::destination> target,
                                            std::size_t head_limit,
                                            std::weak_ptr<connection_listener> listener) {
  if (target->tls) {
    return std::make_shared<stream_connection<tls_stream>>(
        executor, target, head_limit, std::move(listener), target->tls->context());
  }
  return std::make_shared<stream_connection<tcp_stream>>(executor, target, head_limit,
                                                         std::move(listener));
}

}  // namespace binarly::https
