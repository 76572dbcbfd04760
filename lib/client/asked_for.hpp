// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_ASKED_FOR_HPP
#define BINARLY_CLIENT_ASKED_FOR_HPP

#include <binarly/failure.hpp>
#include <binarly/image.hpp>

#include <string_view>
#include <vector>

namespace binarly::detail {

/// Whether an answer is about the image that was asked for, by the resource name
/// `products/{product}/images/{image}`: a cache or a proxy that mixes answers up must not decide
/// about an upload. A failure (`errc::bad_response`) says what came.
///
/// An image must have the id, and the product as its parent, where it states one. A scan must not
/// name another image, or another product, as its parent.
[[nodiscard]] result<void> check_asked_for(const image& found, std::string_view resource);
[[nodiscard]] result<void> check_asked_for(const std::vector<scan>& found,
                                           std::string_view resource);

}  // namespace binarly::detail

#endif
