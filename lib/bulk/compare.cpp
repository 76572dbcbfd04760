// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "bulk/checksum_findings.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace binarly {

std::string_view to_string(verdict value) noexcept {
  switch (value) {
    case verdict::verified:
      return "verified";
    case verdict::mismatched:
      return "mismatched";
    case verdict::missing:
      return "missing";
    case verdict::forbidden:
      return "forbidden";
    case verdict::failed:
      return "failed";
    case verdict::cancelled:
      return "cancelled";
  }
  return "unknown";
}

namespace {

bool is_known_as(const author& who, const std::string& name) {
  const std::array forms{&who.text, &who.email, &who.user_id, &who.id};
  return std::any_of(forms.begin(), forms.end(),
                     [&](const std::string* form) { return !form->empty() && *form == name; }) ||
         (name.empty() && who.display_name().empty());
}

}  // namespace

std::vector<mismatch> compare(const expectation& expected, const image& found) {
  std::vector<mismatch> differences;
  const auto agree = [&](const char* field, const std::string& wanted, const std::string& got) {
    if (wanted != got) differences.push_back({field, wanted, got});
  };
  if (!expected.ref.has_id(found.id)) {
    differences.push_back({"id", expected.ref.image_id(), found.id});
  }
  if (expected.parent) {
    if (!same_resource(*expected.parent, found.parent)) {
      differences.push_back({"parent", *expected.parent, found.parent});
    }
  } else if (!found.parent.empty() && !expected.ref.has_parent(found.parent)) {
    differences.push_back({"parent", "products/" + expected.ref.product_id(), found.parent});
  }
  if (expected.name) agree("name", *expected.name, found.name);
  if (expected.version) agree("version", *expected.version, found.version);
  if (expected.author && !is_known_as(found.author, *expected.author)) {
    differences.push_back({"author", *expected.author, std::string(found.author.display_name())});
  }
  const auto bound = [&](const char* word, const std::optional<time_bound>& when, bool kept) {
    if (when && !(found.create_time.known && kept)) {
      differences.push_back({"createTime", word + to_rfc3339(*when), found.create_time.text});
    }
  };
  const auto created = found.create_time.time;
  bound("not before ", expected.created_not_before, created >= expected.created_not_before);
  bound("not after ", expected.created_not_after, created <= expected.created_not_after);
  return differences;
}

std::vector<mismatch> compare(const expectation& expected, const image_hashes& found) {
  auto findings = bulk::compare_checksums(expected, found);
  auto all = std::move(findings.differing);
  for (auto* const more : {&findings.absent, &findings.untold})
    std::move(more->begin(), more->end(), std::back_inserter(all));
  return all;
}

bulk::checksum_findings bulk::compare_checksums(const expectation& expected,
                                                const image_hashes& found) {
  checksum_findings out;
  const auto agree = [&](const char* field, const std::optional<std::string>& wanted) {
    if (!wanted) return;
    auto compared = found.check(field, *wanted);
    mismatch difference{field, *wanted, std::move(compared.found)};
    switch (compared.outcome) {
      case checksum_agreement::agrees:
        break;
      case checksum_agreement::differs:
        out.differing.push_back(std::move(difference));
        break;
      case checksum_agreement::absent:
        out.absent.push_back(std::move(difference));
        break;
      case checksum_agreement::untold:
        out.untold.push_back(std::move(difference));
        break;
    }
    if (!compared.note.empty()) out.notes.push_back(field + std::string(": ") + compared.note);
  };
  agree("sha256", expected.sha256);
  agree("sha1", expected.sha1);
  agree("md5", expected.md5);
  return out;
}

}  // namespace binarly
