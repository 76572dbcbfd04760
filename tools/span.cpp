// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/span.hpp"

#include "tools/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace binarly::tools {

namespace {

struct unit {
  std::string_view name;
  std::int64_t milliseconds;
};
/// From the largest to the smallest.
constexpr std::array<unit, 5> units{unit{"d", 86'400'000}, unit{"h", 3'600'000}, unit{"m", 60'000},
                                    unit{"s", 1000}, unit{"ms", 1}};
constexpr double most_milliseconds = 1000.0 * 86'400'000;

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

/// Takes digits with at most one point among them off the text.
std::optional<double> take_number(std::string_view& text) {
  const auto size = std::min(text.find_first_not_of("0123456789."), text.size());
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + size, value);
  if (error != std::errc() || end != text.data() + size) return std::nullopt;
  text.remove_prefix(size);
  return value;
}

/// Takes letters off the text; the place of the unit that they name.
std::optional<std::size_t> take_unit(std::string_view& text, std::string_view plain, bool alone) {
  const auto size = std::min(text.find_first_of(" \t0123456789."), text.size());
  // Only a number all by itself has no unit.
  const auto name = size == 0 && alone ? plain : text.substr(0, size);
  const auto found = std::find_if(units.begin(), units.end(),
                                  [name](const unit& each) { return each.name == name; });
  if (found == units.end()) return std::nullopt;
  text.remove_prefix(size);
  return static_cast<std::size_t>(found - units.begin());
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_span(std::string_view text, std::string_view plain) {
  double sum = 0;
  std::size_t next = 0;  // the largest unit that may follow
  skip_blanks(text);
  for (bool first = true; first || !text.empty(); first = false) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    skip_blanks(text);
    const auto found = take_unit(text, plain, first && text.empty());
    if (!found || *found < next) return std::nullopt;
    next = *found + 1;
    sum += *number * static_cast<double>(units[*found].milliseconds);
    skip_blanks(text);
  }
  if (sum > most_milliseconds) return std::nullopt;
  // So much for what a double makes of 0.1 s; a tenth of a millisecond is more than that.
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(sum - 1e-6)));
}

std::string span_text(std::chrono::milliseconds span) {
  std::string out;
  auto rest = span.count();
  for (const auto& [name, size] : units) {
    if (rest < size) continue;
    out += std::to_string(rest / size);
    out += name;
    rest %= size;
  }
  return out.empty() ? "0s" : out;
}

std::string span_flaw(std::string_view text, std::chrono::milliseconds least,
                      std::chrono::milliseconds most, std::string_view plain) {
  const auto span = parse_span(text, plain);
  const std::string shown = '"' + printable(text, 40) + '"';
  if (!span) return shown + " is no span of time, such as 90s, 2m, 1h30m, 1d or 500ms";
  if (*span >= least && *span <= most) return {};
  return shown + " is not from " + span_text(least) + " to " + span_text(most);
}

}  // namespace binarly::tools
