// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#include "bulk/verification_run.hpp"

#include <binarly/verify_images.hpp>

#include <chrono>
#include <utility>

namespace binarly::detail {
namespace {

const char* trouble_with(const verify_options& options) noexcept {
  if (options.window < 1 || options.window > 1'000'000) return "window must be from 1 to 1000000";
  if (options.max_parked < 1 || options.max_parked > 10'000'000) {
    return "max_parked must be from 1 to 10000000";
  }
  if (options.scan_grace.count() < 0 || options.scan_grace > std::chrono::hours(7 * 24)) {
    return "scan_grace must be from 0 to 7 days";
  }
  if (options.give_up_after > 1'000'000) return "give_up_after must be at most 1000000";
  return nullptr;
}

}  // namespace

void start_verify_images(asio::any_io_executor executor, client service, verification_source source,
                         verification_sink sink, verify_options options,
                         verify_images_handler handler) {
  if (!service.get_executor()) return;  // its context has ended, and no lookup would
  const char* const trouble = trouble_with(options);
  const auto run = std::make_shared<bulk::verification_run>(executor, std::move(service),
                                                            std::move(source), std::move(sink),
                                                            std::move(options), std::move(handler));
  if (trouble != nullptr) return run->refuse(failure(errc::invalid_argument, trouble));
  run->start();
}

}  // namespace binarly::detail
