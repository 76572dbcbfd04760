// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/retry_policy.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace binarly {
namespace {

using duration = retry_policy::duration;

constexpr duration longest_delay = std::chrono::hours(1);
constexpr std::chrono::seconds longest_bound = std::chrono::hours(24);

void check(bool good, const char* option, const char* bounds) {
  if (!good) {
    throw failure_error(
        failure(errc::invalid_argument, std::string(option) + " must be " + bounds));
  }
}

duration scaled(duration span, double factor) {
  return duration(std::llround(static_cast<double>(span.count()) * factor));
}

/// min(cap, base * 2^(attempt - 1)), without overflow.
duration exponential(duration base, duration cap, int attempt) {
  const double wanted = std::ldexp(static_cast<double>(base.count()), std::max(attempt, 1) - 1);
  return wanted < static_cast<double>(cap.count()) ? duration(std::llround(wanted)) : cap;
}

/// The statuses of trouble that may pass, whether the service or a proxy is in it.
bool passing(unsigned status) {
  switch (status) {
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

bool retryable(const failure_detail& detail) {
  switch (detail.code) {
    case errc::throttled:
    case errc::resolve_failed:
    case errc::connect_failed:
    case errc::handshake_failed:
    case errc::connection_lost:
    case errc::truncated:
    case errc::timed_out:
    case errc::token_unavailable:
      return true;
    case errc::server_error:
      return detail.http_status == 408 || passing(detail.http_status);
    case errc::proxy_refused:
      return passing(detail.proxy_status);
    case errc::invalid_argument:
    case errc::unauthorized:
    case errc::forbidden:
    case errc::not_found:
    case errc::rejected:
    case errc::redirected:
    case errc::certificate_rejected:
    case errc::client_certificate_rejected:
    case errc::malformed_answer:
    case errc::too_large:
    case errc::bad_response:
    case errc::cancelled:
    case errc::queue_full:
    case errc::circuit_open:
    case errc::client_closed:
    case errc::token_refused:
    case errc::not_ready:
    case errc::no_scan:
      break;
  }
  return false;
}

}  // namespace

retry_policy::retry_policy() = default;

retry_policy retry_policy::none() { return retry_policy().max_attempts(1); }

retry_policy& retry_policy::max_attempts(int value) {
  check(value >= 1 && value <= 100, "retry.max_attempts", "from 1 to 100");
  max_attempts_ = value;
  return *this;
}

retry_policy& retry_policy::base_delay(duration value) {
  check(value >= duration(0) && value <= longest_delay, "retry.base_delay", "from 0 to 1 hour");
  base_delay_ = value;
  delay_cap_ = std::max(delay_cap_, value);
  return *this;
}

retry_policy& retry_policy::delay_cap(duration value) {
  check(value >= base_delay_ && value <= longest_delay, "retry.delay_cap",
        "from the base delay to 1 hour");
  delay_cap_ = value;
  return *this;
}

retry_policy& retry_policy::jitter_kind(jitter value) {
  jitter_ = value;
  return *this;
}

retry_policy& retry_policy::max_elapsed(duration value) {
  check(value >= duration(0) && value <= longest_bound, "retry.max_elapsed", "from 0 to 24 hours");
  max_elapsed_ = value;
  return *this;
}

retry_policy& retry_policy::max_retry_after(duration value) {
  check(value >= duration(0) && value <= longest_bound, "retry.max_retry_after",
        "from 0 to 24 hours");
  max_retry_after_ = value;
  return *this;
}

retry_policy& retry_policy::classify_with(classifier function) {
  classifier_ = std::move(function);
  return *this;
}

retry_policy& retry_policy::delay_with(delay_function function) {
  delay_function_ = std::move(function);
  return *this;
}

bool retry_policy::may_retry(const failure& why) const {
  if (!accepts_retry_after(why)) return false;
  return classifier_ ? classifier_(why) : retryable(why.detail());
}

bool retry_policy::accepts_retry_after(const failure& why) const noexcept {
  const auto& wish = why.detail().retry_after;
  return !wish || std::chrono::duration<double>(*wish) <= max_retry_after_;
}

bool retry_policy::agrees_with(const retry_policy& other) const noexcept {
  if (this == &other) return true;
  if (classifier_ || delay_function_ || other.classifier_ || other.delay_function_) return false;
  return max_attempts_ == other.max_attempts_ && base_delay_ == other.base_delay_ &&
         delay_cap_ == other.delay_cap_ && jitter_ == other.jitter_ &&
         max_elapsed_ == other.max_elapsed_ && max_retry_after_ == other.max_retry_after_;
}

duration retry_policy::delay(int attempt, duration previous, const failure& why,
                             double random) const {
  if (delay_function_) {
    return std::max(delay_function_(attempt, previous, why, random), duration(0));
  }
  duration wait{};
  switch (jitter_) {
    case jitter::none:
      wait = exponential(base_delay_, delay_cap_, attempt);
      break;
    case jitter::full:
      wait = scaled(exponential(base_delay_, delay_cap_, attempt), random);
      break;
    case jitter::decorrelated: {
      const duration top = std::min(delay_cap_, 3 * std::max(previous, base_delay_));
      wait = base_delay_ + scaled(top - base_delay_, random);
      break;
    }
  }
  const auto& wish = why.detail().retry_after;
  return wish ? wait + std::clamp<std::chrono::seconds>(*wish, {}, longest_bound) : wait;
}

}  // namespace binarly
