// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/find_hashes.hpp"

#include "client/check_call.hpp"
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

/// What all attempts of a call look for.
struct search {
  std::shared_ptr<const hash_query> query;
  /// What the report describes, where a first reading has let it go.
  std::optional<std::string> subject;

  search() = default;
};

class hashes_decoder final : public call::answer_decoder {
 public:
  explicit hashes_decoder(const std::shared_ptr<const search>& what)
      : search_(what), reader_(what->query, what->subject) {}

  void write(std::string_view piece) override { ended_ = ended_ || !reader_.write(piece); }
  [[nodiscard]] bool has_enough() const noexcept override { return ended_; }

  result<void> finish() override {
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
  const std::shared_ptr<const search> search_;
  domain::sbom_reader reader_;
  bool ended_ = false;  // the reader cannot make anything of what follows
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

call::operation find_hashes(std::string_view path_prefix, const image_ref& ref, hash_query query) {
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
  what.make_decoder.context = wanted;
  what.make_decoder.make =
      [](const std::shared_ptr<const void>& context) -> std::unique_ptr<call::answer_decoder> {
    return std::make_unique<hashes_decoder>(std::static_pointer_cast<const search>(context));
  };
  return what;
}

void adjust_for_report(call::settings& how, const answer_limits& limits) {
  how.takes_gzip = true;
  how.answer_limit = limits.report;
  // How long a good one takes is a matter of its size; a stall has a bound of its own.
  how.attempt_timeout = how.deadline;
}

image_hashes& found_hashes(call::answer_decoder& decoder) {
  return static_cast<hashes_decoder&>(decoder).value();
}

}  // namespace binarly::detail
