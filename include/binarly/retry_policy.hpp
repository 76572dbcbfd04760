// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_RETRY_POLICY_HPP
#define BINARLY_RETRY_POLICY_HPP

#include <binarly/detail/config.hpp>
#include <binarly/failure.hpp>

#include <chrono>
#include <functional>

namespace binarly {

/// How the waits between attempts are spread. `b` is the base delay, `c` the cap, `n` the number of
/// the attempt that failed, counted from 1.
enum class jitter {
  none,          ///< min(c, b 2^(n-1)): every client waits alike
  full,          ///< uniform in [0, min(c, b 2^(n-1))]
  decorrelated,  ///< uniform in [b, min(c, 3 x the previous delay)], starting from b
};

/// Whether and when a failed attempt is made again: a value, pure, and the same for the same
/// inputs.
///
/// "May I try again?" and "how long do I wait?" are two questions, and either can be answered by
/// the caller's own function. Setters return the policy, so that they chain. Setters throw
/// `failure_error` (`errc::invalid_argument`) for a value out of its bounds. Distinct objects may
/// be used from any threads; the caller's functions must be callable from the client's executor.
class BINARLY_IMAGES_DECL retry_policy {
 public:
  using duration = std::chrono::milliseconds;
  /// Answers "may this failure be retried?" in place of the default classification.
  using classifier = std::function<bool(const failure&)>;
  /// Answers "how long?" in place of the default backoff: the number of the attempt that failed
  /// (from 1), the delay before it (zero for the first), the failure, and a random number uniform
  /// in [0, 1).
  using delay_function = std::function<duration(int, duration, const failure&, double)>;

  /// Four attempts, full jitter, base 100 ms, cap 20 s, no bound on the elapsed time but the
  /// call's deadline, `Retry-After` honoured up to 60 s.
  retry_policy();

  /// One attempt, no more.
  [[nodiscard]] static retry_policy none();

  /// Attempts in all, the first included; 1 to 100, default 4.
  retry_policy& max_attempts(int value);
  /// The delay that backoff starts from; 0 to 1 hour, default 100 ms. Raises the cap if it must.
  retry_policy& base_delay(duration value);
  /// The longest delay that backoff asks for; from the base to 1 hour, default 20 s.
  retry_policy& delay_cap(duration value);
  /// Default `jitter::full`.
  retry_policy& jitter_kind(jitter value);
  /// No attempt starts later than this after the call's start; zero (the default) is no bound.
  retry_policy& max_elapsed(duration value);
  /// A server that asks for a longer wait than this is not asked again; 0 to 24 hours, default 60
  /// s.
  retry_policy& max_retry_after(duration value);
  /// An empty function restores the default.
  retry_policy& classify_with(classifier function);
  /// An empty function restores the default. Its answers are used as they are, negative ones as 0.
  retry_policy& delay_with(delay_function function);

  [[nodiscard]] int max_attempts() const noexcept { return max_attempts_; }
  [[nodiscard]] duration base_delay() const noexcept { return base_delay_; }
  [[nodiscard]] duration delay_cap() const noexcept { return delay_cap_; }
  [[nodiscard]] jitter jitter_kind() const noexcept { return jitter_; }
  [[nodiscard]] duration max_elapsed() const noexcept { return max_elapsed_; }
  [[nodiscard]] duration max_retry_after() const noexcept { return max_retry_after_; }

  /// Whether this failure is worth another attempt, however many were made. By default: failures to
  /// resolve, connect, agree on TLS, or keep the connection, truncated answers, timeouts of one
  /// attempt, a token that cannot be had for now, 408, 429, 500, 502, 503 and 504, or a proxy's
  /// 500, 502, 503 and 504; never a refused certificate, a token that is refused, another 4xx, or
  /// an answer that cannot be read. A `Retry-After` beyond `max_retry_after` forbids it in any
  /// case.
  [[nodiscard]] bool may_retry(const failure& why) const;

  /// False where the failure bears a `Retry-After` beyond `max_retry_after`.
  [[nodiscard]] bool accepts_retry_after(const failure& why) const noexcept;

  /// Whether both are known to answer alike: they have the same values, and none of the caller's
  /// functions, which cannot be compared; or they are one and the same object.
  [[nodiscard]] bool agrees_with(const retry_policy& other) const noexcept;

  /// How long to wait after attempt number `attempt` (from 1) failed with `why`, when the wait
  /// before that attempt was `previous`; `random` is uniform in [0, 1). The backoff is added to a
  /// `Retry-After`, so that those who were told the same do not return as one.
  [[nodiscard]] duration delay(int attempt, duration previous, const failure& why,
                               double random) const;

 private:
  int max_attempts_ = 4;
  duration base_delay_{100};
  duration delay_cap_{20'000};
  jitter jitter_ = jitter::full;
  duration max_elapsed_{0};
  duration max_retry_after_{60'000};
  classifier classifier_;
  delay_function delay_function_;
};

/// A bucket of tokens that all retries of a client share, so that it adds next to nothing to the
/// load of a service that is down. A success brings back what its last retry took; one at the first
/// attempt brings `refund`. Where the bucket is too empty, a failure is not retried, and gives the
/// figures. The defaults are those of the AWS SDKs' standard mode, and sustain retries while fewer
/// than about a third of all attempts fail.
struct retry_budget_options {
  /// Tokens at the start, and at most; 0 for no budget, at most 1,000,000.
  int capacity = 500;
  /// For each retry; from 1 to the capacity.
  int retry_cost = 5;
  /// For each retry after a timeout, which weighs more on a service than a quick refusal; likewise.
  int timeout_cost = 10;
  /// From 0 to the capacity.
  int refund = 1;

  retry_budget_options() = default;
};

}  // namespace binarly

#endif
