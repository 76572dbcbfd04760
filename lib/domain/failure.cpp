// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/local_trouble.hpp"
#include "domain/token_error.hpp"

#include <binarly/failure.hpp>
#include <binarly/operation_kind.hpp>

#include <boost/throw_exception.hpp>

#include <algorithm>
#include <charconv>
#include <ostream>
#include <utility>

namespace binarly {
namespace {

/// A code, in words that fit after "get image X: ".
const char* describe(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument:
      return "invalid argument";
    case errc::unauthorized:
      return "not authorized";
    case errc::forbidden:
      return "forbidden";
    case errc::not_found:
      return "not found";
    case errc::rejected:
      return "request rejected";
    case errc::throttled:
      return "throttled";
    case errc::server_error:
      return "the service is in trouble";
    case errc::redirected:
      return "redirected elsewhere";
    case errc::resolve_failed:
      return "the host's name was not resolved";
    case errc::connect_failed:
      return "no connection";
    case errc::proxy_refused:
      return "refused by the proxy";
    case errc::certificate_rejected:
      return "the server's certificate is not trusted";
    case errc::client_certificate_rejected:
      return "the server does not accept the client's certificate";
    case errc::handshake_failed:
      return "the TLS handshake failed";
    case errc::connection_lost:
      return "connection lost";
    case errc::truncated:
      return "truncated answer";
    case errc::malformed_answer:
      return "the answer is not proper HTTP";
    case errc::too_large:
      return "the answer is too large";
    case errc::bad_response:
      return "unexpected answer";
    case errc::timed_out:
      return "timed out";
    case errc::cancelled:
      return "cancelled";
    case errc::queue_full:
      return "too many lookups wait for a connection";
    case errc::circuit_open:
      return "not tried, since too many attempts failed of late";
    case errc::client_closed:
      return "the client was closed";
    case errc::token_refused:
      return "no token is given";
    case errc::token_unavailable:
      return "no token can be had";
    case errc::not_ready:
      return "not ready";
    case errc::no_scan:
      return "it has no scan";
  }
  return "unknown error";
}

/// A token, and then the one that was issued in its place.
bool refused_twice(const failure_detail& detail) noexcept {
  return std::ranges::count(detail.history, errc::unauthorized, &attempt_record::code) > 1;
}

constexpr const char* mind_the_proxy =
    "check that the proxy is well, and that it reaches the service's host and port";

const char* advise(const failure_detail& detail) noexcept {
  const bool of_report = detail.operation == to_string(operation_kind::find_hashes);
  switch (detail.code) {
    case errc::unauthorized:
      return refused_twice(detail)
                 ? "check the audience and the scope that tokens are asked for with, and that the "
                   "identity server is the one that this service trusts"
                 : "check that the token is the right one, is meant for this service (its "
                   "audience), and has not expired";
    case errc::forbidden:
      return "ask for the missing permission, or use another token";
    case errc::not_found:
      if (of_report) {
        return "check the ids, and that a scan of the image is done: it makes the report";
      }
      return "check the product id and the image id";
    case errc::throttled:
      return "lower the rate or the window, and try again later";
    case errc::server_error:
      return "try again later; if it stays so, give the request id to the service's support";
    case errc::redirected:
      return "redirects are not followed; use the service's own address as the base URL";
    case errc::resolve_failed:
      if (const auto* const ours = domain::find_local_trouble(detail.cause)) return ours->advice;
      return "check the host in the base URL, and the name servers";
    case errc::connect_failed:
      if (const auto* const ours = domain::find_local_trouble(detail.cause)) return ours->advice;
      if (detail.step == phase::proxy) return mind_the_proxy;
      return "check the base URL, and that the service, or the proxy, is running and reachable "
             "from here";
    case errc::proxy_refused:
      switch (detail.proxy_status) {
        case 401:
        case 407:
          return "check the proxy's user name and password, and that it takes Basic credentials";
        case 0:
          return "check the proxy's address, user name and password, and that it lets the "
                 "service's host and port through";
        default:
          return "check the proxy's address, and that it lets the service's host and port through";
      }
    case errc::certificate_rejected:
      return "check the host in the base URL, and name the authority that signed the certificate";
    case errc::client_certificate_rejected:
      return "give the client a certificate that the service knows, and its key";
    case errc::handshake_failed:
      return "check that the base URL's port speaks TLS 1.2 or later";
    case errc::connection_lost:
      if (detail.step == phase::proxy) return mind_the_proxy;
      [[fallthrough]];
    case errc::truncated:
      return "try again; if it stays so, look at the network in between";
    case errc::bad_response:
      if (detail.answered_by == responder::platform) {
        if (of_report) {
          return "look at the report itself; if the service makes it so again, tell its support";
        }
        return "try again; if it stays so, give the request id to the service's support";
      }
      return "check that the base URL is the platform's own address";
    case errc::malformed_answer:
      return "check that the base URL is the platform's own address";
    case errc::too_large:
      return "check the base URL, or raise the client's limits";
    case errc::timed_out:
      if (detail.step == phase::proxy) return mind_the_proxy;
      return "try again, or allow more time";
    case errc::queue_full:
      return "start fewer lookups at a time, or raise pool.max_waiting";
    case errc::circuit_open:
      return "try again when the time has come; what failed before tells why";
    case errc::rejected:
      if (detail.http_status == 431) {
        return "use a token with less in it, or have the server allow larger headers";
      }
      if (of_report) {
        return "check that a scan of the image is done: it makes the report";
      }
      return "";
    case errc::invalid_argument:
    case errc::cancelled:
    case errc::client_closed:
      break;
    case errc::token_refused:
    case errc::token_unavailable:
      return domain::advise_on_token(detail);
    case errc::not_ready:
      return "look again later; waiting longer may be enough";
    case errc::no_scan:
      return "start one";
  }
  return "";
}

const char* activity(phase step) noexcept {
  switch (step) {
    case phase::token:
      return "getting a token";
    case phase::admission:
      return "waiting for its turn under the client's limits";
    case phase::acquire:
      return "waiting for a connection";
    case phase::resolve:
      return "resolving the host's name";
    case phase::connect:
      return "connecting";
    case phase::proxy:
      return "opening a tunnel";
    case phase::handshake:
      return "agreeing on TLS";
    case phase::write:
      return "sending the request";
    case phase::head:
      return "waiting for the answer";
    case phase::body:
      return "reading the answer";
    case phase::backoff:
      return "waiting for the next attempt";
    case phase::prepare:
    case phase::decode:
      break;
  }
  return "";
}

class code_category final : public error_category {
 public:
  const char* name() const noexcept override { return "binarly"; }
  std::string message(int value) const override { return describe(static_cast<errc>(value)); }
};

class group_category final : public error_category {
 public:
  const char* name() const noexcept override { return "binarly.condition"; }

