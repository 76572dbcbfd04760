// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/find_hashes.hpp"

#include "client/check_call.hpp"
#include "domain/gunzip.hpp"
#include "domain/printable.hpp"
#include "domain/sbom_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace binarly::detail {
namespace {

constexpr auto kind = operation_kind::find_hashes;
constexpr std::size_t most_files = 1000;
constexpr std::size_t longest_name = 4 * 1024;
constexpr std::size_t longest_shown_coding = 32;

/// What all attempts of a call look for.
struct search {
  std::shared_ptr<const hash_query> query;
  std::size_t limit = 0;
  /// What the report describes, where a first reading has let it go.
  std::optional<std::string> subject;

  search() = default;
};

class hashes_decoder final : public call::answer_decoder {
 public:
  hashes_decoder(const std::shared_ptr<const search>& what, std::string_view coding)
      : search_(what), reader_(what->query, what->subject) {
    if (coding.empty()) return;
    if (domain::is_gzip(coding)) {
      coded_.emplace();
    } else {
      flaw_ = "its coding is \"" + domain::printable(coding, longest_shown_coding) +
              "\", where gzip was asked for";
    }
  }

  void write(std::string_view piece) override {
    if (ended_ || !flaw_.empty()) return;
    if (!coded_) {
      ended_ = !reader_.write(piece);
      return;
    }
    received_ += piece.size();
    const bool more = coded_->write(piece, [this](std::string_view part) { return take(part); });
    if (!more && !ended_ && flaw_.empty()) {
      flaw_ = "its gzip coding is broken before byte " + std::to_string(received_);
    }
  }

  result<void> finish() override {
    // What the reader stumbled over comes before what it was not given any more.
    if (flaw_.empty() && !ended_ && coded_ && !coded_->complete()) {
      flaw_ = "its gzip coding ends in the middle, at byte " + std::to_string(received_);
    }
    if (!flaw_.empty()) {
      failure_detail detail;
      detail.code = code_;
      detail.step = phase::decode;
      detail.reason = flaw_;
      return failure(std::move(detail));
    }
    if (auto why = reader_.end()) return std::move(*why);
    return {};
  }

  [[nodiscard]] std::shared_ptr<const void> again() const override {
    if (!reader_.let_go()) return nullptr;
    auto next = std::make_shared<search>(*search_);
    next->subject = reader_.let_go();
    return next;
  }

  [[nodiscard]] image_hashes& value() noexcept { return reader_.value(); }

 private:
  bool take(std::string_view part) {
    made_ += part.size();
    if (made_ > search_->limit) {
      code_ = errc::too_large;
      flaw_ = "its body is larger than " + std::to_string(search_->limit) +
              " bytes once its coding is undone";
      return false;
    }
    ended_ = !reader_.write(part);
    return !ended_;
  }

  const std::shared_ptr<const search> search_;
  domain::sbom_reader reader_;
  std::optional<domain::gunzip> coded_;
  std::size_t received_ = 0;
  std::size_t made_ = 0;
  bool ended_ = false;  // the reader cannot make anything of what follows
  std::string flaw_;
  errc code_ = errc::bad_response;
};

}  // namespace

std::optional<failure> check_find_hashes(const image_ref& ref, const hash_query& query,
                                         const call_options& options) {
  if (auto wrong = check_call(to_string(kind), ref, options)) return wrong;
  const auto refuse = [&ref](std::string reason) {
    return refuse_call(to_string(kind), ref.path(), std::move(reason));
  };
  if (query.format != sbom_format::cyclonedx && query.format != sbom_format::spdx) {
    return refuse("the query's format must be one of those that there are");
  }
  if (!query.scan_id.empty() && !image_ref::parse(ref.product_id(), query.scan_id)) {
    return refuse("the query's scan_id must have the form of an image's id");
  }
  if (query.files.size() > most_files) return refuse("the query's files must be at most 1000");
  const auto unusable = [](const std::string& name) {
    return name.empty() || name.size() > longest_name;
  };
  if (std::any_of(query.files.begin(), query.files.end(), unusable)) {
    return refuse("the query's files must have names of 1 byte to 4 KiB");
  }
  return std::nullopt;
}

call::operation find_hashes(std::string_view path_prefix, const image_ref& ref, hash_query query,
                            const answer_limits& limits) {
  constexpr std::string_view api = "/api/v4/";
  const std::string path = ref.path();
  call::operation what;
  what.kind = kind;
  what.name = to_string(kind);
  what.target.append(path_prefix).append(api).append(path);
  if (!query.scan_id.empty()) {
    // It was looked at before.
    const auto scan = image_ref::parse(ref.product_id(), query.scan_id);
    what.target.append("/scans/").append(scan ? scan->image_id() : "-").append("/components");
  } else {
    what.target.append(query.format == sbom_format::spdx
                           ? "/sbomReport:SPDX?contentType=json"
                           : "/sbomReport:cycloneDX?contentType=json");
  }
  what.resource_begin = path_prefix.size() + api.size();
  what.resource_size = path.size();
  const auto wanted = std::make_shared<search>();
  wanted->query = std::make_shared<const hash_query>(std::move(query));
  wanted->limit = limits.report;
  what.make_decoder.context = wanted;
  what.make_decoder.make = [](const std::shared_ptr<const void>& context,
                              std::string_view coding) -> std::unique_ptr<call::answer_decoder> {
    return std::make_unique<hashes_decoder>(std::static_pointer_cast<const search>(context),
                                            coding);
  };
  return what;
}

void adjust_for_report(call::settings& how, std::shared_ptr<const std::string> fields,
                       const answer_limits& limits) {
  std::string lines = "Accept-Encoding: gzip\r\n";
  if (fields) lines += *fields;
  how.more_fields = std::make_shared<const std::string>(std::move(lines));
  how.answer_limit = limits.report;
  // How long a good one takes is a matter of its size; a stall has a bound of its own.
  how.attempt_timeout = how.deadline;
}

image_hashes& found_hashes(call::answer_decoder& decoder) {
  return static_cast<hashes_decoder&>(decoder).value();
}

}  // namespace binarly::detail
