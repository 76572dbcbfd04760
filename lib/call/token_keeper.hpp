// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_TOKEN_KEEPER_HPP
#define BINARLY_CALL_TOKEN_KEEPER_HPP

#include "call/authorization.hpp"
#include "call/token_fetcher.hpp"
#include "https/deadline_queue.hpp"

#include <binarly/failure.hpp>

#include <boost/asio/any_completion_handler.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace binarly::call {

/// What a token keeper needs from the world.
class token_world {
 public:
  virtual ~token_world() = default;
  [[nodiscard]] virtual https::time_point now() const = 0;
  /// Uniform in [0, 1).
  virtual double random() = 0;
  /// Runs `function` soon, but not from within this call.
  virtual void post(std::function<void()> function) = 0;
  /// There is a new token.
  virtual void on_token(const access_token& got) = 0;
  /// There is none; `usable`: the old one still serves.
  virtual void on_no_token(const failure& why, bool usable) = 0;
  /// No fetch is under way any more.
  virtual void on_fetched() = 0;
};

/// Keeps the token that the attempts of one client show, and sees to it that there is one.
///
/// A token that will expire is fetched anew in the background once about 80 % of its life are over
/// (75 to 85 %: a fleet that started together is not to come back as one), and serves until its end
/// meanwhile. All who have none wait for the same fetch, and so do those whose token the service
/// refused; the refused one, known by its generation, is fetched for once, however many attempts
/// it failed. After a fetch that failed nobody asks again before a hold-off has passed: 1 s,
/// doubled with each failure up to 30 s, half of it by chance, or what the server's `Retry-After`
/// asks for, up to five minutes. Who comes meanwhile is told why the last one failed, and when the
/// hold-off ends: they have asked nobody, so that they may wait for that, and ask once.
///
/// Nothing is done ahead of need: without attempts there is no timer and no request. Expiry is
/// counted on a clock that never steps, from before the token was asked for.
class token_keeper : public std::enable_shared_from_this<token_keeper> {
 public:
  using handler = boost::asio::any_completion_handler<void(authorized)>;

  /// `common_fields`: the header lines that stand beside `Authorization`. The world must outlive
  /// the keeper.
  token_keeper(std::unique_ptr<token_fetcher> fetcher, token_world& world,
               std::string common_fields);

  /// What an attempt may show now; null where there is nothing good.
  [[nodiscard]] std::shared_ptr<const authorization> current();
  /// Completes, not from within, with something that is not of the generation `rejected` (0 for
  /// anything good), or with why there is nothing. Any cancellation completes it soon.
  void async_get(std::uint64_t rejected, handler done);

  void wind_down() { fetcher_->wind_down(); }
  [[nodiscard]] bool empty() const { return !fetching_ && fetcher_->empty(); }
  /// Nothing is fetched any more, and who waits hears of it.
  void shutdown();
  void abandon();
  /// In a child process; see `token_fetcher`.
  void sever() { fetcher_->sever(); }

 private:
  class waiter;

  [[nodiscard]] bool good(https::time_point now) const;
  void fetch(https::time_point now);
  void on_fetched(result<access_token> got);
  void take(access_token token);
  /// `same_again`: it brought the very token that the service refused.
  void give_up(failure_detail why, bool same_again = false);
  void tell_waiters(const authorized& what);
  void cancel(const std::shared_ptr<waiter>& whose);
  void complete_soon(const std::shared_ptr<waiter>& which, authorized what);

  const std::unique_ptr<token_fetcher> fetcher_;
  token_world& world_;
  const std::string common_fields_;
  std::shared_ptr<const authorization> current_;
  https::time_point asked_;
  https::time_point refresh_at_;
  https::time_point expires_;
  https::time_point hold_off_;
  failure last_failure_;
  bool same_again_ = false;  // it is that
  std::list<std::shared_ptr<waiter>> waiters_;
  std::uint64_t generations_ = 0;
  std::uint64_t rejected_ = 0;
  int failures_ = 0;
  bool fetching_ = false;
  bool closed_ = false;
};

}  // namespace binarly::call

#endif
