// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/metrics.hpp>

#include <mutex>
#include <utility>
#include <variant>

namespace binarly {
namespace {

std::size_t at(peer whom) noexcept { return static_cast<std::size_t>(whom); }

errc code_of(const error_code& code) noexcept { return static_cast<errc>(code.value()); }

/// Adds an event to what was counted.
struct counter {
  metrics_snapshot& seen;

  void operator()(const attempt_started&) const noexcept {}
  void operator()(const attempt_finished& it) const {
    ++seen.attempts[code_of(it.code)];
    seen.attempt_latency.add(it.duration);
  }
  void operator()(const retry_scheduled& it) const { ++seen.retries[code_of(it.why)]; }
  void operator()(const hedge_sent&) const noexcept { ++seen.hedges; }
  void operator()(const call_finished& it) const {
    ++seen.calls[code_of(it.code)];
    seen.call_latency.add(it.elapsed);
  }
  void operator()(const breaker_changed& it) const noexcept {
    seen.breaker = it.state;
    if (it.state == breaker_state::open) ++seen.breaker_opened;
  }
  void operator()(const limit_changed& it) const noexcept {
    seen.limits[static_cast<std::size_t>(it.operation)] = it.limit;
  }
  void operator()(const token_renewed&) const noexcept { ++seen.tokens_renewed; }
  void operator()(const token_failed&) const noexcept { ++seen.tokens_failed; }
  void operator()(const connection_opened& it) const noexcept {
    ++seen.connections_opened[at(it.to)];
    if (it.resumed) ++seen.connections_resumed[at(it.to)];
  }
  void operator()(const connection_reused& it) const noexcept {
    ++seen.connections_reused[at(it.to)];
  }
  void operator()(const connection_replayed& it) const noexcept {
    ++seen.connections_replayed[at(it.to)];
  }
  void operator()(const connection_closed& it) const noexcept {
    ++seen.connections_closed[at(it.to)][static_cast<std::size_t>(it.why)];
  }
  void operator()(const events_lost& it) const noexcept { seen.events_lost += it.count; }
};

/// Writes the text format: one metric after the other, each with its help and its type.
class text_writer {
 public:
  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = "binarly_images_";
    name_ += name;
    text_.append("# HELP ").append(name_).append(" ").append(help).append("\n# TYPE ");
    text_.append(name_).append(" ").append(type).append("\n");
  }
  /// `labels`: between the braces; empty for none.
  void line(std::string_view suffix, std::string_view labels, std::string_view value) {
    text_.append(name_).append(suffix);
    if (!labels.empty()) text_.append("{").append(labels).append("}");
    text_.append(" ").append(value).append("\n");
  }
  void line(std::string_view labels, std::uint64_t value) {
    line("", labels, std::to_string(value));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

std::string label(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + std::string(value) + '"';
}

std::string_view result_of(errc code) { return code == errc{} ? "ok" : to_string(code); }

void by_code(text_writer& out, std::string_view name, std::string_view help, std::string_view what,
             const std::map<errc, std::uint64_t>& counts) {
  out.begin(name, "counter", help);
  for (const auto& [code, count] : counts)
    out.line(label(what, result_of(code)), count);
}

void one(text_writer& out, std::string_view name, std::string_view type, std::string_view help,
         std::uint64_t value) {
  out.begin(name, type, help);
  out.line("", value);
}

void by_peer(text_writer& out, std::string_view name, std::string_view help,
             const std::array<std::uint64_t, 2>& counts) {
  out.begin(name, "counter", help);
  for (const peer whom : {peer::service, peer::identity_server})
    out.line(label("peer", to_string(whom)), counts[at(whom)]);
}

/// Nanoseconds as seconds, to the last digit.
std::string in_seconds(std::uint64_t nanoseconds) {
  std::string digits = std::to_string(nanoseconds);
  if (digits.size() < 10) digits.insert(0, 10 - digits.size(), '0');
  digits.insert(digits.size() - 9, 1, '.');
  return digits;
}

void histogram(text_writer& out, std::string_view name, std::string_view help,
               const latency_histogram& seen) {
  constexpr unsigned first_edge = 19;  // 0.5 ms
  constexpr unsigned last_edge = 36;   // 69 s
  out.begin(name, "histogram", help);
  for (unsigned edge = first_edge; edge <= last_edge; ++edge) {
    out.line("_bucket", label("le", in_seconds(std::uint64_t{1} << edge)),
             std::to_string(seen.shorter_than_power(edge)));
  }
  out.line("_bucket", label("le", "+Inf"), std::to_string(seen.count()));
  out.line("_sum", "", in_seconds(static_cast<std::uint64_t>(seen.sum().count())));
  out.line("_count", "", std::to_string(seen.count()));
}

}  // namespace

class metrics::state {
 public:
  void add(const event& what) {
    const std::lock_guard lock(mutex_);
    std::visit(counter{seen_}, what);
  }
  [[nodiscard]] metrics_snapshot read() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  mutable std::mutex mutex_;
  metrics_snapshot seen_;
};

metrics::metrics() : state_(std::make_shared<state>()) {}

event_listener metrics::listener() const {
  return [state = state_](const event& what) { state->add(what); };
}

metrics_snapshot metrics::snapshot() const { return state_->read(); }

std::string prometheus_text(const metrics_snapshot& seen) {
  text_writer out;
  by_code(out, "calls_total", "Calls that ended, by result.", "result", seen.calls);
  by_code(out, "attempts_total", "Attempts that ended, by result.", "result", seen.attempts);
  by_code(out, "retries_total", "Attempts made again, by what failed before.", "reason",
          seen.retries);
  one(out, "hedges_total", "counter", "Attempts sent beside a slow one.", seen.hedges);
  histogram(out, "call_duration_seconds", "From a call's start to its end.", seen.call_latency);
  histogram(out, "attempt_duration_seconds", "From an attempt's start to its end.",
            seen.attempt_latency);
  out.begin("tokens_total", "counter", "Tokens that were asked for, by result.");
  out.line(label("result", "ok"), seen.tokens_renewed);
  out.line(label("result", "failed"), seen.tokens_failed);
  out.begin("concurrency_limit", "gauge", "Attempts that may be in flight; 0 for no limit.");
  for (std::size_t kind = 0; kind < operation_kinds; ++kind) {
    out.line(label("operation", to_string(static_cast<operation_kind>(kind))), seen.limits[kind]);
  }
  one(out, "breaker_state", "gauge", "0 is closed, 1 open, 2 half-open.",
      static_cast<std::uint64_t>(seen.breaker));
  one(out, "breaker_opened_total", "counter", "How often the circuit breaker opened.",
      seen.breaker_opened);
  by_peer(out, "connections_opened_total", "Connections made.", seen.connections_opened);
  by_peer(out, "connections_resumed_total", "Connections that went on with a TLS session.",
          seen.connections_resumed);
  by_peer(out, "connections_reused_total", "Exchanges on a connection that had served before.",
          seen.connections_reused);
  by_peer(out, "connections_replayed_total", "Exchanges begun again after a dead connection.",
          seen.connections_replayed);
  out.begin("connections_closed_total", "counter", "Connections that ended, by reason.");
  for (const peer whom : {peer::service, peer::identity_server}) {
    for (std::size_t why = 0; why < close_reasons; ++why) {
      out.line(label("peer", to_string(whom)) + ',' +
                   label("reason", to_string(static_cast<close_reason>(why))),
               seen.connections_closed[at(whom)][why]);
    }
  }
  one(out, "events_lost_total", "counter", "Events that were dropped, and not counted.",
      seen.events_lost);
  return out.take();
}

}  // namespace binarly
