// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CLIENT_GET_IMAGE_HPP
#define BINARLY_CLIENT_GET_IMAGE_HPP

#include "call/engine.hpp"

#include <binarly/call_options.hpp>
#include <binarly/failure.hpp>
#include <binarly/image.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>

namespace binarly::detail {

namespace asio = boost::asio;

/// What is wrong with the arguments, if anything is.
[[nodiscard]] std::optional<failure> check_get_image(const image_ref& ref,
                                                     const call_options& options);

/// GET products/{product}/images/{image}. On the engine's strand; the engine must outlive it.
asio::awaitable<result<image>> get_image(call::engine& engine, image_ref ref, call_options options);

}  // namespace binarly::detail

#endif
