// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_CONNECTION_HPP
#define BINARLY_HTTPS_CONNECTION_HPP

#include "connect/destination.hpp"
#include "connect/progress.hpp"
#include "connect/transport_failure.hpp"
#include "https/messages.hpp"
#include "https/reuse_terms.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>

namespace binarly::https {

/// Hears what becomes of one connection. Called on the connection's executor, as the last thing
/// that the connection does before it suspends, so that any of its functions may be called from
/// within.
class connection_listener {
 public:
  /// It is ready for its first request. `resumed`: TLS went on with an earlier session.
  virtual void on_open(bool resumed) = 0;
  /// The answer is complete, and reader and request are let go.
  virtual void on_answer(const reuse_terms& terms) = 0;
  /// It is gone: never opened, broken, or closed by either side. Nothing follows.
  virtual void on_closed(connect::transport_failure why, bool answer_begun) = 0;

 protected:
  ~connection_listener() = default;
};

/// One connection, as its pool sees it. It carries one exchange at a time; between exchanges it is
/// watched, and so learns at once when its server closes it, or says what nobody asked for.
///
/// What its owner asks for may cross what has just happened on the network. Such a wish is passed
/// over: the event that it crossed is on its way to the listener.
class connection {
 public:
  virtual ~connection() = default;

  /// Begins to connect; once. Ends in `on_open` or `on_closed`.
  virtual void open() = 0;
  /// Sends a request and reads its answer; ends in `on_answer` or `on_closed`. The connection must
  /// be open and idle.
  virtual void send(std::shared_ptr<const request> what,
                    std::shared_ptr<response_reader> reader) = 0;
  /// After each `on_answer` the owner either sends or calls this: nobody has anything to send, so
  /// the server is watched, if that is still so when the connection's turn comes. A read that is
  /// begun before the next request is written finds nothing, and costs a call to the system.
  virtual void watch() = 0;
  /// The caller is gone: touches the reader no more, and takes in what is left of the answer if
  /// that is small and of known length; ends in `on_answer` or, not from within this call, in
  /// `on_closed`.
  virtual void release() = 0;
  /// Says goodbye and closes; ends in `on_closed`. The connection must be open and idle.
  virtual void close() = 0;
  /// Closes at once, whatever it is doing, and touches reader and listener no more.
  virtual void abort() = 0;
  /// In a child process, to which nothing else happens meanwhile: closes the socket that it shares
  /// with its parent before this returns, from any thread, and without a byte to the peer.
  virtual void sever() { abort(); }
  /// What it is doing; from any thread.
  [[nodiscard]] virtual connect::progress::snapshot doing() const = 0;
};

/// A connection over TCP, and over TLS when the target has it. The listener is not kept alive.
[[nodiscard]] std::shared_ptr<connection> make_connection(
    boost::asio::any_io_executor executor, std::shared_ptr<const connect::destination> target,
    std::size_t head_limit, std::weak_ptr<connection_listener> listener);

}  // namespace binarly::https

#endif
