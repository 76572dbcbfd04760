// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/rfc3339.hpp"

#include "domain/scanner.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace binarly::domain {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

std::optional<std::chrono::sys_days> read_date(scanner& in) {
  const auto y = in.digits(4);
  if (!y || !in.literal("-")) return std::nullopt;
  const auto m = in.digits(2);
  if (!m || !in.literal("-")) return std::nullopt;
  const auto d = in.digits(2);
  if (!d) return std::nullopt;
  const year_month_day date{std::chrono::year(*y), std::chrono::month(static_cast<unsigned>(*m)),
                            std::chrono::day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<minutes> read_hour_and_minute(scanner& in) {
  const auto h = in.digits(2);
  if (!h || *h > 23 || !in.literal(":")) return std::nullopt;
  const auto m = in.digits(2);
  if (!m || *m > 59) return std::nullopt;
  return hours(*h) + minutes(*m);
}

/// At least one digit; those beyond nanoseconds are cut off.
std::optional<nanoseconds> read_fraction(scanner& in) {
  int value = 0;
  int count = 0;
  for (; const auto digit = in.digits(1); ++count) {
    if (count < 9) value = value * 10 + *digit;
  }
  if (count == 0) return std::nullopt;
  for (; count < 9; ++count)
    value *= 10;
  return nanoseconds(value);
}

std::optional<minutes> read_offset(scanner& in) {
  if (in.one_of("Zz")) return minutes(0);
  const auto sign = in.one_of("+-");
  if (!sign) return std::nullopt;
  const auto offset = read_hour_and_minute(in);
  if (!offset) return std::nullopt;
  return *sign == '-' ? -*offset : *offset;
}

bool may_follow_leap_second(sys_seconds time) {
  const auto day = std::chrono::floor<days>(time);
  return time == day && year_month_day(day).day() == std::chrono::day(1);
}

}  // namespace

std::optional<timestamp> parse_rfc3339(std::string_view text) {
  scanner in(text);
  const auto date = read_date(in);
  if (!date || !in.one_of("Tt")) return std::nullopt;
  const auto time = read_hour_and_minute(in);
  if (!time || !in.literal(":")) return std::nullopt;
  const auto second = in.digits(2);
  if (!second || *second > 60) return std::nullopt;
  nanoseconds fraction(0);
  if (in.literal(".")) {
    const auto read = read_fraction(in);
    if (!read) return std::nullopt;
    fraction = *read;
  }
  const auto offset = read_offset(in);
  if (!offset || !in.at_end()) return std::nullopt;

  const sys_seconds whole = *date + *time + seconds(*second) - *offset;
  if (*second == 60 && !may_follow_leap_second(whole)) return std::nullopt;
  // The last second at either end holds only a part of its fractions, and is left out.
  constexpr auto limit = std::chrono::floor<seconds>(nanoseconds::max());
  const auto distance = whole.time_since_epoch();
  if (distance >= limit || distance <= -limit) return timestamp{{}, std::string(text), false};
  return timestamp{whole + fraction, std::string(text), true};
}

}  // namespace binarly::domain

namespace binarly {

std::optional<timestamp> timestamp::parse(std::string_view text) {
  auto read = domain::parse_rfc3339(text);
  if (read && !read->known) read.reset();
  return read;
}

std::string to_rfc3339(std::chrono::sys_time<std::chrono::nanoseconds> time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  const auto fraction = clock.subseconds();
  const bool whole = fraction == floor<milliseconds>(fraction);
  std::string text;
  // By hand: journals are full of these, and printing costs ten times as much.
  const auto add = [&text](auto value, std::size_t digits, char mark) {
    text.append(digits, '0');
    auto rest = static_cast<std::uint64_t>(value);
    for (auto at = text.rbegin(); rest != 0; rest /= 10)
      *at++ = static_cast<char>('0' + rest % 10);
    text += mark;
  };
  add(static_cast<int>(date.year()), 4, '-');
  add(static_cast<unsigned>(date.month()), 2, '-');
  add(static_cast<unsigned>(date.day()), 2, 'T');
  add(clock.hours().count(), 2, ':');
  add(clock.minutes().count(), 2, ':');
  add(clock.seconds().count(), 2, '.');
  add(whole ? fraction / milliseconds(1) : fraction.count(), whole ? 3 : 9, 'Z');
  return text;
}

}  // namespace binarly
