// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/verify_images.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <deque>
#include <list>

namespace binarly {

std::string_view to_string(verdict value) noexcept {
  switch (value) {
    case verdict::verified:
      return "verified";
    case verdict::mismatched:
      return "mismatched";
    case verdict::missing:
      return "missing";
    case verdict::forbidden:
      return "forbidden";
    case verdict::failed:
      return "failed";
    case verdict::cancelled:
      return "cancelled";
  }
  return "unknown";
}

std::vector<mismatch> compare(const expectation& expected, const image& found) {
  std::vector<mismatch> differences;
  const auto agree = [&](const char* field, const std::string& wanted, const std::string& got) {
    if (wanted != got) differences.push_back({field, wanted, got});
  };
  agree("id", expected.ref.image_id(), found.id);
  if (!found.parent.empty()) {
    agree("parent", "products/" + expected.ref.product_id(), found.parent);
  }
  if (expected.name) agree("name", *expected.name, found.name);
  if (expected.version) agree("version", *expected.version, found.version);
  return differences;
}

namespace {

using clock = std::chrono::steady_clock;

/// Lets one coroutine wait for news. The waiter looks at the state first, and everything is on one
/// strand, so that no news is missed.
class wake_up {
 public:
  explicit wake_up(const asio::any_io_executor& executor)
      : timer_(executor, clock::time_point::max()) {}

