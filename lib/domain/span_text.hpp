// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SPAN_TEXT_HPP
#define BINARLY_DOMAIN_SPAN_TEXT_HPP

#include <chrono>
#include <string>

namespace binarly::domain {

/// A span of time for people, such as "0.25 s"; microseconds at best.
[[nodiscard]] inline std::string in_seconds(std::chrono::nanoseconds span) {
  std::string text = std::to_string(std::chrono::duration<double>(span).count());
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " s";
}

}  // namespace binarly::domain

#endif
