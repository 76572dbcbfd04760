// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "tools/demo_manifest.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace binarly::tools {

namespace {

using testing::fake_image;
using testing::fake_scan;
using testing::fake_service;
using testing::fault;
using testing::misbehaviour;
using plant = demo_manifest::plant;

/// Long enough for every attempt that a lookup may make.
constexpr std::size_t lasting = 20;

template <fault Kind>
void once(fake_service& service, const fake_image& image) {
  service.script(image.ref, {misbehaviour(Kind)});
}

template <fault Kind>
void always(fake_service& service, const fake_image& image) {
  service.script(image.ref, std::vector(lasting, misbehaviour(Kind)));
}

void play(fake_service& service, const fake_image& image, std::vector<std::string> states) {
  service.set_scan(image.ref, fake_scan(std::move(states)));
}

void wait_for_scan(expectation& upload, const fake_image&) {
  upload.wait_for_scan = std::chrono::seconds(30);
}

void wait_for_scan_a_moment(expectation& upload, const fake_image&) {
  upload.wait_for_scan = std::chrono::milliseconds(300);
}

void expect_checksum(expectation& upload, const fake_image& image) { upload.sha256 = image.sha256; }

std::string in_small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

plant good(void (*prepare)(fake_service&, const fake_image&),
           void (*expect)(expectation&, const fake_image&) = nullptr) {
  plant made;
  made.prepare = prepare;
  made.expect = expect;
  return made;
}

plant bad(verdict truth, void (*prepare)(fake_service&, const fake_image&),
          void (*expect)(expectation&, const fake_image&) = nullptr) {
  plant made = good(prepare, expect);
  made.truth = truth;
  return made;
}

plant differing(std::string_view field, void (*prepare)(fake_service&, const fake_image&),
                void (*expect)(expectation&, const fake_image&)) {
  plant made = bad(verdict::mismatched, prepare, expect);
  made.field = field;
  return made;
}

plant failing(errc code, void (*prepare)(fake_service&, const fake_image&),
              void (*expect)(expectation&, const fake_image&) = nullptr) {
  plant made = bad(verdict::failed, prepare, expect);
  made.code = code;
  return made;
}

const std::array<plant, 21>& plants() {
  static const std::array<plant, 21> all{
      differing("version", nullptr,
                [](expectation& upload, const fake_image& image) {
                  upload.version = image.version + "-never-uploaded";
                }),
      bad(verdict::missing, nullptr,
          [](expectation& upload, const fake_image& image) {
            upload.ref = image_ref(image.ref.product_id(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
          }),
      bad(verdict::forbidden, once<fault::forbidden>),
      failing(errc::bad_response, once<fault::html_success>),
      // The platform did not say these; who did knows nothing of uploads.
      failing(errc::bad_response, always<fault::not_found_html>),
      failing(errc::bad_response, always<fault::not_found_text>),
      failing(errc::bad_response, always<fault::forbidden_json>),
      failing(errc::bad_response, always<fault::wrong_image>),
      failing(errc::bad_response, always<fault::wrong_parent>),
      failing(errc::unauthorized, always<fault::unauthorized>),
      // Scans that do not end well, do not end, or do not exist.
      differing(
          "scan",
          [](fake_service& service, const fake_image& image) {
            play(service, image, {"new", "running", "failed"});
          },
          wait_for_scan),
      failing(
          errc::not_ready,
          [](fake_service& service, const fake_image& image) {
            play(service, image, {"in_progress"});
          },
          wait_for_scan_a_moment),
      failing(
          errc::no_scan,
          [](fake_service& service, const fake_image& image) { play(service, image, {""}); },
          wait_for_scan),
      failing(
          errc::not_ready,
          [](fake_service& service, const fake_image& image) { play(service, image, {"running"}); },
          expect_checksum),
      // These look odd, and are good.
      good(
          [](fake_service& service, const fake_image& image) {
            play(service, image, {"new", "running", "done"});
          },
          [](expectation& upload, const fake_image& image) {
            wait_for_scan(upload, image);
            expect_checksum(upload, image);
          }),
      good(nullptr,
           [](expectation& upload, const fake_image& image) {
             upload.ref = image_ref(in_small_letters(image.ref.product_id()),
                                    in_small_letters(image.ref.image_id()));
           }),
      good(once<fault::gzip>),
      good(once<fault::byte_order_mark>),
      good(once<fault::zero_time>),
      good(once<fault::null_members>,
           [](expectation& upload, const fake_image&) { upload.version.reset(); }),
      good(once<fault::archived>),
  };
  return all;
}

}  // namespace

demo_manifest::demo_manifest(fake_service& service, std::uint64_t uploads)
    : service_(service), uploads_(uploads) {
  const auto& all = plants();
  for (std::size_t at = 0; at < all.size(); ++at) {
    const std::uint64_t row = 1 + (at + 1) * uploads / (all.size() + 1);
    if (row > uploads || !planted_.emplace(row, &all[at]).second) continue;
    if (all[at].prepare != nullptr) all[at].prepare(service, service.image_at(row - 1));
  }
}

std::optional<expectation> demo_manifest::next() {
  if (row_ == uploads_) return std::nullopt;
  const auto image = service_.image_at(row_++);
  std::optional<expectation> upload(std::in_place, image.ref);
  upload->name = image.name;
  upload->version = image.version;
  upload->tag = row_;
  const auto found = planted_.find(row_);
  if (found != planted_.end() && found->second->expect != nullptr) {
    found->second->expect(*upload, image);
  }
  return upload;
}

bool demo_manifest::is_as_planned(const verification& outcome) const {
  const auto found = planted_.find(outcome.expectation.tag);
  if (found == planted_.end()) return outcome.verdict == verdict::verified;
  const plant& planned = *found->second;
  if (outcome.verdict != planned.truth) return false;
  if (planned.truth == verdict::failed) return outcome.failure.code() == planned.code;
  return planned.truth != verdict::mismatched ||
         (outcome.mismatches.size() == 1 && outcome.mismatches[0].field == planned.field);
}

std::size_t demo_manifest::wrong() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      planted_, [](const auto& each) { return each.second->truth != verdict::verified; }));
}

}  // namespace binarly::tools
