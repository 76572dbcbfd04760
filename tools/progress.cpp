// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/progress.hpp"

#include "tools/text.hpp"

#include <algorithm>
#include <string_view>

namespace binarly::tools {

namespace {

constexpr std::chrono::milliseconds on_terminal{100};
constexpr std::chrono::milliseconds elsewhere{10'000};
// Before so much of the work has been begun, what is left is anybody's guess.
constexpr double enough_done = 0.001;

/// The first characters of the line, of which each takes one column.
std::string_view cut(std::string_view line, std::size_t width) {
  std::size_t size = 0;
  for (; width > 0 && size < line.size(); --width)
    size += std::max<std::size_t>(utf8_length(line.substr(size)), 1);
  return line.substr(0, size);
}

}  // namespace

progress::progress(bool terminal, time_point start)
    : terminal_(terminal), start_(start), last_(start) {}

std::string progress::update(const tally& run, const progress_figures& figures, std::size_t width,
                             time_point now) {
  if (now - last_ < (terminal_ ? on_terminal : elsewhere)) return {};
  last_ = now;
  shown_ = true;
  const auto elapsed = now - start_;
  std::string line = grouped(run.total());
  if (figures.expected) line += " of " + grouped(*figures.expected);
  line += " uploads, " +
          grouped(static_cast<std::uint64_t>(per_second(run.total() - figures.kept, elapsed))) +
          " a second";
  if (run.problems() != 0) line += ", " + grouped(run.problems()) + " with problems";
  line += ", " + grouped(figures.in_flight) + " in flight";
  if (figures.limit != 0) line += " (limit " + grouped(figures.limit) + ")";
  std::uint64_t retries = 0;
  for (const auto& cause : run.retries())
    retries += cause.count;
  if (retries != 0) line += ", " + grouped(retries) + (retries == 1 ? " retry" : " retries");
  line += ", " + spoken(elapsed);
  if (figures.done && *figures.done >= enough_done) {
    const auto left = std::chrono::duration<double>(elapsed) * (1 / *figures.done - 1);
    line += ", about " + spoken(std::chrono::ceil<std::chrono::seconds>(left)) + " left";
  }
  if (!terminal_) return line + '\n';
  // The last column stays free: some terminals go to the next line once it is filled.
  return '\r' + std::string(cut(line, std::max<std::size_t>(width, 2) - 1)) + "\x1b[K";
}

std::string progress::finish() {
  const bool erase = terminal_ && shown_;
  shown_ = false;
  return erase ? "\r\x1b[K" : "";
}

}  // namespace binarly::tools
