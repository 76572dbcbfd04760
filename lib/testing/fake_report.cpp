// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_report.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <utility>
#include <vector>
#include <zlib.h>

namespace binarly::testing {
namespace {

constexpr std::size_t piece_size = 16 * 1024;
constexpr int gzip_format = 16;

/// CycloneDX's name of an algorithm as SPDX has it.
std::string spdx_name(std::string_view name) {
  std::string out(name);
  std::erase(out, '-');
  return out;
}

void append_checksums(std::string& out, const std::vector<checksum>& all, sbom_format format) {
  const bool spdx = format == sbom_format::spdx;
  out += spdx ? R"("checksums":[)" : R"("hashes":[)";
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i != 0) out += ',';
    out += spdx ? R"({"algorithm":")" + spdx_name(all[i].algorithm) + R"(","checksumValue":")"
                : R"({"alg":")" + all[i].algorithm + R"(","content":")";
    out += all[i].value + R"("})";
  }
  out += ']';
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

void fake_report::begin_cyclonedx(std::string& out) const {
  const auto name = catalogue_.image_at(what_.number).ref.image_id();
  out += R"({"$schema":"http://cyclonedx.org/schema/bom-1.5.schema.json","bomFormat":"CycloneDX",)"
         R"("specVersion":"1.5","version":1,"metadata":{"tools":[{"name":"fake"}],"component":{)"
         R"("type":"firmware","bom-ref":"image","name":")";
  out += name + R"(",)";
  append_checksums(out, catalogue_.checksums_of(what_.number, ""), what_.format);
  out += R"(}},"components":[{"type":"file","name":"firmware.bin",)";
  append_checksums(out, catalogue_.checksums_of(what_.number, "firmware.bin"), what_.format);
  out += '}';
}

void fake_report::append_component(std::string& out, std::uint64_t index) const {
  const std::string name = component_name(index);
  // Every eighth one holds the next one; both are written at the holder's turn.
  if (index % 8 == 1) return;
  const auto checksums = catalogue_.checksums_of(what_.number, name);
  out += R"(,{"type":"library","bom-ref":"pkg:generic/)" + name + R"(@1.0",)";
  if (index % 2 == 0) {
    append_checksums(out, checksums, what_.format);
    out += R"(,"name":")" + name + '"';
  } else {
    out += R"("name":")" + name + R"(",)";
    append_checksums(out, checksums, what_.format);
  }
  out += R"(,"version":"1.0","licenses":[{"license":{"id":"MIT"}}])";
  if (index % 8 == 0 && index + 1 < what_.components) {
    const std::string inner = component_name(index + 1);
    out += R"(,"components":[{"type":"file","name":")" + inner + R"(",)";
    append_checksums(out, catalogue_.checksums_of(what_.number, inner), what_.format);
    out += "}]";
  }
  out += '}';
}

void fake_report::append_own_package(std::string& out) const {
  out += R"({"name":"the image","SPDXID":"SPDXRef-Image","downloadLocation":"NOASSERTION",)";
  append_checksums(out, catalogue_.checksums_of(what_.number, ""), what_.format);
  out += '}';
}

void fake_report::begin_spdx(std::string& out) const {
  out += R"({"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"a report",)"
         R"("creationInfo":{"creators":["Tool: fake"]},)";
  if (what_.number % 3 == 0) out += R"("documentDescribes":["SPDXRef-Image"],)";
  out += R"("files":[{"fileName":"./firmware.bin","SPDXID":"SPDXRef-File",)";
  append_checksums(out, catalogue_.checksums_of(what_.number, "firmware.bin"), what_.format);
  out += R"(}],"packages":[)";
  if (what_.number % 2 == 0) {
    append_own_package(out);
  } else {
    out += R"({"name":"tools","SPDXID":"SPDXRef-Tools"})";
  }
}

void fake_report::append_package(std::string& out, std::uint64_t index) const {
  const std::string name = component_name(index);
  const auto checksums = catalogue_.checksums_of(what_.number, name);
  out += R"(,{"SPDXID":"SPDXRef-)" + name + R"(","versionInfo":"1.0",)";
  if (index % 2 == 0) {
    append_checksums(out, checksums, what_.format);
    out += R"(,"name":")" + name + '"';
  } else {
    out += R"("name":")" + name + R"(",)";
    append_checksums(out, checksums, what_.format);
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
  // Where it stands first, it may go without saying.
  if (what_.number % 3 == 1 || (what_.number % 3 == 2 && last)) {
    out += R"({"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES",)"
           R"("relatedSpdxElement":"SPDXRef-Image"},)";
  }
  out += R"({"spdxElementId":"SPDXRef-File","relationshipType":"CONTAINED_BY",)"
         R"("relatedSpdxElement":"SPDXRef-Image"}]})";
}

namespace {

class gzip_source final : public byte_source {
 public:
  explicit gzip_source(std::unique_ptr<byte_source> plain) : plain_(std::move(plain)) {
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + gzip_format, MAX_MEM_LEVEL - 1,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~gzip_source() override { deflateEnd(&stream_); }
  gzip_source(const gzip_source&) = delete;
  gzip_source& operator=(const gzip_source&) = delete;

  bool next(std::string& out) override {
    const std::size_t before = out.size();
    while (!ended_ && out.size() == before) {
      piece_.clear();
      const bool more = plain_->next(piece_);
      stream_.next_in = reinterpret_cast<Bytef*>(piece_.data());
      stream_.avail_in = static_cast<uInt>(piece_.size());
      do {
        std::array<char, piece_size> room;
        stream_.next_out = reinterpret_cast<Bytef*>(room.data());
        stream_.avail_out = static_cast<uInt>(room.size());
        ended_ = deflate(&stream_, more ? Z_NO_FLUSH : Z_FINISH) == Z_STREAM_END;
        out.append(room.data(), room.size() - stream_.avail_out);
      } while (stream_.avail_out == 0);
    }
    return out.size() != before;
  }

 private:
  std::unique_ptr<byte_source> plain_;
  z_stream stream_{};
  std::string piece_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<byte_source> in_gzip(std::unique_ptr<byte_source> plain) {
  return std::make_unique<gzip_source>(std::move(plain));
}

std::string read_all(byte_source& from) {
  std::string all;
  while (from.next(all)) {
  }
  return all;
}

}  // namespace binarly::testing
