// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_ENGINE_HPP
#define BINARLY_CALL_ENGINE_HPP

#include "call/call.hpp"
#include "call/context_end.hpp"
#include "call/dice.hpp"
#include "call/environment.hpp"
#include "call/event_hub.hpp"
#include "call/fork_mark.hpp"
#include "call/reminders.hpp"
#include "call/service_link.hpp"
#include "call/shared_policies.hpp"
#include "call/token_keeper.hpp"

#include <binarly/call_options.hpp>
#include <binarly/client_options.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace binarly::call {

namespace asio = boost::asio;

/// What the copies of one client, and its calls, share. It lives on one strand of the client's
/// executor, or on the executor itself when that is told to be single-threaded; only the
/// constructor, the executors, `count` and the ways to close it may be used from elsewhere.
///
/// It may outlive its execution context, since a client may: then it holds nothing of the context
/// any more, and nothing is done with it. In a child process it is the parent's.
class engine final : public environment,
                     public token_world,
                     public limiter_world,
                     public std::enable_shared_from_this<engine> {
 public:
  /// Checks the options; throws `failure_error`.
  engine(const asio::any_io_executor& executor, client_options options);

  /// Its execution context has ended: no call can begin, and its executors are empty.
  [[nodiscard]] bool ended() const noexcept { return ended_.load(std::memory_order_acquire); }
  /// This is a child of the process that made it. The first time, lets go of the connections,
  /// which are the parent's, without a word to the peer, and ends what is in flight here.
  [[nodiscard]] bool in_child();

  /// Makes it known to its execution context. Once, when it is owned by a shared pointer.
  void begin();
  /// Ends everything with `errc::client_closed`, soon.
  void end();
  /// Refuses new calls; lets those in flight finish, but after `bound` ends them; says goodbye to
  /// the connections. Calls `done` on the strand when nothing is left.
  void close(std::chrono::nanoseconds bound, std::function<void()> done);

  [[nodiscard]] const asio::any_io_executor& strand() const noexcept { return strand_; }
  [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }
  /// The same, as handlers name theirs; made once, since making one allocates.
  [[nodiscard]] const asio::any_completion_executor& completion_executor() const noexcept {
    return completion_executor_;
  }
  [[nodiscard]] const connect::origin& origin() const noexcept { return link_->origin(); }
  [[nodiscard]] pool_counters count() const noexcept { return link_->count(); }
  [[nodiscard]] settings settings_for(const call_options& options) const;
  [[nodiscard]] const answer_limits& limits() const noexcept { return options_.limits; }

  /// Calls that must hear of the end; on the strand.
  bool enter(running_call& call) override;
  /// Once for each call that has ended, whether it might begin or not.
  void leave(running_call& call);

  https::time_point now() const override { return std::chrono::steady_clock::now(); }
  std::chrono::sys_seconds wall_clock() const override;
  std::uint64_t random_bits() override { return (*random_)(); }
  shared_policies& shared() override { return shared_; }
  event_sink* events() override { return hub_.get(); }
  void remind(https::expirable& which, https::time_point when) override;
  void forget(https::expirable& which) override;
  std::shared_ptr<const authorization> authorize() override;
  void async_authorize(std::uint64_t rejected,
                       asio::any_completion_handler<void(authorized)> done) override;
  void async_sleep(std::chrono::nanoseconds span,
                   asio::any_completion_handler<void(error_code)> done) override;
  void async_exchange(std::shared_ptr<const https::request> what,
                      std::shared_ptr<https::response_reader> reader, https::time_point deadline,
                      https::pool::handler done) override;

 private:
  struct fetcher_maker;

  double random() override { return environment::random(); }
  void post(std::function<void()> function) override;
  void on_token(const access_token& got) override;
  void on_no_token(const failure& why, bool usable) override;
  void on_fetched() override;
  void on_limit(operation_kind kind, std::size_t limit) override;

  [[nodiscard]] std::shared_ptr<const authorization> fixed_authorization() const;
  [[nodiscard]] std::unique_ptr<token_fetcher> make_fetcher();
  void abandon();
  void leave_to_parent();
  void shutdown();
  void finish_closing();

  const client_options options_;
  const std::shared_ptr<const retry_policy> retry_;
  const fork_mark process_;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> left_to_parent_ = false;
  asio::any_io_executor executor_;
  asio::any_completion_executor completion_executor_;
  asio::any_io_executor strand_;
  const std::shared_ptr<dice> random_;
  const std::shared_ptr<event_hub> hub_;  // null where nobody listens
  const std::shared_ptr<service_link> link_;
  const std::shared_ptr<reminders> reminders_;
  const std::shared_ptr<const authorization> fixed_;  // null where tokens are renewed
  const std::shared_ptr<token_keeper> keeper_;        // null where they are not
  shared_policies shared_;
  std::optional<asio::steady_timer> closing_;
  boost::intrusive::list<running_call, boost::intrusive::constant_time_size<false>> calls_;
  std::vector<std::function<void()>> closers_;
  bool refusing_ = false;
  bool closed_ = false;
  std::optional<context_end> context_end_;
};

}  // namespace binarly::call

#endif
