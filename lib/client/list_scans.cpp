// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/list_scans.hpp"

#include "client/asked_for.hpp"
#include "client/check_call.hpp"
#include "domain/image_reader.hpp"

#include <memory>
#include <string>
#include <utility>

namespace binarly::detail {
namespace {

constexpr auto kind = operation_kind::list_scans;

class scans_decoder final : public call::answer_decoder {
 public:
  void write(std::string_view piece) override { reader_.write(piece); }

  result<void> finish() override {
    if (auto why = reader_.end()) return std::move(*why);
    return {};
  }

  result<void> check(std::string_view resource) override {
    return check_asked_for(value(), resource);
  }

  [[nodiscard]] std::vector<scan>& value() noexcept { return reader_.scans(); }

 private:
  domain::image_reader reader_ = domain::image_reader::of_scans();
};

}  // namespace

std::optional<failure> check_list_scans(const image_ref& ref, const call_options& options) {
  return check_call(to_string(kind), ref, options);
}

call::operation list_scans(std::string_view path_prefix, const image_ref& ref) {
  constexpr std::string_view api = "/api/v4/";
  const std::string path = ref.path();
  call::operation what;
  what.kind = kind;
  what.name = to_string(kind);
  what.target.append(path_prefix).append(api).append(path).append("/scans?status=true");
  what.resource_begin = path_prefix.size() + api.size();
  what.resource_size = path.size();
  what.make_decoder.make = [](const auto&) -> std::unique_ptr<call::answer_decoder> {
    return std::make_unique<scans_decoder>();
  };
  return what;
}

std::vector<scan>& found_scans(call::answer_decoder& decoder) {
  return static_cast<scans_decoder&>(decoder).value();
}

}  // namespace binarly::detail