  asio::awaitable<void> wait() {
    (void)co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  void notify() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

verdict verdict_of(const failure& why) {
  const auto code = why.code();
  if (code == errc::not_found) return verdict::missing;
  if (code == errc::forbidden || code == errc::unauthorized) return verdict::forbidden;
  return code == errc::cancelled ? verdict::cancelled : verdict::failed;
}

/// One run, on a strand. Two coroutines share it, so that neither a slow source keeps back what is
/// finished, nor a slow sink what can be started: the feeder takes expectations and starts their
/// lookups while the window has room; the deliverer hands what is finished to the sink, and makes
/// room. The run is over when both have ended.
class verification_run : public std::enable_shared_from_this<verification_run> {
 public:
  verification_run(const asio::any_io_executor& executor, client service,
                   verification_source source, verification_sink sink, verify_options options,
                   detail::verify_images_handler handler)
      : strand_(asio::make_strand(executor)),
        service_(std::move(service)),
        source_(std::move(source)),
        sink_(std::move(sink)),
        options_(std::move(options)),
        slot_(handler.get_cancellation_slot()),
        work_(asio::get_associated_executor(handler, executor)),
        handler_(std::move(handler)),
        room_(strand_),
        news_(strand_) {
    auto& call = options_.call;
    call.join = call.join.value_or(true);
    call.adaptive_limit = call.adaptive_limit.value_or(true);
  }

  void start() {
    if (slot_.is_connected()) {
      // Weak, and without the strand: the signal may outlive the run's whole execution context.
      slot_.assign([whose = weak_from_this()](asio::cancellation_type) {
        const auto self = whose.lock();
        if (!self) return;
        self->stopping_ = true;  // at once: the strand may be taking expectation after expectation
        asio::post(self->strand_, [self] { self->stop(); });
      });
    }
    const auto self = shared_from_this();
    asio::co_spawn(
        strand_, feed(self),
        asio::bind_cancellation_slot(source_signal_.slot(), [self](std::exception_ptr thrown) {
          self->feeding_ = false;
          // A source that was told to stop may well throw.
          if (thrown && !self->stopping_) self->abort(thrown);
          self->news_.notify();
        }));
    asio::co_spawn(strand_, deliver(self), [self](std::exception_ptr thrown) {
      if (thrown && !self->thrown_) self->thrown_ = thrown;
      self->finish();
    });
  }

  /// Ends the run before it began; not from within the initiating function.
  void refuse(const failure& why) {
    thrown_ = std::make_exception_ptr(failure_error(why));
    asio::post(strand_, [self = shared_from_this()] { self->finish(); });
  }

 private:
  struct lookup {
    binarly::expectation expectation;
    clock::time_point started;
    asio::cancellation_signal signal;
  };
  using lookup_position = std::list<lookup>::iterator;

  // The first parameter of each coroutine keeps the run alive.
  asio::awaitable<void> feed(std::shared_ptr<verification_run>) {
    while (!stopping_) {
      if (outstanding_ >= options_.window) {
        co_await room_.wait();
        continue;
      }
      // Two statements: g++ 12 destroys the value of a conditional with co_await in it too early.
      verification_source::item next;
      if (source_->plain_) {
        next = source_->plain_();
      } else {
        next = co_await source_->awaitable_();
      }
      if (!next) {
        summary_.complete = !stopping_;
        break;
      }
      look_up(std::move(*next));
    }
  }

  asio::awaitable<void> deliver(std::shared_ptr<verification_run>) {
    for (;;) {
      while (finished_.empty()) {
        if (!feeding_ && outstanding_ == 0) co_return;
        co_await news_.wait();
      }
      auto next = std::move(finished_.front());
      finished_.pop_front();
      if (!thrown_) {
        const auto what = static_cast<std::size_t>(next.verdict);
        try {
          if (sink_->plain_) {
            sink_->plain_(std::move(next));
          } else {
            co_await sink_->awaitable_(std::move(next));
          }
          ++summary_.by_verdict[what];
        } catch (...) {
          abort(std::current_exception());
        }
      }
      --outstanding_;
      room_.notify();
    }
  }

  void look_up(expectation next) {
    ++outstanding_;
    const auto position = lookups_.emplace(lookups_.end());
    position->expectation = std::move(next);
    position->started = clock::now();
    if (stopping_) {
      // Taken while the source was being stopped: it gets its verification all the same.
      return on_looked_up(position, failure(errc::cancelled, "the run was cancelled"));
    }
    auto on_done = [self = shared_from_this(), position](result<image> found) {
      self->on_looked_up(position, std::move(found));
    };
    service_->async_get_image(
        position->expectation.ref, options_.call,
        asio::bind_cancellation_slot(position->signal.slot(),
                                     asio::bind_executor(strand_, std::move(on_done))));
  }

  void on_looked_up(lookup_position position, result<image> found) {
    verification done;
    done.latency = clock::now() - position->started;
    done.expectation = std::move(position->expectation);
    lookups_.erase(position);
    if (found) {
      done.mismatches = compare(done.expectation, *found);
      done.verdict = done.mismatches.empty() ? verdict::verified : verdict::mismatched;
      done.image = std::move(*found);
    } else {
      done.failure = found.error();
      done.verdict = verdict_of(done.failure);
    }
    finished_.push_back(std::move(done));
    news_.notify();
  }

  /// Nothing more is taken, and what is in flight ends soon.
  void stop() {
    stopping_ = true;
    summary_.complete = false;
    source_signal_.emit(asio::cancellation_type::terminal);
    // The newest first: they wait, and are not to be lent the connection of one that ends.
    for (auto each = lookups_.rbegin(); each != lookups_.rend(); ++each)
      each->signal.emit(asio::cancellation_type::terminal);
    room_.notify();
  }

  /// What is still out is waited for, and dropped.
  void abort(const std::exception_ptr& thrown) {
    thrown_ = thrown;
    stop();
  }

  void finish() {
    // The coroutines' frames keep the run alive until after the handler, which may end the client's
    // context, or what source and sink refer to.
    service_.reset();
    source_.reset();
    sink_.reset();
    const auto where = work_.get_executor();
    // A late cancellation is still heard on the strand, and may change the members meanwhile.
    asio::dispatch(where,
                   [self = shared_from_this(), thrown = thrown_, summary = summary_]() mutable {
                     if (self->slot_.is_connected()) self->slot_.clear();
                     self->work_.reset();
                     detail::verify_images_handler done(std::move(self->handler_));
                     self = nullptr;
                     std::move(done)(thrown, summary);
                   });
  }

  const asio::any_io_executor strand_;
  std::optional<client> service_;
  std::optional<verification_source> source_;
  std::optional<verification_sink> sink_;
  verify_options options_;
  asio::cancellation_slot slot_;
  asio::executor_work_guard<asio::any_completion_executor> work_;
  detail::verify_images_handler handler_;
  asio::cancellation_signal source_signal_;
  wake_up room_;
  wake_up news_;
  std::list<lookup> lookups_;
  std::deque<verification> finished_;
  verify_summary summary_;
  std::size_t outstanding_ = 0;  // taken from the source, and not yet accepted by the sink
  bool feeding_ = true;
  std::atomic<bool> stopping_ = false;
  std::exception_ptr thrown_;
};

}  // namespace

namespace detail {

void start_verify_images(asio::any_io_executor executor, client service, verification_source source,
                         verification_sink sink, verify_options options,
                         verify_images_handler handler) {
  constexpr std::size_t widest_window = 1'000'000;
  const bool good = options.window >= 1 && options.window <= widest_window;
  const auto run =
      std::make_shared<verification_run>(executor, std::move(service), std::move(source),
                                         std::move(sink), std::move(options), std::move(handler));
  if (good) return run->start();
  run->refuse(failure(errc::invalid_argument, "window must be from 1 to 1000000"));
}

}  // namespace detail
}  // namespace binarly
