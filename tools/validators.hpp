// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_VALIDATORS_HPP
#define BINARLY_TOOLS_VALIDATORS_HPP

#include "tools/span.hpp"
#include "tools/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

// What values an option takes, and what is said of others: always which ones it does take. CLI11's
// own validators take the numbers that words stand for, too, and show these.

namespace binarly::tools {

inline std::string refused_value(std::string_view text) { return '"' + printable(text, 40) + '"'; }

/// One of these words, each with what stands for it when it is converted.
inline CLI::Validator one_of(std::vector<std::pair<std::string, std::string>> words) {
  return {[words = std::move(words)](std::string& text) {
            std::string names;
            for (const auto& [word, value] : words) {
              if (word == text) {
                text = value;
                return std::string();
              }
              names += (names.empty() ? "" : ", ") + word;
            }
            return refused_value(text) + " is none of " + names;
          },
          "", "one_of"};
}

/// One of these words, which becomes its enumerator.
template <class Enum>
CLI::Validator one_of(const std::vector<std::pair<std::string, Enum>>& words) {
  std::vector<std::pair<std::string, std::string>> all;
  all.reserve(words.size());
  for (const auto& [word, value] : words)
    all.emplace_back(word, std::to_string(static_cast<int>(value)));
  return one_of(std::move(all));
}

inline CLI::Validator one_of(const std::vector<std::string>& words) {
  std::vector<std::pair<std::string, std::string>> all;
  all.reserve(words.size());
  for (const auto& word : words)
    all.emplace_back(word, word);
  return one_of(std::move(all));
}

template <class Number>
bool reads(std::string_view text, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size();
}

inline CLI::Validator whole_number(std::uint64_t least,
                                   std::uint64_t most = std::numeric_limits<std::uint64_t>::max()) {
  return {[least, most](std::string& text) {
            std::uint64_t value = 0;
            if (!reads(text, value) || value < least || value > most) {
              return refused_value(text) + " is no whole number from " + std::to_string(least) +
                     " to " + std::to_string(most);
            }
            // A zero before it would make it octal.
            text = std::to_string(value);
            return std::string();
          },
          most == std::numeric_limits<std::uint64_t>::max()
              ? ""
              : std::to_string(least) + " to " + std::to_string(most),
          "whole_number"};
}

inline CLI::Validator number(double least, const std::string& least_shown, double most,
                             const std::string& most_shown) {
  return {[=](std::string& text) {
            double value = 0;
            if (reads(text, value) && value >= least && value <= most) return std::string();
            return refused_value(text) + " is no number from " + least_shown + " to " + most_shown;
          },
          least_shown + " to " + most_shown, "number"};
}

/// A span of time, which becomes the number of `plain` units that it is.
inline CLI::Validator span(std::chrono::milliseconds least, std::chrono::milliseconds most,
                           const std::string& plain = "s") {
  return {[least, most, plain](std::string& text) {
            auto flaw = span_flaw(text, least, most, plain);
            if (!flaw.empty()) return flaw;
            const auto span = parse_span(text, plain).value_or(least).count();
            text =
                plain == "ms" ? std::to_string(span) : fixed(static_cast<double>(span) / 1000, 3);
            return flaw;
          },
          "", "span"};
}

}  // namespace binarly::tools

#endif
