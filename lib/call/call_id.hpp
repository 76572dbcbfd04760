// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_CALL_ID_HPP
#define BINARLY_CALL_CALL_ID_HPP

#include <cstdint>
#include <string>

namespace binarly::call {

/// Appends a call's name: 13 characters of Crockford's base 32, as the service's own ids have it.
inline void append_call_id(std::string& text, std::uint64_t bits) {
  constexpr char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  for (int shift = 60; shift >= 0; shift -= 5)
    text += digits[(bits >> static_cast<unsigned>(shift)) & 31U];
}

[[nodiscard]] inline std::string call_id(std::uint64_t bits) {
  std::string id;
  append_call_id(id, bits);
  return id;
}

}  // namespace binarly::call

#endif
