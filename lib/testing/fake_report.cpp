// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_report.hpp"

#include <string>
#include <utility>
#include <vector>

namespace binarly::testing {
namespace {

constexpr std::size_t piece_size = 16 * 1024;

/// CycloneDX's name of an algorithm as SPDX has it.
std::string spdx_name(std::string_view name) {
  std::string out(name);
  std::erase(out, '-');
  return out;
}

std::string component_name(std::uint64_t index) { return "component-" + std::to_string(index); }

}  // namespace

bool fake_report::next(std::string& out) {
  if (ended_) return false;
  const bool spdx = what_.format == sbom_format::spdx;
  const std::size_t before = out.size();
  if (!std::exchange(begun_, true)) spdx ? begin_spdx(out) : begin_cyclonedx(out);
  const std::uint64_t last = what_.broken ? what_.components / 2 : what_.components;
  while (made_ < last && out.size() - before < piece_size) {
    spdx ? append_package(out, made_) : append_component(out, made_);
    ++made_;
  }
  if (made_ < last) return true;
  ended_ = true;
  if (what_.broken) {
    out += ',';
  } else if (spdx) {
    end_spdx(out);
  } else {
    out += "]}";
  }
  return true;
}

void fake_report::append_checksums(std::string& out, std::string_view file) const {
  const bool spdx = what_.format == sbom_format::spdx;
  if (!what_.checksums) {
    out += spdx ? R"("filesAnalyzed":false)" : R"("scope":"required")";
    return;
  }
  const auto all = catalogue_.checksums_of(what_.number, file);
  out += spdx ? R"("checksums":[)" : R"("hashes":[)";
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i != 0) out += ',';
    out += spdx ? R"({"algorithm":")" + spdx_name(all[i].algorithm) + R"(","checksumValue":")"
                : R"({"alg":")" + all[i].algorithm + R"(","content":")";
    out += all[i].value + R"("})";
  }
  out += ']';
}

void fake_report::begin_cyclonedx(std::string& out) const {
  const auto name = catalogue_.image_at(what_.number).ref.image_id();
  out += R"({"$schema":"http://cyclonedx.org/schema/bom-1.5.schema.json","bomFormat":"CycloneDX",)"
         R"("specVersion":"1.5","version":1,"metadata":{"tools":[{"name":"fake"}],"component":{)"
         R"("type":"firmware","bom-ref":"image","name":")";
  out += name + R"(",)";
  append_checksums(out, "");
  out += R"(}},"components":[{"type":"file","name":"firmware.bin",)";
  append_checksums(out, "firmware.bin");
  out += '}';
}

void fake_report::append_component(std::string& out, std::uint64_t index) const {
  const std::string name = component_name(index);
  // Every eighth one holds the next one; both are written at the holder's turn.
  if (index % 8 == 1) return;
  out += R"(,{"type":"library","bom-ref":"pkg:generic/)" + name + R"(@1.0",)";
  if (index % 2 == 0) {
    append_checksums(out, name);
    out += R"(,"name":")" + name + '"';
  } else {
    out += R"("name":")" + name + R"(",)";
    append_checksums(out, name);
  }
  out += R"(,"version":"1.0","licenses":[{"license":{"id":"MIT"}}])";
  if (index % 8 == 0 && index + 1 < what_.components) {
    const std::string inner = component_name(index + 1);
    out += R"(,"components":[{"type":"file","name":")" + inner + R"(",)";
    append_checksums(out, inner);
    out += "}]";
  }
  out += '}';
}

void fake_report::append_own_package(std::string& out) const {
  out += R"({"name":"the image","SPDXID":"SPDXRef-Image","downloadLocation":"NOASSERTION",)";
  append_checksums(out, "");
  out += '}';
}

void fake_report::begin_spdx(std::string& out) const {
  out += R"({"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"a report",)"
         R"("creationInfo":{"creators":["Tool: fake"]},)";
  if (what_.number % 3 == 0) out += R"("documentDescribes":["SPDXRef-Image"],)";
  out += R"("files":[{"fileName":"./firmware.bin","SPDXID":"SPDXRef-File",)";
  append_checksums(out, "firmware.bin");
  out += R"(}],"packages":[)";
  if (what_.number % 2 == 0) {
    append_own_package(out);
  } else {
    out += R"({"name":"tools","SPDXID":"SPDXRef-Tools"})";
  }
}

void fake_report::append_package(std::string& out, std::uint64_t index) const {
  const std::string name = component_name(index);
  out += R"(,{"SPDXID":"SPDXRef-)" + name + R"(","versionInfo":"1.0",)";
  if (index % 2 == 0) {
    append_checksums(out, name);
    out += R"(,"name":")" + name + '"';
  } else {
    out += R"("name":")" + name + R"(",)";
    append_checksums(out, name);
  }
  out += '}';
}

void fake_report::end_spdx(std::string& out) const {
  const bool last = what_.number % 2 != 0;
  if (last) {
    out += ',';
    append_own_package(out);
  }
  out += R"(],"relationships":[)";
  if (what_.number % 3 == 1) {
    out += R"({"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES",)"
           R"("relatedSpdxElement":"SPDXRef-Image"},)";
  } else if (what_.number % 3 == 2) {
    out += R"({"spdxElementId":"SPDXRef-Image","relationshipType":"DESCRIBED_BY",)"
           R"("relatedSpdxElement":"SPDXRef-DOCUMENT"},)";
  }
  out += R"({"spdxElementId":"SPDXRef-File","relationshipType":"CONTAINED_BY",)"
         R"("relatedSpdxElement":"SPDXRef-Image"}]})";
}

}  // namespace binarly::testing
