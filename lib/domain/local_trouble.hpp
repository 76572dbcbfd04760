// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_LOCAL_TROUBLE_HPP
#define BINARLY_DOMAIN_LOCAL_TROUBLE_HPP

#include <binarly/failure.hpp>

namespace binarly::domain {

/// What this machine, rather than the one that it talks to, is in want of.
struct local_trouble {
  const char* words;   ///< what is wrong
  const char* advice;  ///< what to do about it
};

/// Null where the system's code does not speak of this machine.
[[nodiscard]] const local_trouble* find_local_trouble(const error_code& cause) noexcept;

/// Why no file can be opened at the moment, if it is for a lack of descriptors; no error otherwise.
/// Tries it: the system's resolver does not tell what it failed of.
[[nodiscard]] error_code descriptor_shortage() noexcept;

}  // namespace binarly::domain

#endif
