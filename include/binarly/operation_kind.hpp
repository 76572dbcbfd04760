// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_OPERATION_KIND_HPP
#define BINARLY_OPERATION_KIND_HPP

#include <cstddef>
#include <string_view>

namespace binarly {

/// What a call asks the service for. What is usual for one kind would be slow for another, so each
/// has an adaptive limit of its own.
enum class operation_kind {
  get_image,
  find_hashes,
  list_scans,
};

inline constexpr std::size_t operation_kinds = 3;

/// The kind in words, as in `failure_detail::operation`.
[[nodiscard]] constexpr std::string_view to_string(operation_kind kind) noexcept {
  switch (kind) {
    case operation_kind::get_image:
      return "get image";
    case operation_kind::find_hashes:
      return "find hashes";
    case operation_kind::list_scans:
      return "list scans";
  }
  return "unknown";
}

}  // namespace binarly

#endif
