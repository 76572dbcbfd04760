// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/address_book.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <utility>
#include <vector>

namespace binarly::connect {

namespace asio = boost::asio;

namespace {

/// The system's own resolver, in the shape of one that is handed in.
template <class Handler>
void resolve_by_system(const asio::any_io_executor& executor, const std::string& host,
                       const Handler& done) {
  using asio::ip::tcp;
  const auto resolver = std::make_shared<tcp::resolver>(executor);
  resolver->async_resolve(
      host, "", [resolver, done](error_code failed, const tcp::resolver::results_type& found) {
        address_list addresses;
        for (const auto& entry : found)
          addresses.push_back(entry.endpoint().address());
        done(failed, addresses);
      });
}

}  // namespace

/// A lookup under way. Its owner is the operation alone: when an execution context ends and
/// destroys that, those who wait go with it.
struct address_book::flight {
  std::vector<std::shared_ptr<waiter>> waiting;
};

/// A lookup may outlive its book.
struct address_book::shared {
  explicit shared(std::chrono::nanoseconds lifetime) : cache(lifetime) {}

  std::mutex mutex;
  address_cache cache;
  std::weak_ptr<flight> current;
};

address_book::address_book(const asio::ip::address& only)
    : literal_(std::make_shared<const address_list>(address_list{only})),
      shared_(std::make_shared<shared>(std::chrono::nanoseconds(0))) {}

address_book::address_book(asio::any_io_executor executor, std::string host,
                           address_resolver resolve, std::chrono::nanoseconds lifetime)
    : executor_(std::move(executor)),
      host_(std::move(host)),
      resolve_(std::move(resolve)),
      shared_(std::make_shared<shared>(lifetime)) {}

void address_book::look_up(const std::shared_ptr<waiter>& seat) {
  if (literal_) return complete(*seat, {}, literal_);
  const auto begun = std::make_shared<flight>();
  resolved known;
  {
    const std::lock_guard lock(shared_->mutex);
    known = shared_->cache.look(std::chrono::steady_clock::now());
    if (!known) {
      const auto current = shared_->current.lock();
      (current ? current : begun)->waiting.push_back(seat);
      if (current) return;
      shared_->current = begun;
    }
  }
  if (known) return complete(*seat, {}, std::move(known));

  const auto done = [book = shared_, begun](error_code failed, const address_list& found) {
    land(*book, *begun, failed, found);
  };
  if (!resolve_) return resolve_by_system(executor_, host_, done);
  try {
    resolve_(host_, done);
  } catch (...) {
    // What a user's function throws must not end the connection's coroutine.
    done(asio::error::host_not_found, {});
  }
}

void address_book::land(shared& book, flight& landed, error_code failed,
                        const address_list& found) {
  resolved addresses;
  if (!failed) {
    addresses = std::make_shared<const address_list>(interleaved(found));
    if (addresses->empty()) failed = asio::error::host_not_found;
  }
  std::vector<std::shared_ptr<waiter>> waiting;
  const std::lock_guard lock(book.mutex);
  waiting.swap(landed.waiting);
  if (waiting.empty()) return;  // it has landed before, or nobody is there any more
  if (!failed) book.cache.store(addresses, std::chrono::steady_clock::now());
  book.current.reset();
  // Under the lock: a resolver has threads of its own, and the context may end meanwhile.
  for (const auto& each : waiting)
    complete(*each, failed, addresses);
}

void address_book::leave(waiter& which) { complete(which, asio::error::operation_aborted, {}); }

void address_book::abandon() {
  std::vector<std::shared_ptr<waiter>> dropped;
  {
    const std::lock_guard lock(shared_->mutex);
    if (const auto current = shared_->current.lock()) dropped.swap(current->waiting);
    shared_->current.reset();
  }
  executor_ = {};
}

void address_book::distrust(const resolved& which) noexcept {
  const std::lock_guard lock(shared_->mutex);
  shared_->cache.distrust(which);
}

void address_book::complete(waiter& which, error_code failed, resolved found) {
  handler done;
  {
    const std::lock_guard lock(which.mutex_);
    done.swap(which.handler_);
  }
  if (!done) return;
  asio::post(which.executor_, [done = std::move(done), failed, found = std::move(found)]() mutable {
    std::move(done)(failed, std::move(found));
  });
}

}  // namespace binarly::connect
