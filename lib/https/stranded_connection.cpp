// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "https/stranded_connection.hpp"

#include "https/strand.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <cstdint>
#include <mutex>
#include <utility>

namespace binarly::https {
namespace {

namespace asio = boost::asio;

/// Lets an answer through until its caller leaves, which happens on another thread.
class gated_reader final : public response_reader {
 public:
  void open(std::shared_ptr<response_reader> to) {
    const std::lock_guard lock(mutex_);
    to_ = std::move(to);
  }
  void on_head(response_head head) override {
    const std::lock_guard lock(mutex_);
    if (to_) to_->on_head(std::move(head));
  }
  void on_body(std::string_view piece) override {
    const std::lock_guard lock(mutex_);
    if (to_) to_->on_body(piece);
  }
  void shut() {
    const std::lock_guard lock(mutex_);
    to_.reset();
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<response_reader> to_;
};

/// Every call crosses to the other executor as a message, in order. So what the owner asks for and
/// what the network does can cross each other; `connection` says what happens then.
///
/// Where nobody else is on the owner's executor, it hears of an event at once, within the event's
/// turn on the connection's. What it wants next is then kept until it has returned: no message is
/// needed, and the owner's executor is free while the connection encrypts.
class stranded_connection final : public connection,
                                  public std::enable_shared_from_this<stranded_connection> {
 public:
  stranded_connection(asio::any_io_executor owners, asio::any_io_executor own,
                      std::weak_ptr<connection_listener> listener)
      : owners_(std::move(owners)), own_(std::move(own)), listener_(std::move(listener)) {}

  void begin(const connection_maker& make) {
    relay_ = std::make_shared<relay>(weak_from_this(), owners_);
    inner_ = make(relay_);
  }

  void open() override {
    asio::post(own_, [inner = inner_] { inner->open(); });
  }

  void send(std::shared_ptr<const request> what, std::shared_ptr<response_reader> reader) override {
    ++asked_;
    gate_->open(std::move(reader));
    if (runs_on(own_)) {
      next_ = std::move(what);
      return;
    }
    asio::post(own_, [self = shared_from_this(), what = std::move(what)]() mutable {
      self->begin_exchange(std::move(what));
    });
  }

  void watch() override {
    if (runs_on(own_)) {
      watches_next_ = true;
      return;
    }
    asio::post(own_, [inner = inner_] { inner->watch(); });
  }

  void release() override {
    let_go();
    // Meanwhile the exchange may end, and the next one begin ahead of this message.
    asio::post(own_, [self = shared_from_this(), which = asked_] {
      if (self->begun_ == which) self->inner_->release();
    });
  }

  void close() override {
    asio::post(own_, [inner = inner_] { inner->close(); });
  }

  void abort() override {
    listener_.reset();
    let_go();
    asio::post(own_, [inner = inner_] { inner->abort(); });
  }

  void sever() override {
    // A message would come behind those that the parent left in the queue, which may still write.
    inner_->sever();
  }

  connect::progress::snapshot doing() const override { return inner_->doing(); }

 private:
  /// What the inner connection says, on its way to the owner's executor.
  class relay final : public connection_listener {
   public:
    relay(std::weak_ptr<stranded_connection> to, asio::any_io_executor owners)
        : to_(std::move(to)), owners_(std::move(owners)) {}

    void on_open(bool resumed) override {
      tell([resumed](connection_listener& listener) { listener.on_open(resumed); });
    }
    void on_answer(const reuse_terms& terms) override {
      tell([terms](connection_listener& listener) { listener.on_answer(terms); });
    }
    void on_closed(connect::transport_failure why, bool answer_begun) override {
      tell([why = std::move(why), answer_begun](connection_listener& listener) mutable {
        listener.on_closed(std::move(why), answer_begun);
      });
    }

   private:
    template <class Event>
    void tell(Event event) {
      asio::dispatch(owners_, [to = to_, event = std::move(event)]() mutable {
        const auto self = to.lock();
        const auto listener = self ? self->listener_.lock() : nullptr;
        if (!listener) return;
        self->let_go();
        event(*listener);
      });
      if (const auto self = to_.lock()) self->go_on();
    }

    const std::weak_ptr<stranded_connection> to_;
    const asio::any_io_executor owners_;
  };

  void let_go() { gate_->shut(); }

  /// On the connection's executor, as is the next.
  void begin_exchange(std::shared_ptr<const request> what) {
    ++begun_;
    inner_->send(std::move(what), gate_);
  }

  void go_on() {
    const bool watches = std::exchange(watches_next_, false);
    if (next_) {
      begin_exchange(std::exchange(next_, nullptr));
    } else if (watches) {
      inner_->watch();
    }
  }

  const asio::any_io_executor owners_;
  const asio::any_io_executor own_;
  std::weak_ptr<connection_listener> listener_;
  std::shared_ptr<relay> relay_;
  std::shared_ptr<connection> inner_;
  std::uint64_t asked_ = 0;  // exchanges, as the owner counts them
  // Touched on the connection's executor only.
  std::uint64_t begun_ = 0;
  std::shared_ptr<const request> next_;
  bool watches_next_ = false;
  const std::shared_ptr<gated_reader> gate_ = std::make_shared<gated_reader>();
};

}  // namespace

std::shared_ptr<connection> make_stranded_connection(asio::any_io_executor owners,
                                                     asio::any_io_executor own,
                                                     std::weak_ptr<connection_listener> listener,
                                                     const connection_maker& make) {
  auto made =
      std::make_shared<stranded_connection>(std::move(owners), std::move(own), std::move(listener));
  made->begin(make);
  return made;
}

}  // namespace binarly::https
