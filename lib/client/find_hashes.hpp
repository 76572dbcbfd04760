// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_FIND_HASHES_HPP
#define BINARLY_CLIENT_FIND_HASHES_HPP

#include "call/call.hpp"

#include <binarly/call_options.hpp>
#include <binarly/client_options.hpp>
#include <binarly/failure.hpp>
#include <binarly/image.hpp>
#include <binarly/image_hashes.hpp>

#include <optional>
#include <string_view>

namespace binarly::detail {

/// What is wrong with the arguments, if anything is.
[[nodiscard]] std::optional<failure> check_find_hashes(const image_ref& ref,
                                                       const hash_query& query,
                                                       const call_options& options);

/// GET products/{product}/images/{image}/sbomReport:…, or …/scans/{scan}/components, at a service
/// below the prefix.
[[nodiscard]] call::operation find_hashes(std::string_view path_prefix, const image_ref& ref,
                                          hash_query query);

/// What holds for such a call in place of what holds for others.
void adjust_for_report(call::settings& how, const answer_limits& limits);

/// The value of an answer to it.
[[nodiscard]] image_hashes& found_hashes(call::answer_decoder& decoder);

}  // namespace binarly::detail

#endif
