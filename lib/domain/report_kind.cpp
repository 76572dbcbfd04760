// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/report_kind.hpp"

namespace binarly::domain {

std::string_view kind_of_report(std::string_view beginning) noexcept {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (beginning.starts_with(byte_order_mark)) beginning.remove_prefix(byte_order_mark.size());
  const auto first = beginning.find_first_not_of(" \t\r\n");
  if (first == beginning.npos) return {};
  beginning.remove_prefix(first);
  const auto has = [beginning](std::string_view text) {
    return beginning.find(text) != beginning.npos;
  };
  // In JSON any text may stand in a string.
  if (beginning.front() == '{' || beginning.front() == '[') return {};
  if (beginning.starts_with("%PDF-")) return "a report in PDF";
  if (beginning.front() == '<') {
    if (has("cyclonedx.org/schema/bom")) return "a CycloneDX report in XML";
    if (has("spdx.org/rdf/")) return "an SPDX report in RDF/XML";
    return has("<SPDXID>") || has("<spdxVersion>") ? "an SPDX report in XML" : std::string_view();
  }
  // A tag may stand behind comments.
  if (has("SPDXVersion: SPDX-") || has("SPDXVersion:SPDX-")) {
    return "an SPDX report as tags and values";
  }
  if (has("spdxVersion: ") || has("SPDXID: ")) return "an SPDX report in YAML";
  return {};
}

}  // namespace binarly::domain
