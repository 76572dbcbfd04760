// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_CALL_HPP
#define BINARLY_CALL_CALL_HPP

#include "call/answer_decoder.hpp"
#include "call/attempt.hpp"
#include "call/environment.hpp"
#include "call/routine.hpp"
#include "https/messages.hpp"
#include "policy/retry_decision.hpp"

#include <binarly/call_report.hpp>
#include <binarly/failure.hpp>
#include <binarly/operation_kind.hpp>
#include <binarly/retry_policy.hpp>
#include <binarly/secret.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::call {

/// One operation, as a call sees it.
struct operation {
  operation_kind kind = operation_kind::get_image;  ///< for limits and hedges
  std::string_view name;                            ///< for the failure, such as "get image"
  const char* method = "GET";
  std::string target;  ///< the request's path and query
  std::shared_ptr<const secret> body;
  /// For the failure: the part of the target that names what it is about.
  std::size_t resource_begin = 0;
  std::size_t resource_size = 0;
  /// Each attempt has a decoder of its own.
  decoder_maker make_decoder;

  operation() = default;
};

/// What holds for one call.
struct settings {
  std::chrono::nanoseconds deadline{};  ///< from the call's start
  std::chrono::nanoseconds attempt_timeout{};
  std::shared_ptr<const retry_policy> retry;
  std::shared_ptr<const std::string> more_fields;  ///< the call's own header lines; null for none
  std::size_t answer_limit = 0;  ///< in bytes: as it was sent, and once its coding is undone
  bool takes_gzip = false;       ///< the answer may be coded so; else it is asked not to be coded
  /// Which limits attempts wait for; absent for none.
  std::optional<admission_kind> admission;
  bool hedge = false;
  /// The deadline does not count the waits under limits; these end a day after the call's start.
  bool spares_limits = false;

  settings() = default;
};

/// Makes attempts until one succeeds, the retry policy gives up, the deadline comes, or it is
/// cancelled: then the failure's code is what the canceller said. Everything happens on the
/// environment's executor, and the environment must outlive the call.
///
/// Most calls that are in flight wait: so all that one needs is in one place, and kept small.
class call : public running_call,
             private https::expirable,
             public std::enable_shared_from_this<call> {
 public:
  call(environment& world, operation what, settings how);
  virtual ~call() = default;
  call(const call&) = delete;
  call& operator=(const call&) = delete;

  /// Once; ends in `on_done`.
  void begin() { run(shared_from_this()).begin(); }
  void cancel(errc why) override;
  /// Whether another call would be made on the same terms, but for its deadline.
  [[nodiscard]] bool agrees_with(const settings& other) const;

 protected:
  /// What it has gone through so far; of its end, `outcome` has what the call knows no longer.
  [[nodiscard]] call_report report(const answered* outcome) const;
  /// Puts the deadline off to `when`, if that is later. An attempt that is under way keeps its own.
  void extend_to(https::time_point when);
  [[nodiscard]] bool spares_limits() const noexcept { return how_.spares_limits; }
  /// For somebody who waits for this call no longer, whose deadline was `deadline`.
  [[nodiscard]] failure interrupted(errc why, std::chrono::nanoseconds deadline) const;

 private:
  class race;

  /// What most calls do without.
  struct aftermath {
    std::shared_ptr<attempt> later;  // the latest that is not the first
    std::shared_ptr<attempt> hedge;  // beside it
    std::vector<attempt_record> history;
  };

  /// What the call comes to; once.
  virtual void on_done(answered outcome) = 0;

  // The parameter keeps the call alive for as long as the coroutine lives.
  routine run(std::shared_ptr<call>);
  [[nodiscard]] std::optional<answered> enter();
  [[nodiscard]] bool needs_token();
  [[nodiscard]] auto token();
  void on_token(authorized got);
  [[nodiscard]] bool needs_admission();
  [[nodiscard]] auto admission();
  void on_admitted(const error_code& failed);
  void pass_breaker();
  void begin_attempt();
  [[nodiscard]] auto exchange();
  void end_attempt(https::exchange_result ended);
  [[nodiscard]] auto rest();
  void end();
  /// After each wait, since a wish to end may cross what was waited for.
  void stop_if_told();

  void on_expired() override;
  /// Waited for its turns so far.
  [[nodiscard]] std::chrono::nanoseconds limited() const;
  /// What of that the deadline does not count.
  [[nodiscard]] std::chrono::nanoseconds spared() const;
  /// When it is over for want of time.
  [[nodiscard]] https::time_point ends() const;
  [[nodiscard]] std::string tell_bound(const attempt& which) const;
  [[nodiscard]] std::string tell_deadline(std::chrono::nanoseconds deadline) const;
  [[nodiscard]] aftermath& more();
  [[nodiscard]] attempt& new_attempt();
  [[nodiscard]] std::shared_ptr<attempt> share(attempt& which);
  /// What becomes of an attempt, once: it leaves the limits, and is told of.
  void settle(attempt& which, https::exchange_result ended);
  void fill_in(attempt& which, std::shared_ptr<const authorization> shown, https::time_point now);
  void tell_breaker(const attempt& which);
  void give_back();
  /// A second attempt beside the current one; null if there is to be none.
  [[nodiscard]] attempt* begin_hedge();
  void on_success();
  void on_failure(failure_detail wrong);
  void fail(const failure& why, retry_stop stop, std::string reason);
  void remember(const attempt& which);
  [[nodiscard]] failure describe(failure_detail detail) const;
  [[nodiscard]] failure_detail explain(attempt& which, connect::transport_failure broken);
  [[nodiscard]] std::string explain_stop(const policy::retry_decision& decision) const;
  [[nodiscard]] std::string_view resource() const noexcept;
  /// For the events; only where somebody listens.
  [[nodiscard]] attempt_name name_of(const attempt& which) const;
  void tell_finished(const attempt& which);
  void tell_end();

  environment& world_;
  shared_policies& shared_;
  event_sink* const events_;
  operation what_;
  settings how_;
  std::optional<answered> outcome_;
  std::optional<attempt> first_;
  std::unique_ptr<aftermath> more_;
  attempt* current_ = nullptr;
  std::shared_ptr<const authorization> shown_;  // by the next attempt
  https::time_point started_;
  int tries_ = 0;  // as the policy counts them
  retry_policy::duration previous_wait_{};
  std::chrono::nanoseconds least_wait_{};  // before the next attempt
  std::chrono::nanoseconds rest_{};        // before the next attempt
  std::chrono::nanoseconds limited_{};     // waited for its turns; see `limited`
  std::uint64_t bytes_ = 0;                // of answers
  std::uint64_t id_ = 0;
  std::uint64_t rejected_ = 0;  // the generation of a token that was not accepted
  int requests_ = 0;
  int last_cost_ = 0;
  boost::asio::cancellation_signal signal_;
  phase waits_ = phase::prepare;  // for what, between attempts
  errc stopped_{};
  bool renewed_ = false;              // the token, once
  bool asks_again_ = false;           // since one answer was not enough
  bool waits_for_turn_ = false;       // under the limits
  bool admitted_ = false;             // the next attempt, by the limits
  std::uint64_t breaker_period_ = 0;  // of the next attempt
  bool passed_breaker_ = false;
};

}  // namespace binarly::call

#endif