  std::string message(int value) const override {
    switch (static_cast<condition>(value)) {
      case condition::not_found:
        return "not found";
      case condition::unauthorized:
        return "not authorized";
      case condition::forbidden:
        return "forbidden";
      case condition::throttled:
        return "throttled";
      case condition::timed_out:
        return "timed out";
      case condition::cancelled:
        return "cancelled";
      case condition::transport:
        return "transport failure";
      case condition::bad_response:
        return "bad response";
      case condition::unavailable:
        return "service unavailable";
    }
    return "unknown condition";
  }

  bool equivalent(const error_code& code, int value) const noexcept override {
    if (code.category() != binarly_category()) return false;
    const auto group = static_cast<condition>(value);
    switch (static_cast<errc>(code.value())) {
      case errc::not_found:
        return group == condition::not_found;
      case errc::unauthorized:
      case errc::token_refused:
        return group == condition::unauthorized;
      case errc::forbidden:
        return group == condition::forbidden;
      case errc::throttled:
        return group == condition::throttled;
      case errc::timed_out:
        return group == condition::timed_out;
      case errc::cancelled:
      case errc::client_closed:
        return group == condition::cancelled;
      case errc::resolve_failed:
      case errc::connect_failed:
      case errc::proxy_refused:
      case errc::certificate_rejected:
      case errc::client_certificate_rejected:
      case errc::handshake_failed:
      case errc::connection_lost:
      case errc::truncated:
        return group == condition::transport;
      case errc::malformed_answer:
      case errc::too_large:
      case errc::redirected:
      case errc::bad_response:
        return group == condition::bad_response;
      case errc::server_error:
      case errc::circuit_open:
      case errc::token_unavailable:
        return group == condition::unavailable;
      case errc::invalid_argument:
      case errc::rejected:
      case errc::queue_full:
      case errc::not_ready:
      case errc::no_scan:
        break;
    }
    return false;
  }
};

/// "850 us", "32 ms", "1.25 s": three significant digits are enough for a reader.
std::string in_words(std::chrono::nanoseconds span) {
  const double seconds = std::chrono::duration<double>(span).count();
  const auto with_unit = [](double value, const char* unit) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value,
                                   std::chars_format::general, value < 1000 ? 3 : 6);
    return std::string(digits, end.ptr) + unit;
  };
  if (seconds < 1e-3) return with_unit(seconds * 1e6, " us");
  if (seconds < 1) return with_unit(seconds * 1e3, " ms");
  return with_unit(seconds, " s");
}

