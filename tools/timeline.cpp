// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/timeline.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace binarly::tools {

namespace {

using slice = timeline::slice;
using milliseconds = timeline::milliseconds;

void merge(slice& into, const slice& other) {
  into.finished += other.finished;
  into.problems += other.problems;
  into.begun = std::min(into.begun, other.begun);
  into.last = std::max(into.last, other.last);
  if (other.limits == 0) return;
  into.limit_low = into.limits == 0 ? other.limit_low : std::min(into.limit_low, other.limit_low);
  into.limit_high = std::max(into.limit_high, other.limit_high);
  into.limits += other.limits;
  into.limit_sum += other.limit_sum;
}

void double_width(std::vector<slice>& slices) {
  std::size_t kept = 0;
  for (std::size_t next = 0; next < slices.size(); ++next) {
    slice one = slices[next];
    one.number /= 2;
    if (kept != 0 && slices[kept - 1].number == one.number) {
      merge(slices[kept - 1], one);
    } else {
      slices[kept++] = one;
    }
  }
  slices.resize(kept);
}

constexpr std::uint64_t rows_in_slice = 8;
// The last one of the year 9999; a journal may hold anything.
constexpr timeline::time_point latest{milliseconds(253'402'300'799'999)};

/// When the first of all that finished in a slice, or after it, began.
std::vector<timeline::time_point> beginnings(const std::vector<slice>& slices) {
  std::vector<timeline::time_point> out(slices.size());
  auto begun = timeline::time_point::max();
  for (std::size_t next = slices.size(); next-- > 0;) {
    begun = std::min(begun, slices[next].begun);
    out[next] = begun;
  }
  return out;
}

/// The pause before each slice; zero for none. Something that finished much later may have been in
/// flight all the time.
std::vector<milliseconds> pauses(const std::vector<slice>& slices) {
  const auto begun = beginnings(slices);
  std::vector<milliseconds> out(slices.size());
  for (std::size_t next = 1; next < slices.size(); ++next) {
    const auto idle = begun[next] - slices[next - 1].last;
    if (idle >= timeline::shortest_pause) out[next] = idle;
  }
  return out;
}

/// A slice and the number of empty ones to be drawn before it.
struct place {
  std::uint64_t empty = 0;
  milliseconds pause{};
  timeline::time_point begun{};  ///< of the stretch, where one begins
};

std::vector<place> places(const std::vector<slice>& slices, milliseconds width) {
  const auto begun = beginnings(slices);
  const auto paused = pauses(slices);
  std::vector<place> out(slices.size());
  for (std::size_t next = 0; next < slices.size(); ++next) {
    std::int64_t free = next == 0 ? 0 : slices[next - 1].number + 1;
    if (next == 0 || paused[next] != milliseconds::zero()) {
      out[next].begun = begun[next];
      free = std::max(free, begun[next].time_since_epoch() / width);
    }
    out[next].pause = paused[next];
    out[next].empty = static_cast<std::uint64_t>(slices[next].number - free);
  }
  return out;
}

}  // namespace

void timeline::add(const journal_entry& row) {
  if (row.at <= time_point{} || row.verdict == verdict::cancelled) return;
  const auto ended = std::min(row.at, latest);
  slice one;
  one.number = ended.time_since_epoch() / width_;
  one.finished = 1;
  one.problems = row.verdict == verdict::verified ? 0 : 1;
  const auto latency = std::max(std::chrono::ceil<milliseconds>(row.latency), milliseconds::zero());
  one.begun = time_point(ended.time_since_epoch() - std::min(latency, ended.time_since_epoch()));
  one.last = ended;
  if (row.limit != 0) {
    one.limits = 1;
    one.limit_sum = one.limit_low = one.limit_high = row.limit;
  }
  merge(at(one.number), one);
  while (slices_.size() > slices_kept) {
    double_width(slices_);
    width_ *= 2;
  }
}

timeline::slice& timeline::at(std::int64_t number) {
  if (!slices_.empty() && slices_.back().number == number) return slices_.back();
  const auto place =
      std::lower_bound(slices_.begin(), slices_.end(), number,
                       [](const slice& one, std::int64_t value) { return one.number < value; });
  if (place != slices_.end() && place->number == number) return *place;
  slice fresh;
  fresh.number = number;
  return *slices_.insert(place, fresh);
}

timeline::time_point timeline::began() const noexcept {
  auto first = slices_.empty() ? time_point{} : time_point::max();
  for (const auto& one : slices_)
    first = std::min(first, one.begun);
  return first;
}

timeline::time_point timeline::ended() const noexcept {
  return slices_.empty() ? time_point{} : slices_.back().last;
}

milliseconds timeline::active() const {
  auto sum = ended() - began();
  for (const auto pause : pauses(slices_))
    sum -= pause;
  return sum;
}

timeline::picture timeline::drawn() const {
  std::vector<slice> slices = slices_;
  std::uint64_t rows = 0;
  for (const auto& one : slices)
    rows += one.finished;
  const auto most = std::clamp<std::uint64_t>(rows / rows_in_slice, 1, slices_kept);
  picture out;
  out.width = width_;
  auto where = places(slices, out.width);
  const auto size = [&] {
    std::uint64_t sum = slices.size();
    for (const auto& one : where)
      sum += one.empty;
    return sum;
  };
  while (size() > most) {
    double_width(slices);
    out.width *= 2;
    where = places(slices, out.width);
  }
  for (std::size_t next = 0; next < slices.size(); ++next) {
    if (next == 0 || where[next].pause != milliseconds::zero()) {
      out.stretches.push_back({where[next].pause, where[next].begun, {}, {}});
    }
    auto& here = out.stretches.back();
    for (auto left = where[next].empty; left > 0; --left) {
      slice empty;
      empty.number = slices[next].number - static_cast<std::int64_t>(left);
      here.slices.push_back(empty);
    }
    here.slices.push_back(slices[next]);
    here.ended = slices[next].last;
  }
  return out;
}

}  // namespace binarly::tools
