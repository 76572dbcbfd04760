// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "connect/address_list.hpp"

#include <algorithm>
#include <cstddef>

namespace binarly::connect {

address_list interleaved(const address_list& resolved) {
  if (resolved.empty()) return {};
  const bool first_family = resolved.front().is_v6();
  address_list preferred;
  address_list other;
  for (const auto& address : resolved) {
    auto& family = address.is_v6() == first_family ? preferred : other;
    if (std::find(family.begin(), family.end(), address) == family.end()) {
      family.push_back(address);
    }
    if (preferred.size() + other.size() == most_addresses) break;
  }
  address_list ordered;
  for (std::size_t i = 0; i < std::max(preferred.size(), other.size()); ++i) {
    if (i < preferred.size()) ordered.push_back(preferred[i]);
    if (i < other.size()) ordered.push_back(other[i]);
  }
  return ordered;
}

}  // namespace binarly::connect
