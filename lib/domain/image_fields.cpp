// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "domain/image_fields.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace binarly::domain {

namespace {

template <class T>
struct field {
  std::string_view key;
  target (*select)(T&);
  need needed = need::none;
};

template <auto Member, class T>
target into(T& object) {
  return &(object.*Member);
}

constexpr std::array<field<image>, 11> image_fields{{
    {"id", into<&image::id>, need::value},
    {"name", into<&image::name>},
    {"version", into<&image::version>},
    {"createTime", into<&image::create_time>},
    {"author", into<&image::author>},
    {"parent", into<&image::parent>},
    {"isArchived", into<&image::is_archived>},
    {"files", into<&image::files>},
    {"scans", into<&image::scans>},
    {"latestScan", into<&image::latest_scan>},
    {"counts", into<&image::counts>},
}};

constexpr std::array<field<scan_listing>, 1> listing_fields{{
    {"scans", into<&scan_listing::scans>, need::presence},
}};

constexpr std::array<field<author>, 6> author_fields{{
    {"userId", into<&author::user_id>},
    {"id", into<&author::id>},
    {"email", into<&author::email>},
    {"createTime", into<&author::create_time>},
    {"status", into<&author::status>},
    {"resourceType", into<&author::resource_type>},
}};

constexpr std::array<field<image_file>, 8> file_fields{{
    {"id", into<&image_file::id>},
    {"createTime", into<&image_file::create_time>},
    {"author", into<&image_file::author>},
    {"filename", into<&image_file::filename>},
    {"isAttachment", into<&image_file::is_attachment>},
    {"downloadUrl", into<&image_file::download_url>},
    {"parent", into<&image_file::parent>},
    {"metadata", [](image_file& file) -> target { return raw_object{&file.metadata}; }},
}};

constexpr std::array<field<scan>, 5> scan_fields{{
    {"id", into<&scan::id>},
    {"createTime", into<&scan::create_time>},
    {"author", into<&scan::author>},
    {"parent", into<&scan::parent>},
    {"latestScanState", into<&scan::latest_state>},
}};

constexpr std::array<field<scan_state>, 3> state_fields{{
    {"id", into<&scan_state::id>},
    {"type", into<&scan_state::type>},
    {"createTime", into<&scan_state::create_time>},
}};

constexpr std::array<field<image_counts>, 1> count_fields{{
    {"findingTypeCounts",
     [](image_counts& counts) -> target { return raw_array{&counts.finding_type_counts}; }},
}};

std::span<const field<image>> fields_of(const image*) { return image_fields; }
std::span<const field<scan_listing>> fields_of(const scan_listing*) { return listing_fields; }
std::span<const field<author>> fields_of(const author*) { return author_fields; }
std::span<const field<image_file>> fields_of(const image_file*) { return file_fields; }
std::span<const field<scan>> fields_of(const scan*) { return scan_fields; }
std::span<const field<scan_state>> fields_of(const scan_state*) { return state_fields; }
std::span<const field<image_counts>> fields_of(const image_counts*) { return count_fields; }
// The parser gives no key within an array.
template <class T>
std::span<const field<std::vector<T>>> fields_of(const std::vector<T>*) {
  return {};
}

/// Any other member of an object.
template <class T>
std::optional<member> other_member(T*, std::string_view) {
  return std::nullopt;
}
std::optional<member> other_member(image_counts* counts, std::string_view key) {
  return member{key, count{&counts->by_name}};
}

}  // namespace

std::optional<member> find_member(const container& object, std::string_view key) {
  return std::visit(
      [&](auto* held) -> std::optional<member> {
        const auto fields = fields_of(held);
        for (std::size_t i = 0; i < fields.size(); ++i) {
          if (fields[i].key == key) {
            return member{fields[i].key, fields[i].select(*held), std::uint32_t{1} << i,
                          fields[i].needed};
          }
        }
        return other_member(held, key);
      },
      object);
}

std::string_view missing_member(const container& object, std::uint32_t seen) {
  return std::visit(
      [&](auto* held) -> std::string_view {
        const auto fields = fields_of(held);
        for (std::size_t i = 0; i < fields.size(); ++i) {
          if (fields[i].needed != need::none && (seen >> i & 1u) == 0) return fields[i].key;
        }
        return {};
      },
      object);
}

scan_progress progress_of(std::string_view type) noexcept {
  constexpr std::array<std::pair<std::string_view, scan_progress>, 9> words{{
      {"new", scan_progress::pending},
      {"running", scan_progress::running},
      {"in_progress", scan_progress::running},
      {"done", scan_progress::done},
      {"completed", scan_progress::done},
      {"failed", scan_progress::failed},
      {"cancelled", scan_progress::cancelled},
      {"no_scans", scan_progress::no_scans},
      {"status_unavailable", scan_progress::unavailable},
  }};
  for (const auto& [word, progress] : words) {
    if (word == type) return progress;
  }
  return scan_progress::unknown;
}

}  // namespace binarly::domain
