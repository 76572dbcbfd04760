// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_BULK_CHECKSUM_FINDINGS_HPP
#define BINARLY_BULK_CHECKSUM_FINDINGS_HPP

#include <binarly/verify_images.hpp>

#include <string>
#include <vector>

namespace binarly::bulk {

/// What a report says of the checksums that are expected; those that agree are in none of these.
struct checksum_findings {
  std::vector<mismatch> differing;
  std::vector<mismatch> absent;  ///< the report states none by these algorithms
  std::vector<mismatch> untold;  ///< it does not tell which ones are the image's
  std::vector<std::string> notes;
};

[[nodiscard]] checksum_findings compare_checksums(const expectation& expected,
                                                  const image_hashes& found);

}  // namespace binarly::bulk

#endif
