// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_IMAGE_JSON_HPP
#define BINARLY_TOOLS_IMAGE_JSON_HPP

#include <binarly/image.hpp>

#include <string>

namespace binarly::tools {

/// The image as indented JSON under the platform's own names. What the service left out stays out.
[[nodiscard]] std::string image_json(const image& found);

}  // namespace binarly::tools

#endif
