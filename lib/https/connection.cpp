// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/connection.hpp"

#include "connect/connector.hpp"
#include "https/request_text.hpp"
#include "https/response_parser.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace binarly::https {
namespace {

namespace asio = boost::asio;
using connect::stream;
using connect::transport_failure;

/// Reading so much of an answer that nobody wants is cheaper than a handshake.
constexpr std::size_t largest_drain = 64 * 1024;
/// A request is seldom larger; if it is, it takes memory from the heap.
constexpr std::size_t usual_request = 4096;
/// So often one connection reads before the others have their turn.
constexpr int reads_in_a_row = 8;

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
/// While it is open, something is always under way: a wait for bytes to come, one for room to send,
/// or a turn of its own that is about to read. Or the owner has just heard of an answer and is
/// about to say what is next. Closing and aborting from outside only mark the wish and end what is
/// under way; `finish` alone reports the end.
class http_connection final : public connection,
                              public std::enable_shared_from_this<http_connection> {
 public:
  http_connection(const asio::any_io_executor& executor,
                  const std::shared_ptr<const connect::destination>& target, std::size_t head_limit,
                  std::weak_ptr<connection_listener> listener)
      : target_(target),
        stream_(executor, target->tls ? &target->tls->context() : nullptr),
        connector_(target, progress_),
        parser_(head_limit),
        host_line_(" HTTP/1.1\r\nHost: " + target->where.host_header() + "\r\n"),
        listener_(std::move(listener)) {}

  void open() override {
    progress_.enter(phase::resolve);
    asio::co_spawn(stream_.socket().get_executor(), connect(shared_from_this()),
                   [self = shared_from_this()](std::exception_ptr thrown) {
                     if (thrown) self->on_exception(thrown);
                   });
  }

  void send(std::shared_ptr<const request> what, std::shared_ptr<response_reader> reader) override {
    if (doing_ != activity::idle) return;
    doing_ = activity::exchanging;
    reader_ = std::move(reader);
    parser_.start(*reader_, what->answer_limit);
    // Almost always it is sent from here at once, and the connection needs no room for it.
    request_text<usual_request> text(*what, host_line_);
    unsent_ = text.view();
    write();
    progress_.enter(unsent_.empty() ? phase::head : phase::write);
    // Should this throw, nothing refers to the text any more.
    keep_unsent(std::exchange(unsent_, {}));
    // By the time that its turn comes round, a busy server's answer is mostly there: to look for it
    // now would cost a call to the system that finds nothing.
    in_a_moment(&http_connection::read);
  }

  void watch() override {
    if (doing_ == activity::idle) in_a_moment(&http_connection::read_if_idle);
  }

  void release() override {
    if (doing_ != activity::exchanging) return;
    reader_.reset();
    if (!parser_.drain(largest_drain)) cut_off();
  }

  void close() override {
    if (doing_ != activity::idle) return;
    doing_ = activity::closing;
    in_a_moment(&http_connection::say_goodbye);
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
    stream_.socket().close(ignored);
  }

  void let_go() {
    parser_.forget_reader();
    reader_.reset();
  }

  using action = void (http_connection::*)();

  void act(action next) {
    if (doing_ == activity::aborted) return;
    try {
      (this->*next)();
    } catch (...) {
      on_exception(std::current_exception());
    }
  }

  void in_a_moment(action next) {
    asio::post(stream_.socket().get_executor(),
               [self = shared_from_this(), next] { self->act(next); });
  }

  void once_ready(stream::socket_type::wait_type awaited, action next) {
    stream_.socket().async_wait(awaited,
                                [self = shared_from_this(), next](const error_code& failed) {
                                  // What is tried next fails then, and tells so.
                                  if (failed) self->cut_off();
                                  self->act(next);
                                });
  }

  // The parameter keeps the connection alive for as long as the coroutine lives.
  asio::awaitable<void> connect(std::shared_ptr<http_connection>) {
    auto failed = co_await connector_.open(stream_);
    if (doing_ == activity::aborted) co_return;
    if (failed) co_return finish(std::move(*failed));
    doing_ = activity::idle;
    progress_.rest();
    if (const auto listener = listener_.lock()) listener->on_open(stream_.resumed());
    watch();
  }

  void write() {
    while (!unsent_.empty()) {
      const auto sent = stream_.write_some(unsent_);
      if (sent.must_wait()) return once_ready(sent.awaits, &http_connection::on_room_to_write);
      if (sent.failed) {
        // Reading fails too, and may find that the server had answered first.
        write_error_ = sent.failed;
        unsent_ = {};
        break;
      }
      unsent_.remove_prefix(sent.count);
    }
  }

  void keep_unsent(std::string_view rest) {
    if (rest.empty()) return;
    output_ = secret(std::string(rest));
    unsent_ = output_.reveal();
  }

  void on_room_to_write() {
    if (doing_ != activity::exchanging) return;
    write();
    if (!unsent_.empty()) return;
    output_ = secret();
    if (progress_.step() == phase::write) progress_.enter(phase::head);
    if (!answered_) return;
    // What has come behind the answer meanwhile is still in the socket.
    error_code ignored;
    if (stream_.socket().available(ignored) > 0) terms_.reusable = false;
    report_answer();
  }

  void on_bytes_to_read() {
    reading_ = false;
    read();
  }

  void read_if_idle() {
    if (doing_ == activity::idle) read();
  }

  void read() {
    if (reading_) return;
    for (int i = 0; i < reads_in_a_row; ++i) {
      if (doing_ != activity::idle && doing_ != activity::exchanging) return;
      // What came after the answer would be out of sight of `has_more`.
      if (answered_) return;
      const auto got = stream_.read_some(parser_.prepare());
      if (got.must_wait()) {
        if (doing_ == activity::idle) stream_.rest();
        reading_ = true;
        return once_ready(got.awaits, &http_connection::on_bytes_to_read);
      }
      if (doing_ == activity::idle) {
        // Between exchanges a server has nothing to say but goodbye. The owner learns of it before
        // anything else is waited for, or it could lend what is gone.
        return finish(got.failed
                          ? explain(got.failed, phase::acquire)
                          : transport_failure(errc::malformed_answer, phase::acquire,
                                              "the server sent bytes that nobody asked for"));
      }
      auto broken = got.failed ? on_read_failed(got.failed) : on_bytes(got.count);
      if (broken) return finish(std::move(*broken));
      // A server may answer before it has read the whole request.
      if (answered_ && unsent_.empty()) return report_answer();
    }
    in_a_moment(&http_connection::read);
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

  std::optional<transport_failure> on_read_failed(error_code cause) {
    // The system says only once that a connection was reset. TLS's own end is beyond doubt.
    if (cause == asio::error::eof && write_error_ && !target_->tls) cause = write_error_;
    // Only a proper goodbye may end an answer that states no length (RFC 9112, section 8).
    if (cause == asio::error::eof && parser_.got_some()) {
      if (parser_.end_of_stream() == response_parser::state::complete) {
        terms_ = reuse_terms(false);
        answered_ = true;
        return std::nullopt;
      }
      return parser_.error();
    }
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

  void report_answer() {
    answered_ = false;
    doing_ = activity::idle;
    progress_.rest();
    let_go();
    if (write_error_ || stream_.has_more()) terms_.reusable = false;
    if (const auto listener = listener_.lock()) listener->on_answer(terms_);
  }

  /// The owner bounds the time it takes.
  void say_goodbye() {
    const auto did = stream_.say_goodbye();
    if (did.must_wait()) return once_ready(did.awaits, &http_connection::say_goodbye);
    finish(transport_failure(errc::connection_lost, phase::acquire, "closed by the client"));
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
    transport_failure why(errc::connection_lost, progress_.step(), "");
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& problem) {
      why.reason = problem.what();
    } catch (...) {
      why.reason = "an internal error";
    }
    finish(std::move(why));
  }

  const std::shared_ptr<const connect::destination> target_;  // outlives the stream made from it
  connect::progress progress_;
  stream stream_;
  connect::connector connector_;
  response_parser parser_;
  std::shared_ptr<response_reader> reader_;
  const std::string host_line_;
  std::weak_ptr<connection_listener> listener_;
  secret output_;            // what could not be sent at once
  std::string_view unsent_;  // what is left of the request
  error_code write_error_;
  activity doing_ = activity::opening;
  bool reading_ = false;   // it waits for bytes to come
  bool answered_ = false;  // and the request is not sent to its end yet
  reuse_terms terms_;
};

}  // namespace

std::shared_ptr<connection> make_connection(asio::any_io_executor executor,
                                            std::shared_ptr<const connect::destination> target,
                                            std::size_t head_limit,
                                            std::weak_ptr<connection_listener> listener) {
  return std::make_shared<http_connection>(executor, target, head_limit, std::move(listener));
}

}  // namespace binarly::https
