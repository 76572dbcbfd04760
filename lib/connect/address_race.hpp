// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CONNECT_ADDRESS_RACE_HPP
#define BINARLY_CONNECT_ADDRESS_RACE_HPP

#include "connect/address_list.hpp"

#include <binarly/failure.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace binarly::connect {

/// Connects to whichever of a host's addresses answers first (RFC 8305, section 5): each has a head
/// start over the next one, which is cut short when it fails, and the losers are closed. Once, and
/// on one executor; owned by a shared pointer.
class address_race : public std::enable_shared_from_this<address_race> {
 public:
  using signature = void(error_code, boost::asio::ip::tcp::socket);
  using handler = boost::asio::any_completion_handler<signature>;

  address_race(boost::asio::any_io_executor executor, std::shared_ptr<const address_list> addresses,
               std::uint16_t port);

  /// Completes with the first connected socket, or what the last address failed of: the last one
  /// that did not fail of this machine's own trouble, if there is one.
  template <class CompletionToken>
  auto async_run(CompletionToken&& token) {
    return boost::asio::async_initiate<CompletionToken, signature>(
        [this](handler done) { begin_next(std::make_shared<handler>(std::move(done))); }, token);
  }

  /// Ends it soon, as `operation_aborted`.
  void cancel();

  /// What became of the addresses, for people.
  [[nodiscard]] const std::string& troubles() const noexcept { return troubles_; }

 private:
  // The handler belongs to the operations that are pending, and not to the race: it owns whoever
  // owns the race, and must go when an execution context ends and destroys its operations.
  using shared_handler = std::shared_ptr<handler>;

  void begin_next(const shared_handler& done);
  void on_end(boost::asio::ip::tcp::socket& runner, const boost::asio::ip::address& address,
              error_code failed, const shared_handler& done);
  static void finish(handler& done, error_code failed, boost::asio::ip::tcp::socket winner);

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<const address_list> addresses_;
  const std::uint16_t port_;
  boost::asio::steady_timer head_start_;
  std::list<boost::asio::ip::tcp::socket> runners_;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  bool over_ = false;
  std::string troubles_;
  error_code others_trouble_;
};

}  // namespace binarly::connect

#endif
