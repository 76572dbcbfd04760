// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "testing/fake_components.hpp"

#include <cstddef>
#include <utility>

namespace binarly::testing {
namespace {

constexpr std::size_t piece_size = 16 * 1024;

std::string component_name(std::uint64_t index) { return "component-" + std::to_string(index); }

}  // namespace

bool fake_components::next(std::string& out) {
  if (ended_) return false;
  const std::size_t before = out.size();
  if (!std::exchange(begun_, true)) {
    out += '{';
    append_members(out, "", "/");
    out += R"(,"components":[{)";
    append_members(out, "firmware.bin", "/firmware.bin");
    out += '}';
  }
  for (; made_ < components_ && out.size() - before < piece_size; ++made_)
    append_component(out, made_);
  if (made_ < components_) return true;
  ended_ = true;
  out += "]}";
  return true;
}

void fake_components::append_members(std::string& out, std::string_view name,
                                     std::string_view path) const {
  out += R"("name":")";
  out += name.empty() ? catalogue_.image_at(number_).ref.image_id() : std::string(name);
  out += R"(","path":")";
  out += path;
  out += '"';
  if (checksums_ == checksums::absent) return;
  const auto all = catalogue_.checksums_of(number_, name);
  out += R"(,"md5":")" + all[2].value + R"(","sha1":")" + all[1].value + R"(","sha256":")" +
         all[0].value + '"';
}

void fake_components::append_component(std::string& out, std::uint64_t index) const {
  // As in a CycloneDX report, every eighth one holds the next one.
  if (index % 8 == 1) return;
  const std::string name = component_name(index);
  const std::string path = "/usr/lib/" + name;
  out += ",{";
  append_members(out, name, path);
  if (index % 8 == 0 && index + 1 < components_) {
    const std::string inner = component_name(index + 1);
    out += R"(,"components":[{)";
    append_members(out, inner, path + "/" + inner);
    out += R"(,"components":[]}])";
  }
  out += '}';
}

}  // namespace binarly::testing
