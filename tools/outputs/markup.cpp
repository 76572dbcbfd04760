// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/outputs/markup.hpp"

#include "tools/text.hpp"

namespace binarly::tools {

std::string markup(std::string_view text, std::size_t limit) {
  const std::string clean = printable(text, limit);
  std::string out;
  out.reserve(clean.size());
  for (std::size_t at = 0; at < clean.size();) {
    const std::string_view rest = std::string_view(clean).substr(at);
    const std::size_t length = utf8_length(rest);
    const std::string_view one = rest.substr(0, length);
    at += length;
    if (one == "&") {
      out += "&amp;";
    } else if (one == "<") {
      out += "&lt;";
    } else if (one == ">") {
      out += "&gt;";
    } else if (one == "\"") {
      out += "&quot;";
    } else if (one == "'") {
      out += "&#39;";
    } else if (one == "\uFFFE" || one == "\uFFFF") {
      out += "\uFFFD";
    } else {
      out += one;
    }
  }
  return out;
}

}  // namespace binarly::tools
