// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/get_image.hpp"

#include "domain/image_reader.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace binarly::detail {
namespace {

constexpr const char* operation_name = "get image";

class image_decoder final : public call::answer_decoder {
 public:
  void write(std::string_view piece) override { reader_.write(piece); }

  result<void> finish() override {
    auto read = reader_.finish();
    if (!read) return read.error();
    image_ = std::move(*read);
    return {};
  }

  [[nodiscard]] image take() { return std::move(image_); }

 private:
  domain::image_reader reader_;
  image image_;
};

}  // namespace

std::optional<failure> check_get_image(const image_ref& ref, const call_options& options) {
  failure_detail detail;
  detail.operation = operation_name;
  if (ref.empty()) {
    detail.reason = "the image reference is empty";
    return failure(std::move(detail));
  }
  if (options.deadline &&
      (options.deadline->count() <= 0 || *options.deadline > std::chrono::hours(24))) {
    detail.resource = ref.path();
    detail.reason = "the deadline must be positive, and at most 24 hours";
    return failure(std::move(detail));
  }
  return std::nullopt;
}

asio::awaitable<result<image>> get_image(call::engine& engine, image_ref ref,
                                         call_options options) {
  call::operation what;
  what.name = operation_name;
  what.resource = ref.path();
  what.target = engine.origin().path_prefix + "/api/v4/" + what.resource;
  if (options.with_counts) what.target += "?withCounts=true";
  what.make_decoder = [] { return std::make_unique<image_decoder>(); };

  auto how = engine.settings_for(options);
  auto answered = co_await call::perform(engine, std::move(what), std::move(how));
  if (!answered) co_return answered.error();
  co_return static_cast<image_decoder&>(**answered).take();
}

}  // namespace binarly::detail
