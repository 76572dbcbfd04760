// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TESTS_UNIT_CONNECTION_WORLD_HPP
#define BINARLY_TESTS_UNIT_CONNECTION_WORLD_HPP

#include "connect/destination.hpp"
#include "https/connection.hpp"
#include "https/strand.hpp"
#include "https/stranded_connection.hpp"
#include "support/run_task.hpp"

#include <binarly/testing/certificate_authority.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace binarly::testing {

/// What a connection goes over, and whose executor it runs on.
struct way {
  std::string name;
  bool tls = false;
  /// It is on a strand of its own, and its owner on another.
  bool stranded = false;
};

inline std::vector<way> all_ways() {
  return {{"TCP", false, false},
          {"TLS", true, false},
          {"TCP, two strands", false, true},
          {"TLS, two strands", true, true}};
}

class body_reader final : public https::response_reader {
 public:
  void on_head(https::response_head head) override { status = head.status; }
  void on_body(std::string_view piece) override {
    body += piece;
    if (when_read) when_read();
  }

  unsigned status = 0;
  std::string body;
  std::function<void()> when_read;
};

/// What a connection told its owner, and what the owner does about it.
class connection_diary final : public https::connection_listener {
 public:
  void on_open(bool) override {
    ++opened;
    if (when_open) when_open();
  }
  void on_answer(const https::reuse_terms& terms) override {
    ++answers;
    reusable = terms.reusable;
    if (when_answered) when_answered();
  }
  void on_closed(connect::transport_failure why, bool begun) override {
    ++closed;
    failure = std::move(why);
    answer_begun = begun;
  }

  int opened = 0;
  int answers = 0;
  int closed = 0;
  bool reusable = false;
  bool answer_begun = false;
  connect::transport_failure failure;
  std::function<void()> when_open;
  std::function<void()> when_answered;
};

/// The server's side of one connection. It does what the test says, one step at a time.
class scripted_peer {
 public:
  using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

  scripted_peer(boost::asio::io_context& context, bool over_tls)
      : tls(over_tls),
        acceptor(context, {boost::asio::ip::address_v4::loopback(), 0}),
        secrets(boost::asio::ssl::context::tls_server),
        stream(context, identified(secrets, authority)) {}

  boost::asio::awaitable<void> accept() {
    co_await acceptor.async_accept(stream.next_layer(), boost::asio::use_awaitable);
    stream.next_layer().set_option(boost::asio::ip::tcp::no_delay(true));
  }

  boost::asio::awaitable<void> shake_hands() {
    if (!tls) co_return;
    co_await stream.async_handshake(tls_stream::server, boost::asio::use_awaitable);
  }

  boost::asio::awaitable<void> write(std::string bytes) {
    const auto all = boost::asio::buffer(bytes);
    if (tls) {
      co_await boost::asio::async_write(stream, all, boost::asio::use_awaitable);
    } else {
      co_await boost::asio::async_write(stream.next_layer(), all, boost::asio::use_awaitable);
    }
  }

  /// Before anybody else has a turn; little enough for the socket to hold.
  void write_at_once(const std::string& bytes) {
    const auto all = boost::asio::buffer(bytes);
    if (tls) {
      boost::asio::write(stream, all);
    } else {
      boost::asio::write(stream.next_layer(), all);
    }
  }

