// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/challenges.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <cstddef>

namespace binarly::connect {
namespace {

constexpr std::size_t most_schemes = 8;
constexpr std::size_t longest_scheme = 32;
constexpr std::string_view blanks = " \t";

/// RFC 9110, section 5.6.2, but for what no scheme has in its name.
bool of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '+';
}

/// The end of the list's element that begins the text: a comma in quotes does not count.
std::size_t element_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      return i;
    }
  }
  return text.size();
}

/// Empty where the element is a further parameter of the challenge before it.
std::string_view scheme_of(std::string_view element) {
  element.remove_prefix(std::min(element.find_first_not_of(blanks), element.size()));
  const auto end = static_cast<std::size_t>(
      std::find_if_not(element.begin(), element.end(), of_name) - element.begin());
  const std::string_view name = element.substr(0, end);
  const auto next = element.find_first_not_of(blanks, end);
  const bool alone = next == element.npos;
  const bool parameter = !alone && (next == end || element[next] == '=');
  return parameter || name.size() > longest_scheme ? std::string_view() : name;
}

}  // namespace

void append_schemes(std::vector<std::string>& schemes, std::string_view challenges) {
  while (!challenges.empty() && schemes.size() < most_schemes) {
    const auto end = element_end(challenges);
    const auto name = scheme_of(challenges.substr(0, end));
    if (!name.empty() && !has_scheme(schemes, name)) schemes.emplace_back(name);
    challenges.remove_prefix(std::min(end + 1, challenges.size()));
  }
}

bool has_scheme(const std::vector<std::string>& schemes, std::string_view name) {
  return std::any_of(schemes.begin(), schemes.end(),
                     [name](const std::string& each) { return boost::beast::iequals(each, name); });
}

}  // namespace binarly::connect
