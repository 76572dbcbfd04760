// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/progress.hpp"

#include "tools/text.hpp"

#include <algorithm>

namespace binarly::tools {

namespace {

constexpr std::chrono::milliseconds on_terminal{100};
constexpr std::chrono::milliseconds elsewhere{10'000};

}  // namespace

progress::progress(bool terminal, std::optional<std::uint64_t> expected, time_point start)
    : terminal_(terminal), expected_(expected), start_(start), last_(start) {}

std::string progress::update(const tally& run, time_point now) {
  if (now - last_ < (terminal_ ? on_terminal : elsewhere)) return {};
  last_ = now;
  shown_ = true;
  const double seconds = std::max(std::chrono::duration<double>(now - start_).count(), 1e-6);
  std::string line = grouped(run.total());
  if (expected_) line += " of " + grouped(*expected_);
  line += " uploads";
  if (run.problems() != 0) line += ", " + grouped(run.problems()) + " with problems";
  line += ", " + grouped(static_cast<std::uint64_t>(static_cast<double>(run.total()) / seconds)) +
          " a second, " + spoken(now - start_);
  return terminal_ ? '\r' + line + "\x1b[K" : line + '\n';
}

std::string progress::finish() {
  const bool erase = terminal_ && shown_;
  shown_ = false;
  return erase ? "\r\x1b[K" : "";
}

}  // namespace binarly::tools
