// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_WIPE_HPP
#define BINARLY_DOMAIN_WIPE_HPP

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

namespace binarly::domain {

/// Overwrites what held a secret, even where the compiler sees that nobody reads it any more.
inline void wipe(char* bytes, std::size_t size) noexcept {
#if defined(__GNUC__)
  if (size > 0) std::memset(bytes, 0, size);
  // Seen from here the memory is read.
  __asm__ __volatile__("" : : "r"(bytes) : "memory");
#else
  volatile char* const seen = bytes;
  for (std::size_t i = 0; i < size; ++i)
    seen[i] = '\0';
#endif
}

/// Up to the capacity: a longer secret may have stood there before.
inline void wipe(std::string& text) noexcept { wipe(text.data(), text.capacity()); }

/// Overwrites what functions that have returned left behind on the stack: Boost.JSON's parser, for
/// one, puts texts there (4 KiB of them in 1.81).
[[gnu::noinline]] inline void wipe_stack_below() noexcept {
  std::array<char, std::size_t{16} * 1024> below;  // NOLINT(*-member-init): it is written here
  wipe(below.data(), below.size());
}

}  // namespace binarly::domain

#endif
