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

/// Why a checksum cannot be told, though the report has something to say of it.
struct checksum_flaw {
  /// Whose value is meant, as in `checksum::algorithm`; empty where it may be any or all of them.
  std::string algorithm;
  std::string reason;  ///< in words, with the place in the report
};

/// The checksums of a file that was asked for.
struct file_hashes {
  std::string name;  ///< as it was asked for
  std::string path;  ///< where it is in the image; empty where that is not told, as in reports
  /// Every value that is stated: two of one algorithm are both here, in the report's order.
  std::vector<checksum> checksums;
  std::vector<checksum_flaw> flaws;  ///< what else stands there, and cannot be used
};

/// The formats of report that the service writes; both are read as JSON.
enum class sbom_format {
  cyclonedx,  ///< CycloneDX, 1.2 to 1.7
  spdx,       ///< SPDX 2.2 and 2.3, and 3.0 as JSON-LD
};

/// Which checksums of an image are wanted.
struct hash_query {
  /// The report to look in.
  sbom_format format = sbom_format::cyclonedx;
  /// Files whose checksums are wanted beside the image's own, by the name that the report has them
  /// under: of a component in CycloneDX, however deep it is nested; of a file (a leading `./` in
  /// the report does not count) or a package in SPDX. At most 1,000 names, each of 1 byte to 4 KiB.
  std::vector<std::string> files;
  /// Unless it is empty, no report is read, but the component tree of this scan of the image, which
  /// takes the permission `products.view` alone. A file is found there by its name or by its full
  /// path (a leading `/` or `./` in the tree does not count). The tree has no checksum of the image
  /// itself. An id has the same form as an image's.
  std::string scan_id;

  hash_query() = default;
};

/// How an expected checksum of an image compares with its report.
enum class checksum_agreement {
  agrees,   ///< it is stated
  differs,  ///< the report states another value
  absent,   ///< the report states the image's checksums, and none by this algorithm
  untold,   ///< the report does not tell which thing is the image, or its value cannot be used
};

/// The outcome of `image_hashes::check`.
struct checksum_check {
  checksum_agreement outcome = checksum_agreement::absent;
  std::string found;  ///< the values that the report states, joined by ", "
  /// In words: for `untold`, why; for `agrees`, empty unless several values are stated.
  std::string note;
};

/// The checksums of an image, out of its SBOM report.
///
/// What nobody asked for cannot spoil what was asked for: a checksum that cannot be used is told of
/// where it is the image's own or that of a file that was asked for, and passed over elsewhere.
struct image_hashes {
  /// Of the image itself: of `metadata.component` in CycloneDX; in SPDX of what the document
  /// describes (in 3.0 its root element, or that of the SBOM in it), or of the only package when it
  /// does not say what that is. Empty when the report states none. Two values of one algorithm are
  /// both here, in the report's order.
  std::vector<checksum> own;
  /// What stands there for the image itself and cannot be used, or why it is not said which thing
  /// is the image: never a guess.
  std::vector<checksum_flaw> own_flaws;
  /// Of the files that were asked for, in the report's order. A name that the report does not hold
  /// is absent, one that it holds several times is here as often; 10,000 entries at most, or the
  /// lookup fails with `errc::too_large`.
  std::vector<file_hashes> files;
  /// What could not be looked through for files, in words; empty when all of it was. A file that
  /// was not found may be in there.
  std::string unread;

  /// The image's own checksum by this algorithm, in letters of any case and with hyphens or
  /// without; the first when there are several, null when there is none. Valid as long as `own` is
  /// not changed.
  [[nodiscard]] BINARLY_IMAGES_DECL const std::string* find(
      std::string_view algorithm) const noexcept;

  /// Compares the image's own checksum by this algorithm with the one that is expected. It agrees
  /// with any of several values, and the note says so.
  [[nodiscard]] BINARLY_IMAGES_DECL checksum_check check(std::string_view algorithm,
                                                         std::string_view expected) const;
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
