// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/summary.hpp"

#include "tools/entry_text.hpp"
#include "tools/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace binarly::tools {

namespace {

constexpr std::string_view plain = "\x1b[0m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";

std::string_view colour_of(verdict value) {
  if (value == verdict::verified) return green;
  return value == verdict::cancelled ? yellow : red;
}

std::string painted(std::string_view text, std::string_view paint, bool colour) {
  std::string out;
  if (colour) out += paint;
  out += text;
  if (colour) out += plain;
  return out;
}

std::string uploads(std::uint64_t count) {
  return grouped(count) + (count == 1 ? " upload" : " uploads");
}

void append_counts(std::string& out, const tally& run, bool colour) {
  const std::size_t width = std::max<std::size_t>(grouped(run.total()).size(), 6);
  for (std::size_t index = 0; index < verdict_count; ++index) {
    const auto value = static_cast<verdict>(index);
    const auto count = run.count(value);
    if (count == 0 && value != verdict::verified) continue;
    const std::string number = grouped(count);
    std::string name(to_string(value));
    name.resize(12, ' ');
    out += "  " + std::string(width - number.size(), ' ') +
           painted(number, count == 0 ? plain : colour_of(value), colour) + "  " + name +
           std::string(meaning_of(value)) + '\n';
  }
}

void append_latencies(std::string& out, const latency_histogram& latencies) {
  if (latencies.count() == 0) return;
  out += "\n  lookups took up to " + spoken(latencies.within(0.5)) + " (half of them), " +
         spoken(latencies.within(0.9)) + " (90 %), " + spoken(latencies.within(0.99)) +
         " (99 %); the longest " + spoken(latencies.longest()) + '\n';
}

/// `timed_out` as `timed out`.
std::string in_words(std::string code) {
  std::replace(code.begin(), code.end(), '_', ' ');
  return code;
}

void append_scans(std::string& out, const tally& run) {
  std::string states;
  for (const auto& state : run.scans())
    states += (states.empty() ? "" : ", ") + grouped(state.count) + ' ' + in_words(state.code);
  if (!states.empty()) out += "\n  latest scans: " + states + '\n';
  if (run.archived() != 0) out += "\n  archived: " + grouped(run.archived()) + '\n';
}

void append_examples(std::string& out, const std::vector<std::string>& examples,
                     std::uint64_t count) {
  for (const auto& example : examples)
    out += "    " + example + '\n';
  if (const auto rest = count - examples.size(); rest != 0) {
    out += "    and " + grouped(rest) + " more\n";
  }
}

void append_notes(std::string& out, const remarks& notes) {
  if (notes.count == 0) return;
  out += "\n  remarks about checksums: " + grouped(notes.count) + '\n';
  append_examples(out, notes.examples, notes.count);
}

void append_group(std::string& out, const problem_group& group, bool colour) {
  out += "\n  " + painted(to_string(group.verdict), colour_of(group.verdict), colour);
  if (group.verdict == verdict::failed && !group.code.empty()) out += ", " + in_words(group.code);
  if (!group.fields.empty()) out += " in " + joined(group.fields);
  out += ": " + grouped(group.count) + '\n';
  append_examples(out, group.examples, group.count);
  if (!group.advice.empty()) out += "    what to do: " + group.advice + '\n';
}

}  // namespace

std::string summary(const tally& run, std::chrono::nanoseconds duration, bool colour,
                    std::uint64_t kept) {
  const std::uint64_t fresh = run.total() - kept;
  std::string out = painted(uploads(run.total()), bold, colour);
  if (kept != 0)
    out += ", " + grouped(kept) + " of them had their verdict before; " + uploads(fresh);
  out += " in " + spoken(duration) + ", " +
         grouped(static_cast<std::uint64_t>(per_second(fresh, duration))) + " a second\n\n";
  append_counts(out, run, colour);
  append_latencies(out, run.latencies());
  append_scans(out, run);
  append_notes(out, run.notes());
  for (const auto& group : run.groups())
    append_group(out, group, colour);
  return out;
}

std::string one_line_summary(const tally& run) {
  std::string out = grouped(run.total() - run.count(verdict::verified)) + " of " +
                    uploads(run.total()) + " not verified: ";
  std::string_view mark;
  for (std::size_t index = 1; index < verdict_count; ++index) {
    const auto value = static_cast<verdict>(index);
    if (run.count(value) == 0) continue;
    out += mark;
    out += grouped(run.count(value)) + ' ' + std::string(to_string(value));
    mark = ", ";
  }
  if (!run.groups().empty()) {
    const auto& first = run.groups().front();
    out += "; " + first.examples.front();
    if (!first.advice.empty()) out += "; " + first.advice;
  }
  return out;
}

}  // namespace binarly::tools
