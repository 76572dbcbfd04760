// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SBOM_MEMBERS_HPP
#define BINARLY_DOMAIN_SBOM_MEMBERS_HPP

#include <binarly/image_hashes.hpp>

#include <string_view>

namespace binarly::domain {

/// The objects and arrays of a report that checksums are found through.
enum class sbom_part : unsigned char {
  document,
  metadata,
  image,  ///< `metadata.component`
  components,
  component,
  packages,
  package,
  files,
  file,
  checksums,
  one_checksum,
  relationships,
  relationship,
  described,  ///< `documentDescribes`
};

/// Their members. A value stands for a bit of a mask.
enum class sbom_member : unsigned char {
  none,    ///< one that nobody asks for
  marker,  ///< `bomFormat`, `spdxVersion`
  metadata,
  image,
  components,
  packages,
  files,
  relationships,
  described,
  name,  ///< `fileName` of a file
  id,
  checksums,
  algorithm,
  value,
  from,
  kind,
  to,
};

/// What a member's value must be.
enum class sbom_kind : unsigned char { anything, text, object, array };

[[nodiscard]] sbom_member find_sbom_member(sbom_format format, sbom_part where,
                                           std::string_view key) noexcept;
/// Its key in the report.
[[nodiscard]] std::string_view key_of(sbom_format format, sbom_part where,
                                      sbom_member which) noexcept;
[[nodiscard]] sbom_kind kind_of(sbom_member which) noexcept;
/// What the member's object or array is, or the elements of an array.
[[nodiscard]] sbom_part part_of(sbom_member which) noexcept;
[[nodiscard]] sbom_part element_of(sbom_part array) noexcept;
[[nodiscard]] bool is_array(sbom_part which) noexcept;

}  // namespace binarly::domain

#endif
