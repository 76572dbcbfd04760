// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_BULK_VERIFICATION_RUN_HPP
#define BINARLY_BULK_VERIFICATION_RUN_HPP

#include "bulk/not_ready.hpp"
#include "bulk/run_health.hpp"

#include <binarly/verify_images.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>

namespace binarly::bulk {

using clock = std::chrono::steady_clock;

/// Whether it may be looked at more than once.
[[nodiscard]] inline bool waits(const expectation& expected) noexcept {
  return expected.wait.count() > 0 || expected.wait_for_scan.count() > 0;
}

/// Lets one coroutine wait for news. The waiter looks at the state first, and everything is on one
/// strand, so that no news is missed.
class wake_up {
 public:
  explicit wake_up(const asio::any_io_executor& executor)
      : timer_(executor, clock::time_point::max()) {}

  asio::awaitable<void> wait();
  void notify() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

/// One run, on a strand. Two coroutines share it, so that neither a slow source keeps back what is
/// finished, nor a slow sink what can be started: the feeder takes expectations and starts looking
/// at them while the window has room; the deliverer hands what is finished to the sink, and makes
/// room. The run is over when both have ended.
///
/// An expectation is at any time in one of the lists, and goes from one to the other: `looking_`,
/// then perhaps `parked_` and `ready_` and again `looking_`, then `finished_`. In the window are
/// all but the parked and the ready ones; in order, these keep their places there, since those that
/// wait behind them could otherwise fill it for ever.
class verification_run : public std::enable_shared_from_this<verification_run> {
 public:
  verification_run(const asio::any_io_executor& executor, client service,
                   verification_source source, verification_sink sink, verify_options options,
                   detail::verify_images_handler handler);

  void start();
  /// Ends the run before it began; not from within the initiating function.
  void refuse(const failure& why);

 private:
  struct task {
    verification outcome;
    asio::cancellation_signal signal;
    std::shared_ptr<call_report> report = std::make_shared<call_report>();
    clock::time_point began;          // the look that is under way
    retry_policy::duration waited{};  // before the latest look
    // Until when it is looked again for the image, for a scan that begins, and for one that ends;
    // none where that is not waited for.
    std::optional<clock::time_point> may_appear;
    std::optional<clock::time_point> may_begin;
    std::optional<clock::time_point> may_end;
    failure no_checksum;      // which the scan's state is to explain; none otherwise
    bool scan_known = false;  // it was asked for
    bool scan_done = false;   // as far as is known
    bool finished = false;
  };
  using tasks = std::list<task>;
  using position = tasks::iterator;

  /// How the run is to end. Each word includes those before it.
  enum class wish { none, drain, stop };

  // The first parameter of each coroutine keeps the run alive.
  asio::awaitable<void> feed(std::shared_ptr<verification_run>);
  asio::awaitable<void> deliver(std::shared_ptr<verification_run>);

  [[nodiscard]] bool has_room() const noexcept;
  [[nodiscard]] bool is_over() const noexcept;
  void take(expectation next);
  void look(position which);
  void on_looked(position which, result<image>& found);
  void judge_image(position which, image& found);
  void learn_scan(position which);
  void list_scans(position which);
  void on_scans(position which, result<std::vector<scan>>& found);
  void on_scan(position which, const scan* latest);
  void judge_scan(position which, standing where);
  void find_hashes(position which);
  void on_hashes(position which, result<image_hashes>& found);
  void on_report(position which, const image_hashes& found);
  void judge_checksum(position which);
  [[nodiscard]] bool park_for_checksum(position which);
  void conclude(position which);
  [[nodiscard]] bool park(position which, const std::optional<clock::time_point>& until);
  void set_alarm();
  void on_alarm();
  void start_ready();
  void add_report(task& which, bool failed);
  void finish(position which, verdict value);
  void fail(position which, failure why);
  void fail_below(position which, const failure& why);
  void call_off(position which, tasks& from);
  [[nodiscard]] std::optional<position> next_delivery();

  void raise(wish what) noexcept;
  void on_cancel(wish what);
  void end_early(wish what);
  void abort(const std::exception_ptr& thrown);
  void complete();

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
  asio::steady_timer alarm_;  // for the next one that is due
  std::minstd_rand random_;

  tasks looking_;
  tasks parked_;
  tasks ready_;  // due, and waiting for a place
  tasks finished_;
  tasks spare_;  // to be used again
  std::multimap<clock::time_point, position> due_;
  std::deque<position> sequence_;  // as they were taken; only in order
  std::size_t outstanding_ = 0;    // in the window
  std::size_t may_park_ = 0;       // taken, without a verdict, and waiting where they must
  const clock::time_point began_ = clock::now();
  run_health health_;
  verify_summary summary_;
  bool feeding_ = true;
  std::atomic<wish> wish_ = wish::none;
  std::exception_ptr thrown_;
};

}  // namespace binarly::bulk

#endif
