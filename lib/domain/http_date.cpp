// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/http_date.hpp"

#include "domain/scanner.hpp"

#include <array>
#include <cstddef>
#include <tuple>

namespace binarly::domain {

namespace {

using namespace std::string_view_literals;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

constexpr std::array months{"Jan"sv, "Feb"sv, "Mar"sv, "Apr"sv, "May"sv, "Jun"sv,
                            "Jul"sv, "Aug"sv, "Sep"sv, "Oct"sv, "Nov"sv, "Dec"sv};
constexpr std::array short_days{"Mon"sv, "Tue"sv, "Wed"sv, "Thu"sv, "Fri"sv, "Sat"sv, "Sun"sv};
constexpr std::array long_days{"Monday"sv, "Tuesday"sv,  "Wednesday"sv, "Thursday"sv,
                               "Friday"sv, "Saturday"sv, "Sunday"sv};

/// Skips one of the names, and returns its place among them.
template <std::size_t Size>
std::optional<unsigned> read_name(scanner& in, const std::array<std::string_view, Size>& names) {
  for (unsigned i = 0; i < Size; ++i) {
    if (in.literal(names[i])) return i;
  }
  return std::nullopt;
}

/// A date-time as it was read; the day need not exist.
struct civil_time {
  year_month_day date;
  seconds time{};
};

year_month_day make_date(int year, unsigned month_index, int day) {
  return {std::chrono::year(year), std::chrono::month(month_index + 1),
          std::chrono::day(static_cast<unsigned>(day))};
}

std::optional<seconds> read_time(scanner& in) {
  const auto hour = in.digits(2);
  if (!hour || *hour > 23 || !in.literal(":")) return std::nullopt;
  const auto minute = in.digits(2);
  if (!minute || *minute > 59 || !in.literal(":")) return std::nullopt;
  const auto second = in.digits(2);
  if (!second || *second > 60) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + seconds(*second);
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
std::optional<civil_time> read_fixdate(scanner in) {
  if (!read_name(in, short_days) || !in.literal(", ")) return std::nullopt;
  const auto day = in.digits(2);
  if (!day || !in.literal(" ")) return std::nullopt;
  const auto month = read_name(in, months);
  if (!month || !in.literal(" ")) return std::nullopt;
  const auto year = in.digits(4);
  if (!year || !in.literal(" ")) return std::nullopt;
  const auto time = read_time(in);
  if (!time || !in.literal(" GMT") || !in.at_end()) return std::nullopt;
  return civil_time{make_date(*year, *month, *day), *time};
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
std::optional<civil_time> read_rfc850(scanner in, sys_seconds now) {
  if (!read_name(in, long_days) || !in.literal(", ")) return std::nullopt;
  const auto day = in.digits(2);
  if (!day || !in.literal("-")) return std::nullopt;
  const auto month = read_name(in, months);
  if (!month || !in.literal("-")) return std::nullopt;
  const auto year = in.digits(2);
  if (!year || !in.literal(" ")) return std::nullopt;
  const auto time = read_time(in);
  if (!time || !in.literal(" GMT") || !in.at_end()) return std::nullopt;

  const auto today = std::chrono::floor<std::chrono::days>(now);
  const year_month_day this_day(today);
  const auto latest = std::tuple(this_day.year() + std::chrono::years(50), this_day.month(),
                                 this_day.day(), now - today);
  const int century = static_cast<int>(this_day.year()) / 100 * 100;
  year_month_day date = make_date(century + 100 + *year, *month, *day);
  while (std::tuple(date.year(), date.month(), date.day(), *time) > latest) {
    date -= std::chrono::years(100);
  }
  return civil_time{date, *time};
}

/// `Sun Nov  6 08:49:37 1994`
std::optional<civil_time> read_asctime(scanner in) {
  if (!read_name(in, short_days) || !in.literal(" ")) return std::nullopt;
  const auto month = read_name(in, months);
  if (!month || !in.literal(" ")) return std::nullopt;
  const auto day = in.literal(" ") ? in.digits(1) : in.digits(2);
  if (!day || !in.literal(" ")) return std::nullopt;
  const auto time = read_time(in);
  if (!time || !in.literal(" ")) return std::nullopt;
  const auto year = in.digits(4);
  if (!year || !in.at_end()) return std::nullopt;
  return civil_time{make_date(*year, *month, *day), *time};
}

}  // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) {
  const scanner in(text);
  auto read = read_fixdate(in);
  if (!read) read = read_rfc850(in, now);
  if (!read) read = read_asctime(in);
  if (!read || !read->date.ok()) return std::nullopt;
  return std::chrono::sys_days(read->date) + read->time;
}

}  // namespace binarly::domain