const char* speaker(responder who) noexcept {
  switch (who) {
    case responder::identity_server:
      return "the identity server";
    case responder::proxy:
      return "the proxy";
    case responder::stranger:
      return "the answer";
    case responder::none:
    case responder::platform:
      break;
  }
  return "the service";
}

/// What the service said, as a clause of its own.
void append_server_words(std::string& line, const failure_detail& detail) {
  if (!detail.server_message.empty()) {
    line +=
        std::string(": ") + speaker(detail.answered_by) + " says \"" + detail.server_message + '"';
  }
  for (const auto& part : detail.details) {
    const char* mark = " [";
    for (const auto* text : {&part.reason, &part.field, &part.service, &part.error}) {
      if (text->empty()) continue;
      line += mark + *text;
      mark = ", ";
    }
    if (*mark == ',') line += ']';
  }
  if (!detail.permission.empty()) {
    line += "; missing permission " + detail.permission;
    if (!detail.resource_name.empty()) line += " on " + detail.resource_name;
  }
}

void append_circumstances(std::string& line, const failure_detail& detail) {
  const char* mark = " (";
  const auto add = [&](const std::string& text) {
    line += mark + text;
    mark = ", ";
  };
  if (!detail.request_id.empty()) add("request id " + detail.request_id);
  if (!detail.call_id.empty()) add("call id " + detail.call_id);
  if (detail.retry_after) {
    const bool identity = detail.answered_by == responder::identity_server;
    add(std::string(identity ? speaker(detail.answered_by) : "the service") + " asks to wait " +
        std::to_string(detail.retry_after->count()) + " s");
  }
  if (detail.attempts > 0) {
    add(std::to_string(detail.attempts) + (detail.attempts == 1 ? " attempt" : " attempts"));
  }
  if (detail.elapsed.count() > 0) add(in_words(detail.elapsed));
  if (*mark == ',') line += ')';
}

}  // namespace

const error_category& binarly_category() noexcept {
  static const code_category category;
  return category;
}

const error_category& condition_category() noexcept {
  static const group_category category;
  return category;
}

error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), binarly_category()};
}

error_condition make_error_condition(condition value) noexcept {
  return {static_cast<int>(value), condition_category()};
}

std::string_view to_string(errc code) noexcept {
  switch (code) {
    case errc::invalid_argument:
      return "invalid_argument";
    case errc::unauthorized:
      return "unauthorized";
    case errc::forbidden:
      return "forbidden";
    case errc::not_found:
      return "not_found";
    case errc::rejected:
      return "rejected";
    case errc::throttled:
      return "throttled";
    case errc::server_error:
      return "server_error";
    case errc::redirected:
      return "redirected";
    case errc::resolve_failed:
      return "resolve_failed";
    case errc::connect_failed:
      return "connect_failed";
    case errc::proxy_refused:
      return "proxy_refused";
    case errc::certificate_rejected:
      return "certificate_rejected";
    case errc::client_certificate_rejected:
      return "client_certificate_rejected";
    case errc::handshake_failed:
      return "handshake_failed";
    case errc::connection_lost:
      return "connection_lost";
    case errc::truncated:
      return "truncated";
    case errc::malformed_answer:
      return "malformed_answer";
    case errc::too_large:
      return "too_large";
    case errc::bad_response:
      return "bad_response";
    case errc::timed_out:
      return "timed_out";
    case errc::cancelled:
      return "cancelled";
    case errc::queue_full:
      return "queue_full";
    case errc::circuit_open:
      return "circuit_open";
    case errc::client_closed:
      return "client_closed";
    case errc::token_refused:
      return "token_refused";
    case errc::token_unavailable:
      return "token_unavailable";
    case errc::not_ready:
      return "not_ready";
    case errc::no_scan:
      return "no_scan";
  }
  return "unknown";
}

