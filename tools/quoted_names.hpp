// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_QUOTED_NAMES_HPP
#define BINARLY_TOOLS_QUOTED_NAMES_HPP

#include "tools/text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace binarly::tools {

/// Names out of a file, each kept once and shown as `"a", "b"`; bounded, whatever the file holds.
class quoted_names {
 public:
  void add(std::string_view name) {
    std::string shown = '"' + printable(name, 60) + '"';
    if (std::find(names_.begin(), names_.end(), shown) != names_.end()) return;
    if (names_.size() == most) {
      more_ = true;
    } else {
      names_.push_back(std::move(shown));
    }
  }
  [[nodiscard]] bool empty() const noexcept { return names_.empty(); }
  [[nodiscard]] bool several() const noexcept { return names_.size() > 1; }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& name : names_)
      out += (out.empty() ? "" : ", ") + name;
    return more_ ? out + " and more" : out;
  }

 private:
  static constexpr std::size_t most = 20;

  std::vector<std::string> names_;
  bool more_ = false;
};

}  // namespace binarly::tools

#endif
