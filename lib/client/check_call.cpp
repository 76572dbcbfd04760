// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "client/check_call.hpp"

#include "call/engine.hpp"
#include "client/call_fields.hpp"

#include <chrono>
#include <utility>

namespace binarly::detail {

failure refuse_call(std::string_view operation, std::string resource, std::string reason) {
  failure_detail detail;
  detail.operation = operation;
  detail.resource = std::move(resource);
  detail.reason = std::move(reason);
  return failure(std::move(detail));
}

std::optional<failure> check_call(std::string_view operation, const image_ref& ref,
                                  const call_options& options) {
  if (ref.empty()) return refuse_call(operation, "", "the image reference is empty");
  if (options.deadline &&
      (options.deadline->count() <= 0 || *options.deadline > std::chrono::hours(24))) {
    return refuse_call(operation, ref.path(),
                       "the deadline must be positive, and at most 24 hours");
  }
  if (auto wrong = check_call_fields(options)) {
    return refuse_call(operation, ref.path(), std::move(*wrong));
  }
  return std::nullopt;
}

std::optional<failure> check_process(std::string_view operation, const image_ref& ref,
                                     call::engine& engine) {
  if (!engine.in_child()) return std::nullopt;
  failure_detail detail;
  detail.code = errc::client_closed;
  detail.operation = operation;
  detail.resource = ref.path();
  detail.reason =
      "the client belongs to the process that this one was forked from; make one after the fork";
  return failure(std::move(detail));
}

}  // namespace binarly::detail
