// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_CALL_ID_HPP
#define BINARLY_CALL_CALL_ID_HPP

#include <cstdint>
#include <string>

namespace binarly::call {

/// A call's name: 13 characters of Crockford's base 32, as the service's own ids have it.
[[nodiscard]] inline std::string call_id(std::uint64_t bits) {
  constexpr char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string id(13, '0');
  for (auto digit = id.rbegin(); digit != id.rend(); ++digit, bits >>= 5U)
    *digit = digits[bits & 31U];
  return id;
}

}  // namespace binarly::call

#endif
