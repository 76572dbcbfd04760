// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace binarly::tools {

namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{100};
constexpr std::chrono::seconds same_hangup{1};

/// Asked for each time, since windows are resized.
std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;
  return known ? size.ws_col : 80;
}

/// Stands on its caller's stack while the loop runs; every handler refers to it and ends before.
class run {
 public:
  run(asio::io_context& loop, const tally& seen, const run_display& display)
      : start_(clock::now()),
        seen_(seen),
        display_(display),
        progress_(display.terminal, start_),
        signals_(loop, SIGINT, SIGTERM),
        timer_(loop) {
    if (!is_ignored(SIGHUP)) signals_.add(SIGHUP);
  }

  void start(client service, verification_source source, verification_sink sink,
             const verify_options& options) {
    await_signal();
    wait();
    async_verify_images(std::move(service), std::move(source), std::move(sink), options,
                        asio::bind_cancellation_slot(
                            cancel_.slot(), [this](std::exception_ptr error, verify_summary seen) {
                              end_.given_up = std::move(seen.given_up);
                              finish(std::move(error));
                            }));
  }

  [[nodiscard]] run_end result() const { return end_; }

 private:
  void wait() {
    timer_.expires_after(tick);
    timer_.async_wait([this](const boost::system::error_code& ec) {
      if (ec || finished_) return;
      if (display_.on_tick) display_.on_tick();
      if (display_.show) {
        const auto figures = display_.figures ? display_.figures() : progress_figures();
        std::cerr << progress_.update(seen_, figures, terminal_width(), clock::now()) << std::flush;
      }
      wait();
    });
  }

  void await_signal() {
    signals_.async_wait([this](const boost::system::error_code& ec, int number) {
      if (!ec) stop(number);
    });
  }

  void stop(int number) {
    const auto now = clock::now();
    if (number == SIGHUP && end_.signal != 0 && now - stopped_ < same_hangup) {
      await_signal();
      return;
    }
    if (end_.signal == 0) stopped_ = now;
    end_.drained = end_.signal == 0;
    end_.signal = number;
    if (end_.drained) {
      await_signal();
      std::cerr << progress_.finish()
                << "binarly-images: finishing what is in flight; once more cancels it\n"
                << std::flush;
      if (display_.on_stop) display_.on_stop();
      cancel_.emit(asio::cancellation_type::partial);
    } else {
      // Back to the system's own handling: whoever is impatient asks once more.
      // A terminal's farewell is none of his.
      boost::system::error_code ignored;
      signals_.remove(SIGINT, ignored);
      signals_.remove(SIGTERM, ignored);
      cancel_.emit(asio::cancellation_type::terminal);
    }
  }

  void finish(std::exception_ptr error) {
    finished_ = true;
    end_.error = std::move(error);
    end_.duration = clock::now() - start_;
    signals_.cancel();
    timer_.cancel();
    std::cerr << progress_.finish() << std::flush;
  }

  clock::time_point start_;
  const tally& seen_;
  const run_display& display_;
  progress progress_;
  asio::signal_set signals_;
  asio::steady_timer timer_;
  asio::cancellation_signal cancel_;
  clock::time_point stopped_;
  bool finished_ = false;
  run_end end_;
};

}  // namespace

run_end run_verification(asio::io_context& loop, client service, verification_source source,
                         verification_sink sink, const verify_options& options, const tally& seen,
                         const run_display& display) {
  run here(loop, seen, display);
  here.start(std::move(service), std::move(source), std::move(sink), options);
  loop.run();
  return here.result();
}

bool is_ignored(int signal) noexcept {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

hangup_guard::hangup_guard(asio::io_context& loop) : caught_(loop) {
  if (!is_ignored(SIGHUP)) caught_.add(SIGHUP);
}

}  // namespace binarly::tools
