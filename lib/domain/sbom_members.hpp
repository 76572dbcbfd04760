// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DOMAIN_SBOM_MEMBERS_HPP
#define BINARLY_DOMAIN_SBOM_MEMBERS_HPP

#include <string_view>

namespace binarly::domain {

/// What is read. A report in SPDX may be one of 2.x or 3.0, which only its members tell.
enum class sbom_form : unsigned char { cyclonedx, spdx, component_tree };

/// The objects and arrays of a report that checksums are found through.
enum class sbom_part : unsigned char {
  nothing,  ///< of use
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
  contexts,   ///< `@context`
  graph,      ///< `@graph`
  node,       ///< an element of SPDX 3
  roots,      ///< `rootElement`
  targets,    ///< `to` of a relationship of SPDX 3
};

/// Their members. A value stands for a bit of a mask.
enum class sbom_member : unsigned char {
  none,      ///< one that nobody asks for
  marker,    ///< `bomFormat`, `spdxVersion`
  stranger,  ///< the marker of another format
  context,
  metadata,
  image,
  components,
  packages,
  files,
  relationships,
  described,
  graph,
  name,  ///< `fileName` of a file
  path,
  id,
  type,
  roots,
  targets,  ///< `to` of a relationship of SPDX 3
  checksums,
  algorithm,
  value,
  from,
  kind,
  to,
  md5,
  sha1,
  sha256,
  sha512,
};

/// What a member's value must be.
enum class sbom_kind : unsigned char {
  anything,
  text,
  object,
  array,
  text_or_object,
  one_or_several,  ///< a text, an object, or an array of these
};

/// Whom it concerns that a value is not what it must be.
enum class sbom_concern : unsigned char {
  nobody,
  whole,       ///< it is no report
  own,         ///< which thing is the image
  files,       ///< some cannot be looked through
  everything,  ///< both
  element,     ///< the component, package or file that is open
  checksum,    ///< the one that is open
};

[[nodiscard]] sbom_member find_sbom_member(sbom_form form, sbom_part where,
                                           std::string_view key) noexcept;
/// Its key in the report.
[[nodiscard]] std::string_view key_of(sbom_form form, sbom_part where, sbom_member which) noexcept;
[[nodiscard]] sbom_kind kind_of(sbom_part where, sbom_member which) noexcept;
/// Of the member's value, or of an element of the array.
[[nodiscard]] sbom_concern concern_of(sbom_part where, sbom_member which) noexcept;
/// Of an array's elements.
[[nodiscard]] sbom_kind kind_of_elements(sbom_part array) noexcept;
/// What the member's array is.
[[nodiscard]] sbom_part array_of(sbom_member which) noexcept;
/// What the member's object is.
[[nodiscard]] sbom_part object_of(sbom_member which) noexcept;
/// What an object in the array is.
[[nodiscard]] sbom_part element_of(sbom_part array) noexcept;
[[nodiscard]] bool is_array(sbom_part which) noexcept;
/// Whether it is a thing that has checksums.
[[nodiscard]] bool is_element(sbom_part which) noexcept;

}  // namespace binarly::domain

#endif
