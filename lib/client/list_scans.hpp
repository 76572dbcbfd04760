// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_LIST_SCANS_HPP
#define BINARLY_CLIENT_LIST_SCANS_HPP

#include "call/call.hpp"

#include <binarly/call_options.hpp>
#include <binarly/failure.hpp>
#include <binarly/image.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace binarly::detail {

/// What is wrong with the arguments, if anything is.
[[nodiscard]] std::optional<failure> check_list_scans(const image_ref& ref,
                                                      const call_options& options);

/// GET products/{product}/images/{image}/scans, at a service below the prefix.
[[nodiscard]] call::operation list_scans(std::string_view path_prefix, const image_ref& ref);

/// The value of an answer to it.
[[nodiscard]] std::vector<scan>& found_scans(call::answer_decoder& decoder);

}  // namespace binarly::detail

#endif
