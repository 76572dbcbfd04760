// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include <binarly/image.hpp>

namespace binarly {

std::string_view to_string(scan_progress value) noexcept {
  switch (value) {
    case scan_progress::unknown:
      break;
    case scan_progress::pending:
      return "pending";
    case scan_progress::running:
      return "running";
    case scan_progress::done:
      return "done";
    case scan_progress::failed:
      return "failed";
    case scan_progress::cancelled:
      return "cancelled";
    case scan_progress::no_scans:
      return "no_scans";
    case scan_progress::unavailable:
      return "unavailable";
  }
  return "unknown";
}

}  // namespace binarly
