// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/address_race.hpp"

#include "domain/local_trouble.hpp"

#include <boost/asio/error.hpp>

#include <chrono>

namespace binarly::connect {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// RFC 8305, section 8.
constexpr std::chrono::milliseconds connection_attempt_delay{250};
/// So much is said about a host's addresses.
constexpr std::size_t longest_troubles = 400;

}  // namespace

address_race::address_race(asio::any_io_executor executor,
                           std::shared_ptr<const address_list> addresses, std::uint16_t port)
    : executor_(std::move(executor)),
      addresses_(std::move(addresses)),
      port_(port),
      head_start_(executor_) {}

void address_race::cancel() {
  over_ = true;
  head_start_.cancel();
  for (auto& runner : runners_) {
    error_code ignored;
    runner.close(ignored);
  }
}

void address_race::begin_next(const shared_handler& done) {
  const auto self = shared_from_this();
  const auto& address = (*addresses_)[next_++];
  auto& runner = runners_.emplace_back(executor_);
  ++running_;
  runner.async_connect({address, port_}, [self, done, &runner, &address](error_code failed) {
    self->on_end(runner, address, failed, done);
  });
  if (next_ == addresses_->size()) return;
  head_start_.expires_after(connection_attempt_delay);
  head_start_.async_wait([self, done](error_code cut_short) {
    const bool more = self->next_ < self->addresses_->size();
    if (!cut_short && !self->over_ && more) self->begin_next(done);
  });
}

void address_race::on_end(tcp::socket& runner, const asio::ip::address& address, error_code failed,
                          const shared_handler& done) {
  --running_;
  if (over_) {
    // Won by another, or cancelled: then the last one to come back says so.
    if (running_ == 0) finish(*done, asio::error::operation_aborted, tcp::socket(executor_));
    return;
  }
  if (!failed) {
    tcp::socket winner = std::move(runner);
    cancel();
    return finish(*done, {}, std::move(winner));
  }
  if (troubles_.size() < longest_troubles) {
    troubles_ += (troubles_.empty() ? "" : ", ") + address.to_string() + ": " + failed.message();
  }
  // One family may be missing here; what the other one failed of is the cause then.
  if (domain::find_local_trouble(failed) == nullptr) others_trouble_ = failed;
  if (next_ < addresses_->size()) {
    begin_next(done);
  } else if (running_ == 0) {
    over_ = true;
    finish(*done, others_trouble_ ? others_trouble_ : failed, tcp::socket(executor_));
  }
}

void address_race::finish(handler& done, error_code failed, tcp::socket winner) {
  handler once;
  once.swap(done);
  if (once) std::move(once)(failed, std::move(winner));
}

}  // namespace binarly::connect
