// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "bulk/checksum_findings.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
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

namespace {

/// Calls `take` with each checksum that is expected: the comparison, and how it would differ.
template <class F>
void check_each(const expectation& expected, const image_hashes& found, F take) {
  const auto check = [&](const char* field, const std::optional<std::string>& wanted) {
    if (!wanted) return;
    auto compared = found.check(field, *wanted);
    mismatch difference{field, *wanted, compared.found};
    take(compared, std::move(difference));
  };
  check("sha256", expected.sha256);
  check("sha1", expected.sha1);
  check("md5", expected.md5);
}

}  // namespace

std::vector<mismatch> compare(const expectation& expected, const image_hashes& found) {
  std::vector<mismatch> differences;
  check_each(expected, found, [&](const checksum_check& compared, mismatch difference) {
    if (compared.outcome != checksum_agreement::agrees)
      differences.push_back(std::move(difference));
  });
  return differences;
}

bulk::checksum_findings bulk::compare_checksums(const expectation& expected,
                                                const image_hashes& found) {
  checksum_findings out;
  check_each(expected, found, [&](const checksum_check& compared, mismatch difference) {
    if (!compared.note.empty()) out.notes.push_back(difference.field + ": " + compared.note);
    switch (compared.outcome) {
      case checksum_agreement::agrees:
        break;
      case checksum_agreement::differs:
        return out.differing.push_back(std::move(difference));
      case checksum_agreement::absent:
        return out.absent.push_back(std::move(difference));
      case checksum_agreement::untold:
        return out.untold.push_back(std::move(difference));
    }
  });
  return out;
}

}  // namespace binarly