  /// Receives so many bytes, or up to the end, slowly: the client has its turns in between.
  boost::asio::awaitable<void> read(std::size_t count) {
    std::string room(10'000, '\0');
    for (std::size_t left = count; left > 0 && !ended;) {
      const auto some = boost::asio::buffer(room.data(), std::min(left, room.size()));
      std::size_t size = 0;
      if (tls) {
        std::tie(ended, size) = co_await stream.async_read_some(some, as_result);
      } else {
        std::tie(ended, size) = co_await stream.next_layer().async_read_some(some, as_result);
      }
      received.append(room, 0, size);
      left -= size;
      co_await boost::asio::post(stream.get_executor(), boost::asio::use_awaitable);
    }
  }

  /// Says goodbye, where there is one to say, and closes.
  boost::asio::awaitable<void> close() {
    if (tls) {
      const auto [ignored] = co_await stream.async_shutdown(as_result);
      static_cast<void>(ignored);
    }
    stream.next_layer().close();
  }

  const bool tls;
  const certificate_authority authority;
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::ssl::context secrets;
  tls_stream stream;  // over plain TCP, only what is beneath it
  std::string received;
  boost::system::error_code ended;  // what reading ended with

 private:
  static constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

  /// Before the stream is made, which takes them over.
  static boost::asio::ssl::context& identified(boost::asio::ssl::context& secrets,
                                               const certificate_authority& authority) {
    const auto identity = authority.issue(certificate_request());
    secrets.use_certificate_chain(boost::asio::buffer(identity.certificate));
    secrets.use_private_key(boost::asio::buffer(identity.key), boost::asio::ssl::context::pem);
    return secrets;
  }
};

/// A connection and its server, on one thread.
class connection_world {
 public:
  explicit connection_world(const way& how)
      : peer(context, how.tls),
        owners(how.stranded ? https::make_strand(context.get_executor()) : context.get_executor()) {
    const auto target = std::make_shared<connect::destination>();
    target->where = connect::parse_origin(url(), true).value();
    target->addresses =
        std::make_shared<connect::address_book>(boost::asio::ip::address_v4::loopback());
    if (how.tls) {
      tls_options options;
      options.ca_pem = peer.authority.ca_pem();
      target->tls = std::make_shared<connect::tls_client>(options, target->where, 2);
    }
    const auto make = [target](const boost::asio::any_io_executor& executor,
                               std::weak_ptr<https::connection_listener> listener) {
      return https::make_connection(executor, target, 4096, std::move(listener));
    };
    if (!how.stranded) {
      link = make(owners, diary);
      return;
    }
    const auto own = https::make_strand(context.get_executor());
    link = https::make_stranded_connection(owners, own, diary,
                                           [&](std::weak_ptr<https::connection_listener> listener) {
                                             return make(own, std::move(listener));
                                           });
  }

  [[nodiscard]] std::string host() const {
    return "127.0.0.1:" + std::to_string(peer.acceptor.local_endpoint().port());
  }

  /// Runs the context, which is bounded, until something is so.
  template <class Condition>
  void run_until(Condition met) {
    const auto bound = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    context.restart();
    while (!met()) {
      REQUIRE(context.run_one_until(bound) == 1);
    }
  }
  void run(boost::asio::awaitable<void> servers) { run_task(context, std::move(servers)); }
  /// Runs what can be run without waiting.
  void settle() {
    context.restart();
    context.poll();
  }
  /// Runs until nothing is pending any more.
  void run_dry() {
    const auto bound = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    context.restart();
    while (context.run_one_until(bound) == 1) {
    }
    REQUIRE(context.stopped());
  }

  /// Calls the connection as its owner does.
  template <class F>
  void ask(F function) {
    bool asked = false;
    boost::asio::dispatch(owners, [&] {
      function();
      asked = true;
    });
    run_until([&] { return asked; });
  }

  void open() {
    ask([&] { link->open(); });
    run(peer.accept());
    run(peer.shake_hands());
    run_until([&] { return diary->opened == 1; });
  }

  std::shared_ptr<body_reader> send(https::request what) {
    auto reader = std::make_shared<body_reader>();
    ask([&] { give(std::move(what), reader); });
    return reader;
  }

  /// From within what the diary does.
  void give(https::request what, std::shared_ptr<body_reader> reader) {
    what.answer_limit = std::size_t{16} * 1024 * 1024;
    link->send(std::make_shared<https::request>(std::move(what)), std::move(reader));
  }

  boost::asio::io_context context;
  scripted_peer peer;
  const boost::asio::any_io_executor owners;
  const std::shared_ptr<connection_diary> diary = std::make_shared<connection_diary>();
  std::shared_ptr<https::connection> link;

 private:
  [[nodiscard]] std::string url() const { return (peer.tls ? "https://" : "http://") + host(); }
};

}  // namespace binarly::testing

#endif
