// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_GET_IMAGE_HPP
#define BINARLY_CLIENT_GET_IMAGE_HPP

#include "call/call.hpp"

#include <binarly/call_options.hpp>
#include <binarly/failure.hpp>
#include <binarly/image.hpp>

#include <optional>
#include <string_view>

namespace binarly::detail {

/// What is wrong with the arguments, if anything is.
[[nodiscard]] std::optional<failure> check_get_image(const image_ref& ref,
                                                     const call_options& options);

/// GET products/{product}/images/{image}, at a service below the prefix.
[[nodiscard]] call::operation get_image(std::string_view path_prefix, const image_ref& ref,
                                        const call_options& options);

/// The value of an answer to it.
[[nodiscard]] image& found_image(call::answer_decoder& decoder);

}  // namespace binarly::detail

#endif
