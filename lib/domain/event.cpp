// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/span_text.hpp"

#include <binarly/event.hpp>

#include <ostream>

namespace binarly {
namespace {

using domain::in_seconds;

std::string name_of(const attempt_name& attempt) {
  return attempt.call_id + '-' + std::to_string(attempt.number) +
         (attempt.hedge ? " (hedge) " : " ") + attempt.resource;
}

std::string result_of(const error_code& code) {
  if (!code) return "ok";
  if (code.category() != binarly_category()) return code.message();
  return std::string(to_string(static_cast<errc>(code.value())));
}

/// "connection to the identity server", unless it is the one that everybody expects.
std::string connection_to(peer whom) {
  return whom == peer::service ? "connection" : "connection to the identity server";
}

struct describer {
  std::string operator()(const attempt_started& it) const {
    return "attempt started: " + name_of(it.attempt);
  }
  std::string operator()(const attempt_finished& it) const {
    std::string line = "attempt finished: " + name_of(it.attempt) + ": " + result_of(it.code);
    if (it.http_status != 0) line += " (HTTP " + std::to_string(it.http_status) + ')';
    if (it.code) line += " [" + std::string(to_string(it.step)) + ']';
    return line + " after " + in_seconds(it.duration);
  }
  std::string operator()(const retry_scheduled& it) const {
    return "retry scheduled: " + name_of(it.attempt) + ": " + result_of(it.why) + "; again in " +
           in_seconds(it.wait);
  }
  std::string operator()(const hedge_sent& it) const {
    return "hedge sent: " + name_of(it.attempt) + " after " + in_seconds(it.after);
  }
  std::string operator()(const call_finished& it) const {
    return "call finished: " + it.call_id + ' ' + it.resource + ": " + result_of(it.code) + ", " +
           std::to_string(it.attempts) + (it.attempts == 1 ? " attempt, " : " attempts, ") +
           in_seconds(it.elapsed);
  }
  std::string operator()(const breaker_changed& it) const {
    std::string line = "circuit breaker: " + std::string(to_string(it.state));
    if (it.state == breaker_state::open) line += " for " + in_seconds(it.open_for);
    return line;
  }
  std::string operator()(const limit_changed& it) const {
    return "limit changed: " + std::to_string(it.limit) + " attempts in flight to " +
           std::string(to_string(it.operation));
  }
  std::string operator()(const token_renewed& it) const {
    if (!it.lifetime) return "token renewed";
    return "token renewed: good for " + std::to_string(it.lifetime->count()) + " s";
  }
  std::string operator()(const token_failed& it) const {
    return "token not renewed" + std::string(it.usable ? ", the old one serves: " : ": ") +
           it.why.message();
  }
  std::string operator()(const connection_opened& it) const {
    return connection_to(it.to) + " opened" + (it.resumed ? ", session resumed" : "");
  }
  std::string operator()(const connection_reused& it) const {
    return connection_to(it.to) + " reused";
  }
  std::string operator()(const connection_replayed& it) const {
    return connection_to(it.to) + " was dead, its exchange is replayed";
  }
  std::string operator()(const connection_closed& it) const {
    return connection_to(it.to) + " closed: " + std::string(to_string(it.why));
  }
  std::string operator()(const events_lost& it) const {
    return std::to_string(it.count) + " events were lost: the listener is too slow";
  }
};

}  // namespace

std::string_view to_string(breaker_state state) noexcept {
  switch (state) {
    case breaker_state::closed:
      return "closed";
    case breaker_state::open:
      return "open";
    case breaker_state::half_open:
      return "half_open";
  }
  return "unknown";
}

std::string_view to_string(peer whom) noexcept {
  return whom == peer::service ? "service" : "identity_server";
}

std::string to_string(const event& what) { return std::visit(describer(), what); }

std::ostream& operator<<(std::ostream& out, const event& what) { return out << to_string(what); }

}  // namespace binarly
