// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/sbom_members.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace binarly::domain {
namespace {

struct entry {
  std::string_view key;
  sbom_member which;
};

constexpr std::array<entry, 3> cyclonedx_document{{
    {"bomFormat", sbom_member::marker},
    {"metadata", sbom_member::metadata},
    {"components", sbom_member::components},
}};
constexpr std::array<entry, 1> cyclonedx_metadata{{{"component", sbom_member::image}}};
constexpr std::array<entry, 3> cyclonedx_component{{
    {"name", sbom_member::name},
    {"hashes", sbom_member::checksums},
    {"components", sbom_member::components},
}};
constexpr std::array<entry, 2> cyclonedx_hash{{
    {"alg", sbom_member::algorithm},
    {"content", sbom_member::value},
}};
constexpr std::array<entry, 5> spdx_document{{
    {"spdxVersion", sbom_member::marker},
    {"documentDescribes", sbom_member::described},
    {"packages", sbom_member::packages},
    {"files", sbom_member::files},
    {"relationships", sbom_member::relationships},
}};
constexpr std::array<entry, 3> spdx_package{{
    {"SPDXID", sbom_member::id},
    {"name", sbom_member::name},
    {"checksums", sbom_member::checksums},
}};
constexpr std::array<entry, 3> spdx_file{{
    {"SPDXID", sbom_member::id},
    {"fileName", sbom_member::name},
    {"checksums", sbom_member::checksums},
}};
constexpr std::array<entry, 2> spdx_checksum{{
    {"algorithm", sbom_member::algorithm},
    {"checksumValue", sbom_member::value},
}};
constexpr std::array<entry, 3> spdx_relationship{{
    {"spdxElementId", sbom_member::from},
    {"relationshipType", sbom_member::kind},
    {"relatedSpdxElement", sbom_member::to},
}};

std::span<const entry> members_of(sbom_format format, sbom_part where) noexcept {
  const bool spdx = format == sbom_format::spdx;
  switch (where) {
    case sbom_part::document:
      return spdx ? std::span<const entry>(spdx_document) : cyclonedx_document;
    case sbom_part::metadata:
      return cyclonedx_metadata;
    case sbom_part::image:
    case sbom_part::component:
      return cyclonedx_component;
    case sbom_part::package:
      return spdx_package;
    case sbom_part::file:
      return spdx_file;
    case sbom_part::one_checksum:
      return spdx ? std::span<const entry>(spdx_checksum) : cyclonedx_hash;
    case sbom_part::relationship:
      return spdx_relationship;
    case sbom_part::components:
    case sbom_part::packages:
    case sbom_part::files:
    case sbom_part::checksums:
    case sbom_part::relationships:
    case sbom_part::described:
      break;
  }
  return {};
}

}  // namespace

sbom_member find_sbom_member(sbom_format format, sbom_part where, std::string_view key) noexcept {
  for (const auto& each : members_of(format, where)) {
    if (each.key == key) return each.which;
  }
  return sbom_member::none;
}

std::string_view key_of(sbom_format format, sbom_part where, sbom_member which) noexcept {
  for (const auto& each : members_of(format, where)) {
    if (each.which == which) return each.key;
  }
  return {};
}

sbom_kind kind_of(sbom_member which) noexcept {
  switch (which) {
    case sbom_member::none:
      return sbom_kind::anything;
    case sbom_member::metadata:
    case sbom_member::image:
      return sbom_kind::object;
    case sbom_member::components:
    case sbom_member::packages:
    case sbom_member::files:
    case sbom_member::relationships:
    case sbom_member::described:
    case sbom_member::checksums:
      return sbom_kind::array;
    case sbom_member::marker:
    case sbom_member::name:
    case sbom_member::id:
    case sbom_member::algorithm:
    case sbom_member::value:
    case sbom_member::from:
    case sbom_member::kind:
    case sbom_member::to:
      break;
  }
  return sbom_kind::text;
}

sbom_part part_of(sbom_member which) noexcept {
  switch (which) {
    case sbom_member::metadata:
      return sbom_part::metadata;
    case sbom_member::image:
      return sbom_part::image;
    case sbom_member::components:
      return sbom_part::components;
    case sbom_member::packages:
      return sbom_part::packages;
    case sbom_member::files:
      return sbom_part::files;
    case sbom_member::relationships:
      return sbom_part::relationships;
    case sbom_member::described:
      return sbom_part::described;
    default:
      return sbom_part::checksums;
  }
}

sbom_part element_of(sbom_part array) noexcept {
  switch (array) {
    case sbom_part::components:
      return sbom_part::component;
    case sbom_part::packages:
      return sbom_part::package;
    case sbom_part::files:
      return sbom_part::file;
    case sbom_part::relationships:
      return sbom_part::relationship;
    default:
      return sbom_part::one_checksum;
  }
}

bool is_array(sbom_part which) noexcept {
  switch (which) {
    case sbom_part::components:
    case sbom_part::packages:
    case sbom_part::files:
    case sbom_part::checksums:
    case sbom_part::relationships:
    case sbom_part::described:
      return true;
    default:
      return false;
  }
}

}  // namespace binarly::domain
