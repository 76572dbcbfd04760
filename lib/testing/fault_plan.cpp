// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fault_plan.hpp"

#include "testing/fake_answers.hpp"
#include "testing/fake_catalogue.hpp"
#include "testing/names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <numeric>
#include <utility>

namespace binarly::testing {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 47> fault_names{
    "none",
    "delay",
    "hang",
    "reset_before",
    "reset_in_head",
    "reset_in_body",
    "reset_after",
    "close_before",
    "close_after",
    "truncate_body",
    "unannounced_end",
    "slow_bytes",
    "408",
    "429",
    "500",
    "502",
    "503",
    "504",
    "html_error",
    "html_success",
    "wrong_json",
    "broken_json",
    "wrong_image",
    "deep_json",
    "huge_body",
    "huge_head",
    "garbage",
    "continue_first",
    "redirect",
    "forbidden",
    "not_found",
    "chunked",
    "unauthorized",
    "not_found_text",
    "not_found_html",
    "not_found_json",
    "forbidden_text",
    "forbidden_html",
    "forbidden_json",
    "answer",
    "wrong_parent",
    "null_members",
    "zero_time",
    "archived",
    "no_checksums",
    "gzip",
    "byte_order_mark",
};
static_assert(fault_names.size() == static_cast<std::size_t>(fault::byte_order_mark) + 1);

// What decimal probabilities may add up to beyond 1 by rounding.
constexpr double rounding = 1e-9;
constexpr std::size_t longest_text = 4096;
constexpr std::size_t longest_name = 40;  // and more than any kind's
constexpr std::size_t names_shown = 3;

failure refusal(std::string reason) { return {errc::invalid_argument, std::move(reason)}; }

/// How many letters must be put in, taken out or changed to make one word the other.
std::size_t distance_between(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t changed = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

/// All of them would be more than a line.
std::string nearest_names(std::string_view to) {
  to = to.substr(0, longest_name);
  std::vector<std::pair<std::size_t, std::string_view>> all;
  for (const std::string_view name : fault_names) {
    if (name != "answer") all.emplace_back(distance_between(to, name), name);
  }
  std::ranges::sort(all);
  std::string text;
  for (std::size_t at = 0; at < names_shown; ++at) {
    if (at != 0) text += ", ";
    text += all[at].second;
  }
  return text;
}

bool is_probability(double value) { return value >= 0 && value <= 1; }

result<misbehaviour> parse_fault(std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const auto found = std::ranges::find(fault_names, name);
  if (found == fault_names.end()) {
    return refusal("faults: " + quoted(name) + " is no kind of fault; the nearest names are " +
                   nearest_names(name));
  }
  if (equals == std::string_view::npos) {
    return refusal("faults: " + quoted(word) + " lacks its probability, as in " +
                   std::string(name) + "=0.05");
  }
  const std::string_view number = word.substr(equals + 1);
  double probability = 0;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), probability);
  if (error != std::errc() || end != number.data() + number.size() ||
      !is_probability(probability)) {
    return refusal("faults: " + quoted(word) + " has no probability from 0 to 1");
  }
  const auto kind = static_cast<fault>(std::distance(fault_names.begin(), found));
  if (kind == fault::answer) return refusal("faults: \"answer\" cannot be written down here");
  return misbehaviour(kind, probability);
}

void check(const misbehaviour& one) {
  using namespace std::chrono_literals;
  const auto refuse = [](std::string why) {
    throw failure_error(refusal("faults: " + std::move(why)));
  };
  if (static_cast<std::size_t>(one.kind) >= fault_names.size()) refuse("an unknown one");
  if (!is_probability(one.probability)) refuse("a probability is from 0 to 1");
  if (one.duration < 0ms || one.duration > 1h) refuse("a duration is from 0 to 1 hour");
  const bool plain =
      std::ranges::all_of(one.retry_after, [](char c) { return c >= ' ' && c < 0x7f; });
  if (!plain || one.retry_after.size() > 128) {
    refuse("retry_after is printable ASCII, 128 characters at most");
  }
  if (one.kind == fault::answer && !one.answer) refuse("an answer without its words");
  if (one.answer) {
    if (const char* const wrong = trouble_with(*one.answer)) refuse(wrong);
  }
}

}  // namespace

std::string_view to_string(fault kind) noexcept { return name_in(fault_names, kind); }

result<std::vector<misbehaviour>> parse_faults(std::string_view text) {
  std::vector<misbehaviour> faults;
  if (text.size() > longest_text) return refusal("faults: the text is longer than 4096 bytes");
  double sum = 0;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    auto one = parse_fault(word);
    if (!one) return one.error();
    sum += one->probability;
    if (sum > 1 + rounding) {
      return refusal("faults: with " + quoted(word) + " the probabilities add up to more than 1");
    }
    faults.push_back(*std::move(one));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return refusal("faults: a comma at the end");
  }
  return faults;
}

fault_plan::fault_plan(std::vector<misbehaviour> faults, std::uint64_t seed)
    : faults_(std::move(faults)), seed_(mixed(~seed)) {
  double sum = 0;
  for (const misbehaviour& one : faults_) {
    check(one);
    sum += one.probability;
  }
  if (sum > 1 + rounding) {
    throw failure_error(refusal("faults: the probabilities add up to more than 1"));
  }
}

void fault_plan::script(const std::string& resource, std::vector<misbehaviour> next) {
  std::ranges::for_each(next, check);
  if (next.empty()) return;
  const std::lock_guard lock(mutex_);
  auto& queue = scripts_[resource];
  queue.insert(queue.end(), std::make_move_iterator(next.begin()),
               std::make_move_iterator(next.end()));
}

misbehaviour fault_plan::next(std::string_view resource) {
  const std::lock_guard lock(mutex_);
  if (const auto scripted = scripts_.find(resource); scripted != scripts_.end()) {
    misbehaviour chosen = std::move(scripted->second.front());
    scripted->second.pop_front();
    if (scripted->second.empty()) scripts_.erase(scripted);
    return chosen;
  }
  if (faults_.empty()) return misbehaviour();
  // 53 bits: as many as a double holds exactly.
  const double thrown = static_cast<double>(mixed(seed_ + throws_++) >> 11U) * 0x1p-53;
  double sum = 0;
  for (const misbehaviour& one : faults_) {
    sum += one.probability;
    if (thrown < sum) return one;
  }
  return misbehaviour();
}

}  // namespace binarly::testing
