// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_IMAGE_HASHES_HPP
#define BINARLY_IMAGE_HASHES_HPP

#include <binarly/detail/config.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace binarly {

/// A checksum as a report states it.
struct checksum {
  /// As CycloneDX writes it, whatever the report's format: `SHA-256`, `SHA-1`, `MD5`, `SHA3-256`,
  /// `BLAKE2b-256`. One that this library does not know, in the report's letters and upper case.
  std::string algorithm;
  std::string
      value;  ///< hexadecimal digits in lower case; of the algorithm's length, if it has one
};

/// The checksums of a file that was asked for.
struct file_hashes {
  std::string name;  ///< as it was asked for
  std::vector<checksum> checksums;
};

/// The formats of report that the service writes; both are read as JSON.
enum class sbom_format {
  cyclonedx,  ///< CycloneDX, 1.2 and later
  spdx,       ///< SPDX 2.2 and 2.3
};

/// Which checksums of an image are wanted.
struct hash_query {
  /// The report to look in.
  sbom_format format = sbom_format::cyclonedx;
  /// Files whose checksums are wanted beside the image's own, by the name that the report has them
  /// under: of a component in CycloneDX, however deep it is nested; of a file (a leading `./` in
  /// the report does not count) or a package in SPDX. At most 1,000 names, each of 1 byte to 4 KiB.
  std::vector<std::string> files;

  hash_query() = default;
};

/// The checksums of an image, out of its SBOM report. No algorithm stands twice in one list.
struct image_hashes {
  /// Of the image itself: of `metadata.component` in CycloneDX; in SPDX of what the document
  /// describes, or of its first package when it does not say what that is. Empty when the report
  /// states none.
  std::vector<checksum> own;
  /// Of the files that were asked for, in the report's order. A name that the report does not hold
  /// is absent, one that it holds several times is here as often; 10,000 entries at most, or the
  /// lookup fails with `errc::too_large`.
  std::vector<file_hashes> files;

  /// The image's own checksum by this algorithm, in letters of any case and with hyphens or
  /// without; null when there is none. Valid as long as `own` is not changed.
  [[nodiscard]] BINARLY_IMAGES_DECL const std::string* find(
      std::string_view algorithm) const noexcept;
};

/// Whether two texts are the same algorithm's name, whatever the case of the letters and wherever
/// there are hyphens.
[[nodiscard]] BINARLY_IMAGES_DECL bool same_algorithm(std::string_view left,
                                                      std::string_view right) noexcept;

/// Whether two checksums in hexadecimal digits are the same, whatever the case of the letters.
[[nodiscard]] BINARLY_IMAGES_DECL bool same_checksum(std::string_view left,
                                                     std::string_view right) noexcept;

}  // namespace binarly

#endif
