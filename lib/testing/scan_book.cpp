// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/scan_book.hpp"

#include "testing/fake_catalogue.hpp"
#include "testing/names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

namespace binarly::testing {
namespace {

constexpr std::size_t most_states = 64;
constexpr std::size_t longest_state = 32;
constexpr std::size_t longest_text = 4096;
constexpr std::size_t most_set = 1'000'000;
constexpr std::uint64_t share_salt = 0x7368617265;
// What decimal shares may add up to beyond 1 by rounding.
constexpr double rounding = 1e-9;

// In the order of the enumerators.
constexpr std::array<std::string_view, 10> early_names{
    "202", "204", "400", "404", "409", "422", "500", "502", "no_checksums", "whole"};
static_assert(early_names.size() == static_cast<std::size_t>(early_report::whole) + 1);

failure refusal(std::string reason) { return {errc::invalid_argument, std::move(reason)}; }

bool is_word(std::string_view text) {
  return text.size() <= longest_state && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

bool is_share(double value) { return value >= 0 && value <= 1; }

/// What is wrong with it; empty when nothing is.
std::string trouble_with(const fake_scan& scan) {
  using namespace std::chrono_literals;
  if (scan.states.empty() || scan.states.size() > most_states) {
    return "a scan has from 1 to 64 states";
  }
  if (!std::ranges::all_of(scan.states, is_word)) {
    return "a state is at most 32 letters, digits and underscores";
  }
  if (scan.state_duration < 0ms || scan.state_duration > 168h) {
    return "a state lasts from 0 to 7 days";
  }
  if (static_cast<std::size_t>(scan.before) >= early_names.size()) return "an unknown early report";
  if (!is_share(scan.share)) return "a share is from 0 to 1";
  return {};
}

result<fake_scan> parse_scan(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) {
    return refusal("scans: " + quoted(word) + " lacks its share, as in new/running/done=0.8");
  }
  const std::string_view number = word.substr(equals + 1);
  fake_scan scan;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), scan.share);
  if (error != std::errc() || end != number.data() + number.size() || !is_share(scan.share)) {
    return refusal("scans: " + quoted(word) + " has no share from 0 to 1");
  }
  scan.states.clear();
  for (std::string_view rest = word.substr(0, equals);;) {
    const std::size_t slash = rest.find('/');
    const std::string_view state = rest.substr(0, slash);
    if (state.empty()) return refusal("scans: " + quoted(word) + " has a state without a name");
    scan.states.emplace_back(state == "none" ? std::string_view() : state);
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (const std::string wrong = trouble_with(scan); !wrong.empty()) {
    return refusal("scans: " + quoted(word) + ": " + wrong);
  }
  return scan;
}

scan_now state_of(const fake_scan& scan, std::size_t at) {
  scan_now now;
  now.state = scan.states[at];
  now.in_image = scan.in_image;
  now.done = now.state == "done" || now.state == "completed";
  now.before = scan.before;
  return now;
}

}  // namespace

std::string_view to_string(early_report value) noexcept { return name_in(early_names, value); }

result<early_report> parse_early_report(std::string_view text) {
  return value_in<early_report>(early_names, "early_report", text);
}

result<std::vector<fake_scan>> parse_scans(std::string_view text) {
  std::vector<fake_scan> scans;
  if (text.size() > longest_text) return refusal("scans: the text is longer than 4096 bytes");
  double sum = 0;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    auto one = parse_scan(word);
    if (!one) return one.error();
    sum += one->share;
    if (sum > 1 + rounding) {
      return refusal("scans: with " + quoted(word) + " the shares add up to more than 1");
    }
    scans.push_back(*std::move(one));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return refusal("scans: a comma at the end");
  }
  return scans;
}

void check_scan(const fake_scan& scan) {
  if (const std::string wrong = trouble_with(scan); !wrong.empty()) {
    throw failure_error(refusal("scans: " + wrong));
  }
}

scan_book::scan_book(std::vector<fake_scan> scans, std::uint64_t seed)
    : scans_(std::move(scans)), seed_(mixed(seed ^ share_salt)), idle_(scans_.empty()) {
  double sum = 0;
  for (const fake_scan& one : scans_) {
    check_scan(one);
    sum += one.share;
  }
  if (sum > 1 + rounding) throw failure_error(refusal("scans: the shares add up to more than 1"));
}

const fake_scan* scan_book::scan_of(std::uint64_t image) const {
  if (const auto found = set_.find(image); found != set_.end()) return &found->second;
  // 53 bits: as many as a double holds exactly.
  const double thrown = static_cast<double>(mixed(seed_ + image) >> 11U) * 0x1p-53;
  double sum = 0;
  for (const fake_scan& one : scans_) {
    sum += one.share;
    if (thrown < sum) return &one;
  }
  return nullptr;
}

std::optional<scan_now> scan_book::look(std::uint64_t image, time_point now) {
  if (idle_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const fake_scan* const scan = scan_of(image);
  if (scan == nullptr) return std::nullopt;
  const std::size_t last = scan->states.size() - 1;
  auto where = progress_.find(image);
  if (where == progress_.end()) {
    // What has one state alone is as far as it gets.
    if (last == 0 || progress_.size() == most_kept) return state_of(*scan, last);
    where = progress_.emplace(image, progress{0, now}).first;
  } else if (where->second.at < last && now - where->second.since >= scan->state_duration) {
    where->second = {where->second.at + 1, now};
  }
  return state_of(*scan, where->second.at);
}

std::optional<scan_now> scan_book::peek(std::uint64_t image) const {
  if (idle_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const fake_scan* const scan = scan_of(image);
  if (scan == nullptr) return std::nullopt;
  const auto where = progress_.find(image);
  if (where != progress_.end()) return state_of(*scan, where->second.at);
  return state_of(*scan, progress_.size() == most_kept ? scan->states.size() - 1 : 0);
}

void scan_book::set(std::uint64_t image, fake_scan scan) {
  check_scan(scan);
  const std::lock_guard lock(mutex_);
  if (set_.size() == most_set && !set_.contains(image)) {
    throw failure_error(refusal("scans: set for at most 1000000 images"));
  }
  set_[image] = std::move(scan);
  progress_.erase(image);
  idle_ = false;
}

}  // namespace binarly::testing