std::string_view to_string(responder who) noexcept {
  switch (who) {
    case responder::none:
      return "none";
    case responder::platform:
      return "platform";
    case responder::identity_server:
      return "identity_server";
    case responder::proxy:
      return "proxy";
    case responder::stranger:
      return "stranger";
  }
  return "unknown";
}

std::string_view to_string(retry_stop why) noexcept {
  switch (why) {
    case retry_stop::none:
      return "none";
    case retry_stop::final:
      return "final";
    case retry_stop::attempts:
      return "attempts";
    case retry_stop::deadline:
      return "deadline";
    case retry_stop::elapsed:
      return "elapsed";
    case retry_stop::retry_after:
      return "retry_after";
    case retry_stop::budget:
      return "budget";
  }
  return "unknown";
}

std::string_view to_string(phase step) noexcept {
  switch (step) {
    case phase::prepare:
      return "prepare";
    case phase::token:
      return "token";
    case phase::admission:
      return "admission";
    case phase::acquire:
      return "acquire";
    case phase::resolve:
      return "resolve";
    case phase::connect:
      return "connect";
    case phase::proxy:
      return "proxy";
    case phase::handshake:
      return "handshake";
    case phase::write:
      return "write";
    case phase::head:
      return "head";
    case phase::body:
      return "body";
    case phase::decode:
      return "decode";
    case phase::backoff:
      return "backoff";
  }
  return "unknown";
}

failure::failure(failure_detail detail)
    : detail_(std::make_shared<const failure_detail>(std::move(detail))) {}

failure::failure(errc code, std::string reason) {
  failure_detail detail;
  detail.code = code;
  detail.reason = std::move(reason);
  detail_ = std::make_shared<const failure_detail>(std::move(detail));
}

error_code failure::code() const noexcept {
  return detail_ ? make_error_code(detail_->code) : error_code();
}

const failure_detail& failure::detail() const noexcept {
  static const failure_detail none;
  return detail_ ? *detail_ : none;
}

std::string failure::advice() const { return detail_ ? advise(*detail_) : ""; }

std::string failure::message() const {
  if (!detail_) return "no failure";
  const auto& detail = *detail_;
  std::string line = detail.operation;
  if (!detail.resource.empty()) line += (line.empty() ? "" : " ") + detail.resource;
  if (!line.empty()) line += ": ";
  line += describe(detail.code);
  const bool says_doing =
      detail.code == errc::token_refused || detail.code == errc::token_unavailable;
  if (const std::string doing = activity(detail.step); !says_doing && !doing.empty()) {
    line += " while " + doing;
  }
  if (detail.http_status != 0) line += " (HTTP " + std::to_string(detail.http_status) + ')';
  if (!detail.reason.empty()) line += ": " + detail.reason;
  append_server_words(line, detail);
  append_circumstances(line, detail);
  if (!detail.stop_reason.empty()) line += "; not tried again: " + detail.stop_reason;
  if (const std::string next = advice(); !next.empty()) line += "; " + next;
  return line;
}

std::ostream& operator<<(std::ostream& out, const failure& value) { return out << value.message(); }

failure_error::failure_error(failure value)
    : std::runtime_error(value.message()), failure_(std::move(value)) {}

void throw_exception_from_error(const failure& value, const boost::source_location& where) {
  boost::throw_exception(failure_error(value), where);
}

}  // namespace binarly
