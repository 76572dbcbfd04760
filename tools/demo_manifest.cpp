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

using testing::canned_answer;
using testing::early_report;
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

/// The report, and the image's checksums with it, are refused until the scan is done. It goes on
/// with each look, and some are lost on the way; so many are not.
template <early_report Refusal>
void refuse_early(fake_service& service, const fake_image& image) {
  std::vector<std::string> states(8, "running");
  states.emplace_back("done");
  fake_scan scan(std::move(states));
  scan.before = Refusal;
  service.set_scan(image.ref, std::move(scan));
}

/// The image as it is, and then this report, however often it is read.
void answer_with_report(fake_service& service, const fake_image& image, const std::string& report) {
  std::vector<misbehaviour> script(lasting,
                                   misbehaviour(canned_answer(200, "application/json", report)));
  script.front() = misbehaviour();
  service.script(image.ref, std::move(script));
}

std::string another_checksum(const fake_image& image) {
  std::string other = image.sha256;
  other.front() = other.front() == '0' ? '1' : '0';
  return other;
}

/// Of a package or a file in an SPDX report.
std::string stated(const std::string& sha256) {
  return R"({"algorithm":"SHA256","checksumValue":")" + sha256 + R"("})";
}

std::string package(const std::string& id, const std::string& checksums) {
  return R"({"SPDXID":")" + id + R"(","name":"firmware","checksums":[)" + checksums + "]}";
}

void describe_two(fake_service& service, const fake_image& image) {
  answer_with_report(
      service, image,
      R"({"spdxVersion":"SPDX-2.3","documentDescribes":["SPDXRef-A","SPDXRef-B"],"packages":[)" +
          package("SPDXRef-A", stated(image.sha256)) + ',' +
          package("SPDXRef-B", stated(another_checksum(image))) + "]}");
}

void state_two_values(fake_service& service, const fake_image& image) {
  answer_with_report(
      service, image,
      R"({"spdxVersion":"SPDX-2.3","packages":[)" +
          package("SPDXRef-A", stated(another_checksum(image)) + ',' + stated(image.sha256)) +
          "]}");
}

void wait_for_scan(expectation& upload, const fake_image&) {
  upload.wait_for_scan = std::chrono::seconds(30);
}

void wait_for_scan_a_moment(expectation& upload, const fake_image&) {
  upload.wait_for_scan = std::chrono::milliseconds(300);
}

void expect_checksum(expectation& upload, const fake_image& image) { upload.sha256 = image.sha256; }

void wait_for_checksum(expectation& upload, const fake_image& image) {
  expect_checksum(upload, image);
  upload.wait = std::chrono::seconds(30);
}

bool looked_again(const verification& outcome) { return outcome.looks > 1; }

template <errc Code>
bool tried_again(const verification& outcome) {
  return std::ranges::any_of(outcome.retried,
                             [](const attempt_record& each) { return each.code == Code; });
}

std::string in_small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

using preparation = void (*)(fake_service&, const fake_image&);
using wish = void (*)(expectation&, const fake_image&);
using condition = bool (*)(const verification&);

plant good(preparation prepare, wish expect = nullptr, condition also = nullptr) {
  plant made;
  made.prepare = prepare;
  made.expect = expect;
  made.also = also;
  return made;
}

plant bad(verdict truth, preparation prepare, wish expect = nullptr, condition also = nullptr) {
  plant made = good(prepare, expect, also);
  made.truth = truth;
  return made;
}

plant differing(std::string_view field, preparation prepare, wish expect,
                condition also = nullptr) {
  plant made = bad(verdict::mismatched, prepare, expect, also);
  made.field = field;
  return made;
}

plant failing(errc code, preparation prepare, wish expect = nullptr, condition also = nullptr) {
  plant made = bad(verdict::failed, prepare, expect, also);
  made.code = code;
  return made;
}

template <early_report Refusal>
plant refused_early() {
  return good(refuse_early<Refusal>, wait_for_checksum, looked_again);
}

template <early_report Trouble>
plant broken_early() {
  return good(refuse_early<Trouble>, wait_for_checksum, tried_again<errc::server_error>);
}

/// A mismatch is of one field, which was looked at before.
template <bool Stated>
bool is_stated(const verification& outcome) {
  return outcome.mismatches.front().found.empty() != Stated;
}

const std::array<plant, 34>& plants() {
  static const std::array<plant, 34> all{
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
      differing(
          "scan",
          [](fake_service& service, const fake_image& image) {
            play(service, image, {"running", "cancelled"});
          },
          wait_for_scan,
          [](const verification& outcome) {
            return outcome.mismatches.front().found == "cancelled";
          }),
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
      // Checksums: another one, none though the scan is done, and one of who knows what.
      differing(
          "sha256", nullptr,
          [](expectation& upload, const fake_image& image) {
            upload.sha256 = another_checksum(image);
          },
          is_stated<true>),
      differing(
          "sha256",
          [](fake_service& service, const fake_image& image) {
            play(service, image, {"done"});
            always<fault::no_checksums>(service, image);
          },
          expect_checksum, is_stated<false>),
      failing(errc::bad_response, describe_two, expect_checksum,
              [](const verification& outcome) {
                return outcome.failure.detail().reason.find("which thing is the image") !=
                       std::string::npos;
              }),
      // These look odd, and are good.
      good(state_two_values, expect_checksum,
           [](const verification& outcome) { return !outcome.notes.empty(); }),
      refused_early<early_report::status_202>(),
      refused_early<early_report::status_204>(),
      refused_early<early_report::status_400>(),
      refused_early<early_report::status_409>(),
      refused_early<early_report::status_422>(),
      broken_early<early_report::status_500>(),
      broken_early<early_report::status_502>(),
      good(once<fault::unauthorized>, nullptr, tried_again<errc::unauthorized>),
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
  if (planned.truth == verdict::failed && outcome.failure.code() != planned.code) return false;
  if (planned.truth == verdict::mismatched &&
      !(outcome.mismatches.size() == 1 && outcome.mismatches[0].field == planned.field)) {
    return false;
  }
  return planned.also == nullptr || planned.also(outcome);
}

std::size_t demo_manifest::wrong() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      planted_, [](const auto& each) { return each.second->truth != verdict::verified; }));
}

}  // namespace binarly::tools
