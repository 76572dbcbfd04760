// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_ADDRESS_BOOK_HPP
#define BINARLY_CONNECT_ADDRESS_BOOK_HPP

#include "connect/address_list.hpp"

#include <binarly/client_options.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace binarly::connect {

/// The addresses of one host, for all connections to it: resolved once for those that wait at the
/// same time, and again only when the answer has become old or useless. From any thread.
///
/// A lookup that has begun cannot be stopped: the system's function runs on, on a thread of Asio's.
/// So whoever waits may leave, and what the lookup brings serves those who come later.
class address_book {
 public:
  using resolved = std::shared_ptr<const address_list>;
  using signature = void(error_code, resolved);
  using handler = boost::asio::any_completion_handler<signature>;

  /// Someone who waits.
  class waiter {
   public:
    waiter(boost::asio::any_io_executor where, handler done)
        : executor_(std::move(where)), handler_(std::move(done)) {}

   private:
    friend class address_book;
    const boost::asio::any_io_executor executor_;
    std::mutex mutex_;
    handler handler_;
  };

  /// For a literal address: it is all there is, and nothing is resolved.
  explicit address_book(const boost::asio::ip::address& only);
  /// `host` is a name. An empty `resolve` is the system's resolver, run on `executor`.
  address_book(boost::asio::any_io_executor executor, std::string host, address_resolver resolve,
               std::chrono::nanoseconds lifetime);

  /// Completes, soon and on `where`, with addresses in the order to try them: at least one unless
  /// there is an error. `seat` becomes the one to give to `leave`, and must live until then.
  template <class CompletionToken>
  auto async_look_up(std::weak_ptr<waiter>& seat, boost::asio::any_io_executor where,
                     CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, signature>(
        [this, &seat](handler done, boost::asio::any_io_executor on) {
          auto taken = std::make_shared<waiter>(std::move(on), std::move(done));
          seat = taken;
          look_up(taken);
        },
        token, std::move(where));
  }

  /// Completes the waiter with `operation_aborted`, unless it has been completed.
  static void leave(waiter& which);

  /// For the end of the execution context: drops those who wait, without calling them, though a
  /// resolver may still be busy for them. Nobody may ask any more.
  void abandon();

  /// None of these could be reached: they are resolved again for the next one who asks.
  void distrust(const resolved& which) noexcept;

 private:
  struct flight;
  struct shared;

  void look_up(const std::shared_ptr<waiter>& seat);
  static void land(shared& book, flight& landed, error_code failed, const address_list& found);
  static void complete(waiter& which, error_code failed, resolved found);

  const resolved literal_;
  boost::asio::any_io_executor executor_;
  const std::string host_;
  const address_resolver resolve_;
  const std::shared_ptr<shared> shared_;
};

}  // namespace binarly::connect

#endif
