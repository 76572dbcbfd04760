// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/outputs/json_output.hpp"

#include "tools/text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

namespace {

/// Writes one JSON text, indented; what is in it comes in the order of the calls. Numbers are given
/// as they are to be written.
class writer {
 public:
  explicit writer(std::ostream& out) : out_(out) {}

  void open(std::string_view name, char bracket) {
    begin(name);
    out_ << bracket;
    ++depth_;
    first_ = true;
  }
  void close(char bracket) {
    --depth_;
    if (!first_) line();
    out_ << bracket;
    first_ = false;
  }
  void number(std::string_view name, std::string_view digits) {
    begin(name);
    out_ << digits;
  }
  void number(std::string_view name, std::uint64_t value) { number(name, std::to_string(value)); }
  void text(std::string_view name, std::string_view value) {
    begin(name);
    quote(value);
  }

 private:
  /// A member of an object, or without a name an element of an array.
  void begin(std::string_view name) {
    if (depth_ != 0) {
      if (!first_) out_ << ',';
      line();
    }
    first_ = false;
    if (name.empty()) return;
    quote(name);
    out_ << ": ";
  }
  void quote(std::string_view value) {
    out_ << boost::json::serialize(boost::json::string_view(value.data(), value.size()));
  }
  void line() { out_ << '\n' << std::string(2 * depth_, ' '); }

  std::ostream& out_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

std::string seconds(std::chrono::milliseconds value) {
  return fixed(static_cast<double>(value.count()) / 1e3, 3);
}

void write_latencies(writer& to, const latency_histogram& latencies) {
  to.open("latency_ms", '{');
  const auto count = std::max(static_cast<std::int64_t>(latencies.count()), std::int64_t{1});
  to.number("mean", in_milliseconds(latencies.sum() / count));
  to.number("p50", in_milliseconds(latencies.within(0.5)));
  to.number("p90", in_milliseconds(latencies.within(0.9)));
  to.number("p99", in_milliseconds(latencies.within(0.99)));
  to.number("max", in_milliseconds(latencies.longest()));
  to.close('}');
}

void write_times(writer& to, const tally& whole) {
  const timeline& times = whole.times();
  if (times.empty()) return;
  const auto active = times.active();
  to.text("started", utc(times.began()));
  to.text("ended", utc(times.ended()));
  to.number("elapsed_s", seconds(times.ended() - times.began()));
  to.number("active_s", seconds(active));
  to.number("uploads_per_second", fixed(per_second(whole.latencies().count(), active), 1));
}

void write_examples(writer& to, const std::vector<std::string>& examples) {
  to.open("examples", '[');
  for (const auto& example : examples)
    to.text("", example);
  to.close(']');
}

void write_problem(writer& to, const problem_group& group) {
  to.open("", '{');
  to.text("verdict", to_string(group.verdict));
  if (!group.code.empty()) to.text("code", group.code);
  if (!group.fields.empty()) {
    to.open("fields", '[');
    for (const auto& field : group.fields)
      to.text("", field);
    to.close(']');
  }
  to.number("count", group.count);
  if (!group.advice.empty()) to.text("advice", group.advice);
  write_examples(to, group.examples);
  to.close('}');
}

}  // namespace

void json_output::begin(const tally& whole) {
  writer to(out_);
  to.open("", '{');
  to.number("total", whole.total());
  to.open("verdicts", '{');
  for (std::size_t index = 0; index < verdict_count; ++index) {
    const auto value = static_cast<verdict>(index);
    to.number(to_string(value), whole.count(value));
  }
  to.close('}');
  to.number("attempts", whole.attempts());
  to.open("retries", '{');
  for (const auto& cause : whole.retries())
    to.number(cause.code, cause.count);
  to.close('}');
  to.open("scans", '{');
  for (const auto& state : whole.scans())
    to.number(state.code, state.count);
  to.close('}');
  to.number("archived", whole.archived());
  to.open("notes", '{');
  to.number("count", whole.notes().count);
  write_examples(to, whole.notes().examples);
  to.close('}');
  write_latencies(to, whole.latencies());
  write_times(to, whole);
  to.open("problems", '[');
  for (const auto& group : whole.groups())
    write_problem(to, group);
  to.close(']');
  to.close('}');
  out_ << '\n';
}

void json_output::add(const journal_entry&) {}

void json_output::end() {}

}  // namespace binarly::tools
