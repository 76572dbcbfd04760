// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/sbom_members.hpp"

#include <array>
#include <span>

namespace binarly::domain {
namespace {

struct entry {
  std::string_view key;
  sbom_member which;
};

constexpr std::array<entry, 6> cyclonedx_document{{
    {"bomFormat", sbom_member::marker},
    {"metadata", sbom_member::metadata},
    {"components", sbom_member::components},
    {"spdxVersion", sbom_member::stranger},
    {"@context", sbom_member::context},
    {"$schema", sbom_member::context},
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
constexpr std::array<entry, 9> spdx_document{{
    {"spdxVersion", sbom_member::marker},
    {"SPDXID", sbom_member::id},
    {"documentDescribes", sbom_member::described},
    {"packages", sbom_member::packages},
    {"files", sbom_member::files},
    {"relationships", sbom_member::relationships},
    {"@context", sbom_member::context},
    {"@graph", sbom_member::graph},
    {"bomFormat", sbom_member::stranger},
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
constexpr std::array<entry, 5> spdx_checksum{{
    {"algorithm", sbom_member::algorithm},
    {"checksumValue", sbom_member::value},
    // Of SPDX 3.
    {"hashValue", sbom_member::value},
    {"type", sbom_member::type},
    {"@type", sbom_member::type},
}};
constexpr std::array<entry, 3> spdx_relationship{{
    {"spdxElementId", sbom_member::from},
    {"relationshipType", sbom_member::kind},
    {"relatedSpdxElement", sbom_member::to},
}};
constexpr std::array<entry, 10> spdx3_element{{
    {"type", sbom_member::type},
    {"spdxId", sbom_member::id},
    {"name", sbom_member::name},
    {"verifiedUsing", sbom_member::checksums},
    {"rootElement", sbom_member::roots},
    // Of a relationship.
    {"from", sbom_member::from},
    {"relationshipType", sbom_member::kind},
    {"to", sbom_member::targets},
    {"@type", sbom_member::type},
    {"@id", sbom_member::id},
}};
constexpr std::array<entry, 7> tree_component{{
    {"name", sbom_member::name},
    {"path", sbom_member::path},
    {"components", sbom_member::components},
    {"md5", sbom_member::md5},
    {"sha1", sbom_member::sha1},
    {"sha256", sbom_member::sha256},
    {"sha512", sbom_member::sha512},
}};

std::span<const entry> members_of(sbom_form form, sbom_part where) noexcept {
  const bool spdx = form == sbom_form::spdx;
  switch (where) {
    case sbom_part::document:
      return spdx ? std::span<const entry>(spdx_document) : cyclonedx_document;
    case sbom_part::metadata:
      return cyclonedx_metadata;
    case sbom_part::image:
    case sbom_part::component:
      return form == sbom_form::component_tree ? std::span<const entry>(tree_component)
                                               : cyclonedx_component;
    case sbom_part::package:
      return spdx_package;
    case sbom_part::file:
      return spdx_file;
    case sbom_part::one_checksum:
      return spdx ? std::span<const entry>(spdx_checksum) : cyclonedx_hash;
    case sbom_part::relationship:
      return spdx_relationship;
    case sbom_part::node:
      return spdx3_element;
    default:
      return {};
  }
}

}  // namespace

sbom_member find_sbom_member(sbom_form form, sbom_part where, std::string_view key) noexcept {
  for (const auto& each : members_of(form, where)) {
    if (each.key == key) return each.which;
  }
  return sbom_member::none;
}

std::string_view key_of(sbom_form form, sbom_part where, sbom_member which) noexcept {
  for (const auto& each : members_of(form, where)) {
    if (each.which == which) return each.key;
  }
  return {};
}

sbom_kind kind_of(sbom_part where, sbom_member which) noexcept {
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
    case sbom_member::graph:
      return sbom_kind::array;
    case sbom_member::checksums:
      // JSON-LD may write a list of one without brackets.
      return where == sbom_part::node ? sbom_kind::one_or_several : sbom_kind::array;
    case sbom_member::context:
    case sbom_member::roots:
    case sbom_member::targets:
      return sbom_kind::one_or_several;
    default:
      return sbom_kind::text;
  }
}

sbom_concern concern_of(sbom_part where, sbom_member which) noexcept {
  switch (which) {
    case sbom_member::marker:
      return sbom_concern::whole;
    case sbom_member::components:
    case sbom_member::packages:
    case sbom_member::files:
      return sbom_concern::files;
    case sbom_member::graph:
      return sbom_concern::everything;
    case sbom_member::metadata:
    case sbom_member::image:
    case sbom_member::described:
    case sbom_member::relationships:
    case sbom_member::roots:
      return sbom_concern::own;
    case sbom_member::id:
      return where == sbom_part::document ? sbom_concern::own : sbom_concern::element;
    case sbom_member::checksums:
    case sbom_member::md5:
    case sbom_member::sha1:
    case sbom_member::sha256:
    case sbom_member::sha512:
      return sbom_concern::element;
    case sbom_member::algorithm:
    case sbom_member::value:
      return sbom_concern::checksum;
    default:
      break;
  }
  switch (where) {
    case sbom_part::components:
    case sbom_part::packages:
    case sbom_part::files:
    case sbom_part::graph:
      return sbom_concern::files;
    case sbom_part::described:
    case sbom_part::roots:
      return sbom_concern::own;
    case sbom_part::checksums:
      return sbom_concern::element;
    default:
      return sbom_concern::nobody;
  }
}

sbom_kind kind_of_elements(sbom_part array) noexcept {
  switch (array) {
    case sbom_part::described:
      return sbom_kind::text;
    case sbom_part::contexts:
    case sbom_part::roots:
    case sbom_part::targets:
      return sbom_kind::text_or_object;
    default:
      return sbom_kind::object;
  }
}

sbom_part array_of(sbom_member which) noexcept {
  switch (which) {
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
    case sbom_member::checksums:
      return sbom_part::checksums;
    case sbom_member::context:
      return sbom_part::contexts;
    case sbom_member::graph:
      return sbom_part::graph;
    case sbom_member::roots:
      return sbom_part::roots;
    case sbom_member::targets:
      return sbom_part::targets;
    default:
      return sbom_part::nothing;
  }
}

sbom_part object_of(sbom_member which) noexcept {
  switch (which) {
    case sbom_member::metadata:
      return sbom_part::metadata;
    case sbom_member::image:
      return sbom_part::image;
    case sbom_member::checksums:
      return sbom_part::one_checksum;
    case sbom_member::roots:
      return sbom_part::node;
    default:
      return sbom_part::nothing;
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
    case sbom_part::checksums:
      return sbom_part::one_checksum;
    case sbom_part::graph:
    case sbom_part::roots:
      return sbom_part::node;
    default:
      return sbom_part::nothing;
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
    case sbom_part::contexts:
    case sbom_part::graph:
    case sbom_part::roots:
    case sbom_part::targets:
      return true;
    default:
      return false;
  }
}

bool is_element(sbom_part which) noexcept {
  switch (which) {
    case sbom_part::image:
    case sbom_part::component:
    case sbom_part::package:
    case sbom_part::file:
    case sbom_part::node:
      return true;
    default:
      return false;
  }
}

}  // namespace binarly::domain
