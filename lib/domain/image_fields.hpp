// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_IMAGE_FIELDS_HPP
#define BINARLY_DOMAIN_IMAGE_FIELDS_HPP

#include "domain/image_target.hpp"

#include <binarly/image.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace binarly::domain {

/// What an object must have of a member. The service is written in Go, which says null for a list
/// that is empty, and for much that is absent.
enum class need {
  none,      ///< it may be absent, or null
  presence,  ///< it may be null, but must be there
  value,     ///< neither
};

/// A known member of an object.
struct member {
  std::string_view key;  ///< lives for ever, but for a count, where it is what was given
  target to;
  std::uint32_t bit = 0;  ///< its own within its object; 0 for a count
  need needed = need::none;
};

/// The member of that name, if it is known.
[[nodiscard]] std::optional<member> find_member(const container& object, std::string_view key);

/// The key of the first member that must be there and whose bit is not in `seen`; empty when there
/// is none.
[[nodiscard]] std::string_view missing_member(const container& object, std::uint32_t seen);

/// What the service's word for a scan's state means.
[[nodiscard]] scan_progress progress_of(std::string_view type) noexcept;

}  // namespace binarly::domain

#endif
