// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace binarly::tools {

namespace {

unsigned byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xc2   ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  const unsigned second = byte_at(text, 1);
  const unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (std::size_t at = 2; at < length; ++at) {
    if ((byte_at(text, at) & 0xc0) != 0x80) return 0;
  }
  return length;
}

std::string grouped(std::uint64_t value) {
  std::string out = std::to_string(value);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, 1, ',');
  }
  return out;
}

std::string fixed(double value, int digits) {
  std::array<char, 400> out{};
  const auto end =
      std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::fixed, digits);
  return {out.data(), end.ptr};
}

std::string spoken(std::chrono::nanoseconds value) {
  const auto microseconds = value.count() / 1000;
  if (microseconds < 1000) return std::to_string(microseconds) + " µs";
  const double milliseconds = static_cast<double>(microseconds) / 1e3;
  if (milliseconds < 9.95) return fixed(milliseconds, 1) + " ms";
  if (milliseconds < 999.5) return fixed(milliseconds, 0) + " ms";
  const double seconds = milliseconds / 1e3;
  if (seconds < 9.995) return fixed(seconds, 2) + " s";
  if (seconds < 59.95) return fixed(seconds, 1) + " s";
  const auto whole = std::chrono::round<std::chrono::seconds>(value).count();
  const auto minutes = whole / 60;
  if (minutes < 60) return std::to_string(minutes) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

std::string utc(std::chrono::sys_time<std::chrono::milliseconds> value) {
  const auto day = std::chrono::floor<std::chrono::days>(value);
  const std::chrono::year_month_day date(day);
  const auto padded = [](std::int64_t number, std::size_t width) {
    const std::string digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  };
  std::int64_t rest = (value - day).count();
  const std::int64_t fraction = rest % 1000;
  rest /= 1000;
  return padded(static_cast<int>(date.year()), 4) + '-' +
         padded(static_cast<unsigned>(date.month()), 2) + '-' +
         padded(static_cast<unsigned>(date.day()), 2) + 'T' + padded(rest / 3600, 2) + ':' +
         padded(rest / 60 % 60, 2) + ':' + padded(rest % 60, 2) + '.' + padded(fraction, 3) + 'Z';
}

std::string in_milliseconds(std::chrono::nanoseconds value) {
  return fixed(static_cast<double>(value.count()) / 1e6, 3);
}

}  // namespace binarly::tools
