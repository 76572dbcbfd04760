// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/get_image.hpp"

#include "client/asked_for.hpp"
#include "client/check_call.hpp"
#include "domain/image_reader.hpp"

#include <memory>
#include <string>
#include <utility>

namespace binarly::detail {
namespace {

constexpr auto kind = operation_kind::get_image;

class image_decoder final : public call::answer_decoder {
 public:
  void write(std::string_view piece) override { reader_.write(piece); }

  result<void> finish() override {
    if (auto why = reader_.end()) return std::move(*why);
    return {};
  }

  result<void> check(std::string_view resource) override {
    return check_asked_for(value(), resource);
  }

  [[nodiscard]] image& value() noexcept { return reader_.value(); }

 private:
  domain::image_reader reader_;
};

}  // namespace

std::optional<failure> check_get_image(const image_ref& ref, const call_options& options) {
  return check_call(to_string(kind), ref, options);
}

call::operation get_image(std::string_view path_prefix, const image_ref& ref,
                          const call_options& options) {
  constexpr std::string_view api = "/api/v4/";
  const std::string path = ref.path();
  call::operation what;
  what.kind = kind;
  what.name = to_string(kind);
  what.target.reserve(path_prefix.size() + api.size() + path.size() + 16);
  what.target.append(path_prefix).append(api).append(path);
  if (options.with_counts) what.target.append("?withCounts=true");
  what.resource_begin = path_prefix.size() + api.size();
  what.resource_size = path.size();
  what.make_decoder.make = [](const auto&) -> std::unique_ptr<call::answer_decoder> {
    return std::make_unique<image_decoder>();
  };
  return what;
}

image& found_image(call::answer_decoder& decoder) {
  return static_cast<image_decoder&>(decoder).value();
}

}  // namespace binarly::detail
