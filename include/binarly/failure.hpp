// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_FAILURE_HPP
#define BINARLY_FAILURE_HPP

#include <binarly/detail/config.hpp>

#include <boost/assert/source_location.hpp>
#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/error_condition.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace binarly {

using boost::system::error_category;
using boost::system::error_code;
using boost::system::error_condition;

/// Why an operation did not give its value. Each one names a different thing to do about it.
enum class errc {
  invalid_argument =
      1,           ///< an id, an option or an expectation that cannot be used; nothing was sent
  unauthorized,    ///< 401: the service does not accept the token
  forbidden,       ///< 403 of the platform: the token is good, but lacks a permission
  not_found,       ///< 404 of the platform: no such product or image
  rejected,        ///< another 4xx: the service does not accept the request
  throttled,       ///< 429: too many requests
  server_error,    ///< 408 or 5xx: the service, or a load balancer before it, is in trouble
  redirected,      ///< 3xx: redirects are not followed, since they would carry the token away
  resolve_failed,  ///< the host's name could not be resolved
  connect_failed,  ///< no address of the host accepted a connection
  proxy_refused,   ///< the proxy opened no tunnel to the service, or is no HTTP proxy
  certificate_rejected,  ///< the server's certificate is not to be trusted, or names another host
  client_certificate_rejected,  ///< the server wants a certificate from the client, or another one
  handshake_failed,             ///< TLS could not be agreed on
  connection_lost,              ///< the connection broke before the answer was complete
  truncated,                    ///< the answer ended before its announced or properly closed end
  malformed_answer,             ///< the answer is not HTTP/1.1 as RFC 9112 has it
  too_large,                    ///< the answer's head, body or trailers exceed the client's bounds
  bad_response,                 ///< the answer is complete, but not what the API promises; or a
                                ///< 403 or 404 that the platform did not give
  timed_out,                    ///< a deadline came first; the phase tells what it interrupted
  cancelled,                    ///< the caller cancelled the operation
  queue_full,                   ///< too many exchanges wait for a connection
  circuit_open,                 ///< too many attempts failed of late; none is made for a while
  client_closed,                ///< the client was closed or destroyed
  token_refused,      ///< no token, for good: the identity server, or who else gives it, refuses
  token_unavailable,  ///< no token for now: whoever gives it is out of reach or in trouble
  not_ready,          ///< not there in time: the end of a scan, or a checksum that it makes
  no_scan,            ///< the image has no scan, and none was started while it was waited for
};

/// Who gave the HTTP answer that a failure speaks of.
enum class responder {
  none,             ///< nobody did
  platform,         ///< the platform: the answer has the form of its API
  identity_server,  ///< the server that was asked for a token
  proxy,            ///< the proxy that was asked for a tunnel
  stranger,         ///< something else at the service's address, such as a load balancer
};

/// The responder as one or two lower-case words, joined by an underscore.
BINARLY_IMAGES_DECL std::string_view to_string(responder who) noexcept;

/// What a call was doing when it failed.
enum class phase {
  prepare,    ///< checking arguments; nothing was sent
  token,      ///< getting a token to show
  admission,  ///< waiting for its turn under the client's limits
  acquire,    ///< waiting for a connection
  resolve,    ///< resolving the host's name
  connect,    ///< connecting to one of its addresses
  proxy,      ///< asking the proxy for a tunnel to the service
  handshake,  ///< agreeing on TLS
  write,      ///< sending the request
  head,       ///< waiting for the answer's head
  body,       ///< reading the answer's body
  decode,     ///< making sense of a complete answer
  backoff,    ///< waiting before the next attempt
};

/// Groups of codes that callers commonly act upon; compare with `failure::code()`.
enum class condition {
  not_found = 1,  ///< the resource does not exist
  unauthorized,   ///< the token is missing, wrong or expired, or is not given
  forbidden,      ///< the token lacks a permission
  throttled,      ///< the service asks to slow down
  timed_out,      ///< a deadline came first
  cancelled,      ///< cancelled by the caller, or by the client's end
  transport,      ///< the network, the proxy, the connection or TLS
  bad_response,   ///< an answer that breaks HTTP or the API's promises
  unavailable,    ///< the service or the identity server cannot serve now (408, 5xx), or is not
                  ///< asked for that reason
};

/// The category of `errc`, named "binarly".
BINARLY_IMAGES_DECL const error_category& binarly_category() noexcept;
/// The category of `condition`, named "binarly.condition".
BINARLY_IMAGES_DECL const error_category& condition_category() noexcept;
BINARLY_IMAGES_DECL error_code make_error_code(errc code) noexcept;
BINARLY_IMAGES_DECL error_condition make_error_condition(condition value) noexcept;
/// The code's own name, such as "not_found": a word that programs can rely on.
BINARLY_IMAGES_DECL std::string_view to_string(errc code) noexcept;
/// The phase as one lower-case word.
BINARLY_IMAGES_DECL std::string_view to_string(phase step) noexcept;

/// One entry of the `details` array in the service's error envelope; absent members are empty.
struct service_detail {
  std::string reason;
  std::string field;
  std::string service;
  std::string error;
};

/// Why a failed attempt was not made again.
enum class retry_stop {
  none,         ///< it is not the policy that ended the call
  final,        ///< such a failure is not worth another attempt
  attempts,     ///< the attempts are used up
  deadline,     ///< the next one would not begin before the call's deadline
  elapsed,      ///< nor before the policy's bound on the elapsed time
  retry_after,  ///< the server asks for a longer wait than the policy allows
  budget,       ///< the client's budget for retries is spent
};

/// The reason in one or two lower-case words, joined by an underscore.
BINARLY_IMAGES_DECL std::string_view to_string(retry_stop why) noexcept;

/// One attempt that failed.
struct attempt_record {
  int number = 0;  ///< from 1
  errc code = errc::invalid_argument;
  phase step = phase::prepare;
  unsigned http_status = 0;             ///< 0 when no head was read
  bool hedge = false;                   ///< sent beside another attempt that was slow
  std::chrono::nanoseconds wait{};      ///< before it: the backoff
  std::chrono::nanoseconds duration{};  ///< from its start to its failure
  std::string request_id;               ///< the server's name for it

  attempt_record() = default;
};

/// A failure remembers so many of its attempts, the latest.
inline constexpr std::size_t longest_history = 16;

/// All that is known of a failure. Texts that came from the network are bounded and hold no control
/// characters; no member ever holds a token.
struct failure_detail {
  errc code = errc::invalid_argument;
  phase step = phase::prepare;
  std::string operation;      ///< what was being done, such as "get image"
  std::string resource;       ///< what it was about, such as "products/P/images/I"
  std::string reason;         ///< the cause in words, from the system, TLS or the decoder
  error_code cause;           ///< the system's code beneath; with no token, the `errc` beneath
  unsigned http_status = 0;   ///< 0 when no head was read
  unsigned proxy_status = 0;  ///< with `proxy_refused`: the proxy's; 0 for no HTTP answer
  responder answered_by = responder::none;
  std::string server_message;           ///< `message` of the service's error envelope
  std::vector<service_detail> details;  ///< `details` of the envelope, at most 16
  std::string permission;               ///< with 403: the permission that is missing
  std::string resource_name;            ///< with 403: the resource it is missing on
  std::string request_id;  ///< the server's name for the request, to quote to its support
  /// What the client called it: each attempt bears this, a hyphen and its number as `X-Request-Id`.
  std::string call_id;
  int attempts = 0;                     ///< requests made, the failed one included
  std::vector<attempt_record> history;  ///< of the attempts, the latest `longest_history`
  retry_stop stopped = retry_stop::none;
  std::string stop_reason;  ///< for some of the reasons in `stopped`, the figures in words
  std::chrono::nanoseconds elapsed{};               ///< from the call's start to its failure
  std::optional<std::chrono::seconds> retry_after;  ///< the server's wish, if it stated one
};

/// An expected failure as a value: an error code and a shared, immutable detail.
///
/// Cheap to copy. Default-constructed, it is no failure: `code()` is success and the detail is
/// empty. Printing it gives one line that says what failed, where and why, after how many attempts,
/// and what to do next; it never holds a secret. Distinct objects may be used from any threads.
class BINARLY_IMAGES_DECL failure {
 public:
  failure() noexcept = default;
  explicit failure(failure_detail detail);
  /// A failure that happened before anything was sent.
  failure(errc code, std::string reason);

  [[nodiscard]] error_code code() const noexcept;
  [[nodiscard]] const failure_detail& detail() const noexcept;
  /// What the reader should do next, as a short sentence without its full stop; may be empty.
  [[nodiscard]] std::string advice() const;
  /// Everything in one line, save the history.
  [[nodiscard]] std::string message() const;
  /// Everything as one JSON object, for machines: the members of the detail that are not empty,
  /// the message, and the history; spans of time in whole microseconds.
  [[nodiscard]] std::string json() const;

  /// `failure == condition::not_found` holds when the code belongs to the condition.
  friend bool operator==(const failure& left, condition right) noexcept {
    return left.code() == make_error_condition(right);
  }
  /// `failure == errc::not_found` holds when this is the code.
  friend bool operator==(const failure& left, errc right) noexcept {
    return left.code() == make_error_code(right);
  }

 private:
  std::shared_ptr<const failure_detail> detail_;
};

BINARLY_IMAGES_DECL std::ostream& operator<<(std::ostream& out, const failure& value);

/// What `result<T>::value()` throws when there is no value.
class BINARLY_IMAGES_DECL failure_error : public std::runtime_error {
 public:
  explicit failure_error(failure value);
  [[nodiscard]] const failure& why() const noexcept { return failure_; }

 private:
  failure failure_;
};

/// Called by `result<T>::value()`.
[[noreturn]] BINARLY_IMAGES_DECL void throw_exception_from_error(
    const failure& value, const boost::source_location& where);

/// A value or a failure.
template <class T>
using result = boost::system::result<T, failure>;

}  // namespace binarly

namespace boost::system {
template <>
struct is_error_code_enum<binarly::errc> : std::true_type {};
template <>
struct is_error_condition_enum<binarly::condition> : std::true_type {};
}  // namespace boost::system

#endif
